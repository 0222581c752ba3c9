"""What a trigger is: on an event, if a condition holds, something is done to the ticket (DE-6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from desk.ticket_actions.domain import Action, require_sound
from desk.ticket_facts.domain import TicketHeader
from desk.trigger_chains.domain import Barred

MOST_TRIGGERS = 200
"""How many a tenant may have, archived ones included."""


class Event(StrEnum):
    """What may have happened to a ticket."""

    TICKET_OPENED = "ticket_opened"
    TICKET_CHANGED = "ticket_changed"
    TICKET_ASSIGNED = "ticket_assigned"
    STATUS_CHANGED = "status_changed"
    CUSTOMER_MESSAGE = "customer_message"
    PUBLIC_REPLY = "public_reply"
    INTERNAL_NOTE = "internal_note"
    SERVICE_LEVEL_WARNED = "service_level_warned"
    SERVICE_LEVEL_BREACHED = "service_level_breached"
    PROMISE_BROKEN = "promise_broken"
    SURVEY_ANSWERED = "survey_answered"


@dataclass(frozen=True, slots=True)
class TriggerDefinition:
    """What an administrator says of a trigger.

    Triggers are tried by `position`, the lowest first, and each sees what those before it have done;
    an empty condition always holds.
    """

    name: Mapping[str, str]
    position: int
    events: tuple[Event, ...]
    actions: tuple[Action, ...]
    condition: str = ""


@dataclass(frozen=True, slots=True)
class TriggerFact(Fact):
    """Something that happened to a trigger; `at` is when."""

    trigger_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class TriggerDefined(TriggerFact):
    """A trigger is new or different."""

    definition: TriggerDefinition


@dataclass(frozen=True, slots=True)
class TriggerPaused(TriggerFact):
    """A trigger fires no more until it is resumed."""


@dataclass(frozen=True, slots=True)
class TriggerResumed(TriggerFact):
    """A paused trigger fires again."""


@dataclass(frozen=True, slots=True)
class TriggerArchived(TriggerFact):
    """A trigger is put away."""


@dataclass(frozen=True, slots=True)
class TriggerRestored(TriggerFact):
    """An archived trigger is back, paused."""


@dataclass(frozen=True, slots=True)
class TriggerFired(Fact):
    """A trigger did what it does; `reason` is why it could not."""

    firing_id: UUID
    trigger_id: UUID
    ticket: TicketHeader
    event: Event
    depth: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TriggerLoopStopped(Fact):
    """Triggers would have gone on calling each other."""

    stop_id: UUID
    ticket: TicketHeader
    reason: Barred
    trigger_ids: tuple[UUID, ...]
    at: datetime


@dataclass(kw_only=True)
class Trigger(Aggregate):
    """Something that happens to tickets by itself."""

    definition: TriggerDefinition
    active: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid`."""
        _require_sound(self.definition)
        self.record(TriggerDefined(self.id, self.created_at, self.definition))

    def redefine(self, definition: TriggerDefinition, now: datetime) -> None:
        """Go by something else from now on. Raises `Invalid`."""
        _require_sound(definition)
        if definition != self.definition:
            self.definition, self.updated_at = definition, now
            self.record(TriggerDefined(self.id, now, definition))

    def pause(self, now: datetime) -> None:
        """Fire no more; nothing happens to one that does not."""
        if self.active:
            self.active, self.updated_at = False, now
            self.record(TriggerPaused(self.id, now))

    def resume(self, now: datetime) -> None:
        """Fire again; nothing happens to one that does. Raises `Conflict` for an archived one."""
        if self.archived_at is not None:
            raise Conflict("The trigger is archived.", code="trigger_archived")
        if not self.active:
            self.active, self.updated_at = True, now
            self.record(TriggerResumed(self.id, now))

    def archive(self, now: datetime) -> None:
        """Be put away; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.active = False
            self.record(TriggerArchived(self.id, now))

    def restore(self, now: datetime) -> None:
        """Be back, paused; nothing happens to one that is not archived."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(TriggerRestored(self.id, now))


def _require_sound(definition: TriggerDefinition) -> None:
    require_sound(definition.actions, by_itself=True)
    if not definition.events or len(set(definition.events)) < len(definition.events):
        raise Invalid.at("/events", "events_wrong", "One event or more, each of them once.")
