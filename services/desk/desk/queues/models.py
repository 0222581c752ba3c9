"""Queues as the REST face takes and shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from desk.names import Key, Label
from desk.queues.domain import Method, Queue, QueueDefinition
from desk.ticket_facts.domain import Priority

Position = Annotated[int, Field(ge=0, le=1_000_000)]
MostOpen = Annotated[int, Field(ge=1, le=100_000)]


class QueueFields(Body):
    """How a queue works.

    `manual`: somebody takes or gives its tickets. `round_robin`: by turns. `least_loaded`: to who is
    the least busy for their capacity. `skill`: to who is best at what the ticket needs. A ticket that
    is routed here at the priority `normal` takes `default_priority`. Who has `most_open` open tickets
    of this queue gets no more of it. `team_id` is the team that serves it, whose reach its tickets
    are within.
    """

    team_id: UUID | None = None
    default_priority: Priority = Priority.NORMAL
    position: Position = 0
    method: Method = Method.MANUAL
    most_open: MostOpen | None = None


class QueueIn(QueueFields):
    """A new queue; its key is for good."""

    key: Key
    name: Label


class QueuePatch(Patch, QueueFields):
    """What may change about a queue."""

    name: Label = Field(default_factory=dict)


class QueueOut(BaseModel):
    """A queue."""

    id: UUID
    version: int
    key: str
    name: dict[str, str]
    team_id: UUID | None
    default_priority: Priority
    position: int
    method: Method
    most_open: int | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


_DEFINED = ("name", "team_id", "default_priority", "position", "method", "most_open")


def definition_in(body: QueueIn) -> QueueDefinition:
    """The definition that a body gives."""
    return QueueDefinition(**{name: getattr(body, name) for name in _DEFINED})


def changed(definition: QueueDefinition, body: QueuePatch) -> QueueDefinition:
    """The definition with what the body mentions."""
    return replace(definition, **{name: getattr(body, name) for name in body.model_fields_set})


def shown(queue: Queue) -> dict[str, Any]:
    """A queue as the API shows one, without reading it back."""
    return {
        "id": queue.id,
        "version": queue.version,
        "key": queue.key,
        **{name: getattr(queue.definition, name) for name in _DEFINED},
        "created_at": queue.created_at,
        "updated_at": queue.updated_at,
        "archived_at": queue.archived_at,
    }
