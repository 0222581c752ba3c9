"""The clocks that run on a ticket: which targets they measure, and when one warns, breaks or is met (DE-3).

All follows from the ticket's history and the policy that holds for it. A deadline is kept by what
comes before it: at the very instant it is broken. A clock that broke stays so, whatever is changed
later, and each fact is told once for a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Unpublished
from desk.business_hours.domain import Hours
from desk.clock_courses.domain import Allowance, Course, Past, courses_of, later
from desk.service_levels.domain import Target, Terms
from desk.ticket_facts.domain import Priority, Status, TicketHeader, TicketType

Policy = tuple[UUID, Terms]
"""A policy with its id."""
ClockKey = tuple[Target, int]
"""Which clock of a ticket: its target, and its round."""


class ClockState(StrEnum):
    """How a clock stands: `untimed` is one whose target has no deadline now."""

    RUNNING = "running"
    PAUSED = "paused"
    UNTIMED = "untimed"
    MET = "met"
    VOID = "void"


OPEN_STATES = frozenset((ClockState.RUNNING, ClockState.PAUSED, ClockState.UNTIMED))


@dataclass(frozen=True, slots=True)
class ServiceLevelWarned(Fact):
    """A deadline draws near."""

    ticket: TicketHeader
    clock: ClockFacts


@dataclass(frozen=True, slots=True)
class ServiceLevelBreached(Fact):
    """A deadline has passed."""

    ticket: TicketHeader
    clock: ClockFacts


@dataclass(frozen=True, slots=True)
class ServiceLevelMet(Fact):
    """What was to be done by a deadline is done."""

    ticket: TicketHeader
    clock: ClockFacts


@dataclass(frozen=True, slots=True)
class ClockWasSet(Unpublished):
    """A clock runs otherwise, which its ticket's own facts tell."""


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What is told of a clock: `at` is when it warned, broke or was met."""

    clock_id: UUID
    target: Target
    service_level_id: UUID
    due_at: datetime
    at: datetime
    late: bool = False


@dataclass(kw_only=True)
class Clock(Aggregate):
    """One target of a ticket, with its deadline as it stands.

    `due_at` is unknown while it stands still; for one that broke it is what it broke. `counted` are
    the ticket's traits as they were when it was still open, by which attainment is counted.
    `set_anew_at` is when it last got the grace because its deadline would have been past.
    """

    ticket_id: UUID
    target: Target
    round: int
    started_at: datetime
    state: ClockState = ClockState.UNTIMED
    service_level_id: UUID | None = None
    whole: timedelta | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    paused_at: datetime | None = None
    set_anew_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    met_at: datetime | None = None
    met_told: bool = False
    type: TicketType
    priority: Priority
    queue_id: UUID | None = None
    assignee_id: UUID | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done for it."""
        return self.state in OPEN_STATES

    @property
    def settled_at(self) -> datetime | None:
        """When it was known whether it is kept: when it broke, or was met."""
        return self.breached_at or self.met_at

    @property
    def next_at(self) -> datetime | None:
        """When it warns or breaks next; None while it does neither."""
        if not self.is_open or self.breached_at is not None or self.due_at is None:
            return None
        if self.warned_at is None and self.warn_at is not None:
            return min(self.warn_at, self.due_at)
        return self.due_at

    def pass_time(self, ticket: TicketHeader, now: datetime) -> bool:
        """Warn or break if the time for it has come; tells whether it broke. Neither happens twice."""
        if not self.is_open or self.breached_at is not None or self.due_at is None:
            return False
        if now >= self.due_at:
            self.breached_at = self.due_at
            self.record(ServiceLevelBreached(ticket, self._told(self.due_at)))
            return True
        if self.warned_at is None and self.warn_at is not None and now >= self.warn_at:
            self.warned_at = self.warn_at
            self.record(ServiceLevelWarned(ticket, self._told(self.warn_at)))
        return False

    def count_for(self, ticket: TicketHeader) -> None:
        """Have it count for whoever has the ticket now, and for what the ticket is."""
        now = (ticket.type, ticket.priority, ticket.queue_id, ticket.assignee_id)
        if self.is_open and now != (self.type, self.priority, self.queue_id, self.assignee_id):
            self.type, self.priority, self.queue_id, self.assignee_id = now
            self.record(ClockWasSet())

    def set(self, setting: Setting, ticket: TicketHeader, now: datetime) -> None:
        """Run as the history and the policy have it by now; what it should have warned of, it does now."""
        before = self._standing
        self.state, self.paused_at = setting.state, setting.course.paused_at
        self.met_at = setting.course.ended_at if self.state is ClockState.MET else None
        if self.breached_at is None and self.is_open:
            self.service_level_id, self.whole = setting.service_level_id, setting.whole
            self.due_at, self.set_anew_at = setting.due_at, setting.set_anew_at
            if self.warned_at is None:
                warn_at = setting.warn_at
                self.warn_at = None if warn_at is None else max(warn_at, now)
        if self._standing != before:
            self.record(ClockWasSet())
        if self.met_at is not None and self.service_level_id is not None and not self.met_told:
            self.met_told = True
            self.record(ServiceLevelMet(ticket, self._told(self.met_at)))

    @property
    def _standing(self) -> tuple[object, ...]:
        return (
            self.state,
            self.paused_at,
            self.met_at,
            self.service_level_id,
            self.whole,
            self.due_at,
            self.warn_at,
            self.set_anew_at,
        )

    def _told(self, at: datetime) -> ClockFacts:
        if self.service_level_id is None:
            raise ValueError("a clock without a policy has no deadline")
        return ClockFacts(
            clock_id=self.id,
            target=self.target,
            service_level_id=self.service_level_id,
            due_at=self.due_at or at,
            at=at,
            late=self.breached_at is not None,
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """How a clock has to run."""

    course: Course
    state: ClockState
    service_level_id: UUID | None = None
    whole: timedelta | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    set_anew_at: datetime | None = None


def setting_of(
    course: Course,
    policy: Policy | None,
    hours: Hours,
    priority: Priority,
    now: datetime,
    *,
    set_anew_at: datetime | None,
) -> Setting:
    """How a clock has to run by its course and by the policy that holds for its ticket.

    A deadline that would be past already, since the policy or the priority is another one, is set
    anew: the grace begins now. `set_anew_at` is when that was the last time.
    """
    whole = None if policy is None else policy[1].time_for(course.target, priority)
    if course.is_over:
        return Setting(course, ClockState.VOID if course.void else ClockState.MET)
    if policy is None or whole is None:
        return Setting(course, ClockState.UNTIMED, set_anew_at=set_anew_at)
    service_level_id, terms = policy
    grace = min(timedelta(minutes=terms.grace_minutes), whole)
    from_when = later(set_anew_at, course.reopened_at)
    allowance = Allowance(whole, grace, from_when)
    due_at = allowance.moment(course, hours)
    if due_at is not None and due_at <= now:
        set_anew_at = now
        allowance = Allowance(whole, grace, now)
        due_at = allowance.moment(course, hours)
    left = terms.warn.left(whole)
    return Setting(
        course,
        ClockState.RUNNING if course.runs else ClockState.PAUSED,
        service_level_id,
        whole,
        due_at,
        None if left is None else allowance.moment(course, hours, left),
        set_anew_at,
    )


def reckon(
    known: Mapping[ClockKey, Clock],
    history: Iterable[Past],
    policy: Policy | None,
    hours: Hours,
    ticket: TicketHeader,
    *,
    now: datetime,
    new_id: Callable[[], UUID],
) -> list[Clock]:
    """Have the clocks of a ticket be as its history and the policy have it; gives all that count.

    Those known have passed the time up to now. What is over begins none, nor what has no deadline.
    """
    pauses = frozenset((Status.WAITING_FOR_CUSTOMER,)) if policy is None else policy[1].pauses
    counting = []
    for course in courses_of(history, pauses):
        clock = known.get((course.target, course.round))
        if clock is None and _begins(course, policy, ticket.priority):
            clock = _begun(course, ticket, new_id())
        if clock is None:
            continue
        clock.count_for(ticket)
        anew = clock.set_anew_at
        setting = setting_of(course, policy, hours, ticket.priority, now, set_anew_at=anew)
        clock.set(setting, ticket, now)
        counting.append(clock)
    return counting


def _begins(course: Course, policy: Policy | None, priority: Priority) -> bool:
    if course.is_over or policy is None:
        return False
    return policy[1].time_for(course.target, priority) is not None


def _begun(course: Course, ticket: TicketHeader, clock_id: UUID) -> Clock:
    return Clock(
        id=clock_id,
        ticket_id=ticket.ticket_id,
        target=course.target,
        round=course.round,
        started_at=course.started_at,
        type=ticket.type,
        priority=ticket.priority,
        queue_id=ticket.queue_id,
        assignee_id=ticket.assignee_id,
    )
