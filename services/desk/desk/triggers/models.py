"""Triggers as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.conditions.syntax import MAX_SOURCE
from chassis.http.body import Body, Patch
from desk.names import Label
from desk.queues.models import Position
from desk.ticket_actions.documents import documents_of
from desk.ticket_actions.models import ActionIn, Actions, EffectOut, actions_in
from desk.triggers.domain import Event, Trigger, TriggerDefinition

Events = Annotated[tuple[Event, ...], Field(min_length=1, max_length=len(Event))]
Word = Annotated[str, Field(max_length=100)]


class TriggerFields(Body):
    """When a trigger fires; the vocabulary says what `condition` can ask. An empty one always holds."""

    condition: Annotated[str, Field(max_length=MAX_SOURCE)] = ""


class TriggerIn(TriggerFields):
    """A new trigger; it is tried after all others unless it has a position."""

    name: Label
    events: Events
    actions: Actions
    position: Position | None = None
    active: bool = True


class TriggerPatch(Patch, TriggerFields):
    """What may change about a trigger; events and actions are replaced as a whole."""

    name: Label = Field(default_factory=dict)
    events: Events = ()
    actions: Actions = ()
    position: Position = 0


class TriggerOut(BaseModel):
    """A trigger. One that is not `active` is paused."""

    id: UUID
    version: int
    name: dict[str, str]
    position: int
    events: list[Event]
    condition: str
    actions: list[ActionIn]
    active: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class FiringOut(BaseModel):
    """That a trigger fired about a ticket.

    `outcome` is `done`, `stopped` for one that was kept from going in circles, or the code of the
    refusal for which nothing was done. `depth` is how many had fired before, each because of the last.
    """

    id: UUID
    trigger_id: UUID
    ticket_id: UUID
    event: Event
    depth: int
    outcome: str
    at: datetime


class TriggerSimulationIn(Body):
    """What is thought to have happened to which ticket; what is left out is as if it were empty."""

    ticket_id: UUID
    event: Event
    author: Word = ""
    changed: Annotated[tuple[Word, ...], Field(max_length=100)] = ()
    from_status: Word = ""
    from_priority: Word = ""
    cause: Word = ""
    target: Word = ""
    survey: Word = ""
    score: Annotated[int, Field(ge=-1, le=10)] = -1
    first: bool = False


class SimulatedTriggerOut(BaseModel):
    """Whether a trigger would fire, and if not, why.

    `reason` is `paused`, `other_event`, `condition`, `condition_unanswered` or `nothing_to_do`; empty
    when it would fire. `detail` says why a condition could not be judged.
    """

    trigger_id: UUID
    name: dict[str, str]
    position: int
    fires: bool
    reason: str
    detail: str
    effects: list[EffectOut]


class TriggerSimulationOut(BaseModel):
    """All triggers that are not archived, in the order in which they are tried."""

    triggers: list[SimulatedTriggerOut]


def definition_in(body: TriggerIn, last: int) -> TriggerDefinition:
    """The definition that a body gives; at position `last` unless it says another."""
    return TriggerDefinition(
        name=body.name,
        position=last if body.position is None else body.position,
        events=body.events,
        actions=actions_in(body.actions),
        condition=body.condition,
    )


def changed(definition: TriggerDefinition, body: TriggerPatch) -> TriggerDefinition:
    """The definition with what the body mentions."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    if "actions" in changes:
        changes["actions"] = actions_in(body.actions)
    return replace(definition, **changes)


def shown(trigger: Trigger) -> dict[str, Any]:
    """A trigger as the API shows one, without reading it back."""
    definition = trigger.definition
    return {
        "id": trigger.id,
        "version": trigger.version,
        "name": definition.name,
        "position": definition.position,
        "events": list(definition.events),
        "condition": definition.condition,
        "actions": documents_of(definition.actions),
        "active": trigger.active,
        "created_at": trigger.created_at,
        "updated_at": trigger.updated_at,
        "archived_at": trigger.archived_at,
    }
