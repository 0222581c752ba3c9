"""What people who sell set out to do and have done: tasks, calls, meetings, mails, visits (SA-8)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from sales.pipelines.domain import ActivityKind

LONGEST_MINUTES = 7 * 24 * 60


class ActivityState(StrEnum):
    """Whether it is still to be done."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ActivityDetails:
    """Everything about an activity that somebody may enter before it is done."""

    kind: ActivityKind = ActivityKind.TASK
    subject: str = ""
    description: str = ""
    owner_id: UUID | None = None
    due_at: datetime | None = None
    remind_at: datetime | None = None
    opportunity_id: UUID | None = None
    lead_id: UUID | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: a word such as `reached`, a note, and how long it took."""

    outcome: str = ""
    note: str = ""
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The step of a playbook that has put it in place, on which entry into a stage."""

    playbook_id: UUID
    step: str
    entry: int


@dataclass(frozen=True, slots=True)
class ActivityPlanned(Fact):
    """Somebody is to do something."""

    activity_id: UUID
    details: ActivityDetails
    playbook_id: UUID | None


@dataclass(frozen=True, slots=True)
class ActivityChanged(Fact):
    """Something about it is different."""

    activity_id: UUID
    details: ActivityDetails
    before: ActivityDetails
    changed_fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActivityCompleted(Fact):
    """It was done."""

    activity_id: UUID
    details: ActivityDetails
    result: Result
    at: datetime


@dataclass(frozen=True, slots=True)
class ActivityCancelled(Fact):
    """It will not be done."""

    activity_id: UUID
    details: ActivityDetails


@dataclass(frozen=True, slots=True)
class ActivityReminderReached(Fact):
    """It is time to think of it."""

    activity_id: UUID
    details: ActivityDetails


@dataclass(kw_only=True)
class Activity(Aggregate):
    """Something that a person who sells does."""

    details: ActivityDetails
    state: ActivityState
    created_at: datetime
    updated_at: datetime
    origin: Origin | None = None
    result: Result | None = None
    completed_at: datetime | None = None
    completed_by: str | None = None
    reminded_at: datetime | None = None

    def plan(self) -> None:
        """Say that it is to be done. Raises `Invalid` for one without a subject."""
        require_sound(self.details)
        playbook_id = None if self.origin is None else self.origin.playbook_id
        self.record(ActivityPlanned(self.id, self.details, playbook_id))

    def change(self, details: ActivityDetails, now: datetime) -> None:
        """Take over `details`; nothing happens when nothing differs.

        Raises `Invalid`, `Conflict` for one that is done or cancelled.
        """
        self._require_open()
        require_sound(details)
        names = [one.name for one in fields(ActivityDetails)]
        changed = [n for n in names if getattr(details, n) != getattr(self.details, n)]
        if not changed:
            return
        before, self.details, self.updated_at = self.details, details, now
        if "remind_at" in changed:
            self.reminded_at = None
        self.record(ActivityChanged(self.id, details, before, tuple(sorted(changed))))

    def complete(self, result: Result, at: datetime, now: datetime, actor: str) -> None:
        """Have it done, now or before. Raises `Invalid` for later, `Conflict` unless it is open."""
        self._require_open()
        if at > now:
            raise Invalid.at("/completed_at", "in_future", "It cannot be later than now.")
        self.state, self.result, self.updated_at = ActivityState.DONE, result, now
        self.completed_at, self.completed_by = at, actor
        self.record(ActivityCompleted(self.id, self.details, result, at))

    def cancel(self, now: datetime) -> None:
        """Have it not done; a second time is no error. Raises `Conflict` for one that is done."""
        if self.state is ActivityState.CANCELLED:
            return
        self._require_open()
        self.state, self.updated_at = ActivityState.CANCELLED, now
        self.record(ActivityCancelled(self.id, self.details))

    def remind(self, at: datetime, now: datetime) -> None:
        """Tell that it is time, if it is still to be done and the reminder is still the one."""
        if self.state is not ActivityState.OPEN or self.details.remind_at != at:
            return
        if self.reminded_at is None:
            self.reminded_at = now
            self.record(ActivityReminderReached(self.id, self.details))

    def _require_open(self) -> None:
        if self.state is not ActivityState.OPEN:
            message = f"The activity is {self.state}; it stays as it is."
            raise Conflict(message, code="activity_closed")


def require_sound(details: ActivityDetails) -> None:
    """Check that it can be done. Raises `Invalid`."""
    if not details.subject.strip():
        raise Invalid.at("/subject", "subject_missing", "A subject is needed.")
    if details.opportunity_id is not None and details.lead_id is not None:
        message = "An activity is about a lead or an opportunity, not both."
        raise Invalid.at("/lead_id", "lead_and_opportunity", message)
