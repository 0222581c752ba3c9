"""By when a ticket is to be answered and solved, and what becomes of such a policy (DE-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid
from desk.ticket_facts.domain import Priority, Status

MOST_POLICIES = 200
"""How many a tenant may have, archived ones included."""
MOST_MINUTES = 366 * 24 * 60
"""The longest target, and the longest grace."""


class Target(StrEnum):
    """What is to be done by a deadline."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class MinutesByPriority:
    """How many minutes a target takes at most; without any it has no deadline."""

    low: int | None = None
    normal: int | None = None
    high: int | None = None
    urgent: int | None = None

    def of(self, priority: Priority) -> timedelta | None:
        """The time that a ticket of this priority has."""
        minutes: int | None = getattr(self, priority.value)
        return None if minutes is None else timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Warn:
    """When to warn: at so many percent of a target's time, or so many minutes before its end."""

    at_percent: int | None = None
    minutes_before: int | None = None

    def left(self, whole: timedelta) -> timedelta | None:
        """How much of a target's time is left when it is warned; None for never."""
        if self.at_percent is not None:
            return whole * (100 - self.at_percent) / 100
        if self.minutes_before is None:
            return None
        left = timedelta(minutes=self.minutes_before)
        return left if left < whole else None


@dataclass(frozen=True, slots=True)
class Escalation:
    """What is done with a ticket when a deadline has passed; what is None is left as it is."""

    raise_priority_to: Priority | None = None
    queue_id: UUID | None = None
    assignee_id: UUID | None = None

    @property
    def does_anything(self) -> bool:
        """Whether there is anything to do."""
        return self != Escalation()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy says.

    The first in the order of positions whose condition holds is a ticket's; an empty one holds
    always. Without a calendar its time passes around the clock. The time for a resolution stands
    still while the desk waits for the customer, and in the other states that are named. Whatever was
    reopened has the grace at least before its resolution is late, or its whole time if that is less.
    """

    name: str
    position: int
    condition: str = ""
    business_calendar_id: UUID | None = None
    first_response: MinutesByPriority = MinutesByPriority()
    next_response: MinutesByPriority = MinutesByPriority()
    resolution: MinutesByPriority = MinutesByPriority()
    warn: Warn = Warn()
    pauses_on_hold: bool = False
    pauses_for_third_party: bool = False
    grace_minutes: int = 60
    escalation: Escalation = Escalation()

    def time_for(self, target: Target, priority: Priority) -> timedelta | None:
        """How long a target may take; None where it has no deadline."""
        minutes: MinutesByPriority = getattr(self, target.value)
        return minutes.of(priority)

    @property
    def pauses(self) -> frozenset[Status]:
        """In which states the time for a resolution stands still, settled ones aside."""
        paused = {Status.WAITING_FOR_CUSTOMER}
        if self.pauses_on_hold:
            paused.add(Status.ON_HOLD)
        if self.pauses_for_third_party:
            paused.add(Status.WAITING_FOR_THIRD_PARTY)
        return frozenset(paused)


@dataclass(frozen=True, slots=True)
class ServiceLevelCreated(Fact):
    """There is a policy that was not there before."""

    service_level: ServiceLevel


@dataclass(frozen=True, slots=True)
class ServiceLevelChanged(Fact):
    """A policy was written anew."""

    service_level: ServiceLevel


@dataclass(frozen=True, slots=True)
class ServiceLevelArchived(Fact):
    """A policy holds for no ticket any more."""

    service_level: ServiceLevel


@dataclass(frozen=True, slots=True)
class ServiceLevelRestored(Fact):
    """An archived policy is tried again."""

    service_level: ServiceLevel


@dataclass(kw_only=True)
class ServiceLevel(Aggregate):
    """A policy of service levels."""

    terms: Terms
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def create(self) -> None:
        """Come into being. Raises `Invalid`."""
        _require_possible(self.terms)
        self.record(ServiceLevelCreated(self))

    def change(self, terms: Terms, now: datetime) -> bool:
        """Be written anew; tells whether anything differs. Raises `Invalid`."""
        _require_possible(terms)
        if terms == self.terms:
            return False
        self.terms, self.updated_at = terms, now
        self.record(ServiceLevelChanged(self))
        return True

    def archive(self, now: datetime) -> bool:
        """Have it hold for no ticket any more; tells whether it did."""
        if self.archived_at is not None:
            return False
        self.archived_at = self.updated_at = now
        self.record(ServiceLevelArchived(self))
        return True

    def restore(self, now: datetime) -> bool:
        """Have it tried again; tells whether it was not."""
        if self.archived_at is None:
            return False
        self.archived_at, self.updated_at = None, now
        self.record(ServiceLevelRestored(self))
        return True


def _require_possible(terms: Terms) -> None:
    if not terms.name.strip():
        raise Invalid.at("/name", "name_missing", "A name is needed.")
    if terms.warn.at_percent is not None and terms.warn.minutes_before is not None:
        message = "It is warned at a share of the time, or so long before its end."
        raise Invalid.at("/warn", "warned_twice", message)
    if all(getattr(terms, target.value) == MinutesByPriority() for target in Target):
        raise Invalid.at("/first_response", "targets_missing", "A policy has a target at least.")
