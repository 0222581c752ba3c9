"""What a time rule is: a ticket has been as it is for so long, and something is done about it (DE-6).

Hours count from a moment of the ticket's, such as when its status last changed, either all of them or
those in which a business calendar is open. A rule fires about a ticket once for each such moment: when
the moment is another one, it begins to count anew. At the very instant it is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact
from desk.business_hours.domain import Hours, after_open_time
from desk.ticket_actions.domain import Action, require_sound
from desk.ticket_facts.domain import TicketHeader

MOST_TIME_RULES = 50
"""How many a tenant may have, archived ones included: each is looked at when a ticket changes."""
MOST_HOURS = 8_760


class Since(StrEnum):
    """From which moment hours count."""

    OPENED = "opened"
    UPDATED = "updated"
    STATUS_CHANGED = "status_changed"
    CUSTOMER_MESSAGE = "customer_message"
    REPLY = "reply"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class TimeRuleDefinition:
    """What an administrator says of a time rule; an empty condition always holds."""

    name: Mapping[str, str]
    position: int
    since: Since
    hours: int
    actions: tuple[Action, ...]
    condition: str = ""
    business_calendar_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TimeRuleFact(Fact):
    """Something that happened to a time rule; `at` is when."""

    time_rule_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class TimeRuleDefined(TimeRuleFact):
    """A time rule is new or different."""

    definition: TimeRuleDefinition


@dataclass(frozen=True, slots=True)
class TimeRulePaused(TimeRuleFact):
    """A time rule fires no more until it is resumed."""


@dataclass(frozen=True, slots=True)
class TimeRuleResumed(TimeRuleFact):
    """A paused time rule fires again."""


@dataclass(frozen=True, slots=True)
class TimeRuleArchived(TimeRuleFact):
    """A time rule is put away."""


@dataclass(frozen=True, slots=True)
class TimeRuleRestored(TimeRuleFact):
    """An archived time rule is back, paused."""


@dataclass(frozen=True, slots=True)
class TimeRuleFired(Fact):
    """A time rule did what it does; `reason` is why it could not."""

    firing_id: UUID
    time_rule_id: UUID
    ticket: TicketHeader
    counted_from: datetime
    reason: str
    at: datetime


@dataclass(kw_only=True)
class TimeRule(Aggregate):
    """Something that happens to tickets when time has passed."""

    definition: TimeRuleDefinition
    active: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid`."""
        require_sound(self.definition.actions, by_itself=True)
        self.record(TimeRuleDefined(self.id, self.created_at, self.definition))

    def redefine(self, definition: TimeRuleDefinition, now: datetime) -> bool:
        """Go by something else from now on; tells whether anything differs. Raises `Invalid`."""
        require_sound(definition.actions, by_itself=True)
        if definition == self.definition:
            return False
        self.definition, self.updated_at = definition, now
        self.record(TimeRuleDefined(self.id, now, definition))
        return True

    def pause(self, now: datetime) -> None:
        """Fire no more; nothing happens to one that does not."""
        if self.active:
            self.active, self.updated_at = False, now
            self.record(TimeRulePaused(self.id, now))

    def resume(self, now: datetime) -> None:
        """Fire again; nothing happens to one that does. Raises `Conflict` for an archived one."""
        if self.archived_at is not None:
            raise Conflict("The time rule is archived.", code="time_rule_archived")
        if not self.active:
            self.active, self.updated_at = True, now
            self.record(TimeRuleResumed(self.id, now))

    def archive(self, now: datetime) -> None:
        """Be put away; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.active = False
            self.record(TimeRuleArchived(self.id, now))

    def restore(self, now: datetime) -> None:
        """Be back, paused; nothing happens to one that is not archived."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(TimeRuleRestored(self.id, now))


def due_at(moment: datetime, hours: int, calendar: Hours) -> datetime | None:
    """When so many hours that count have passed since a moment; None when that is out of sight."""
    return after_open_time(calendar, moment, timedelta(hours=hours))
