"""What actions would do to a ticket as it is: for a preview, and to tell whether anything would differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from desk.ticket_actions.domain import (
    Action,
    AddNote,
    AddReply,
    AddTags,
    Assign,
    MoveToQueue,
    RemoveTags,
    SetField,
    SetPriority,
    SetStatus,
    SetType,
)
from desk.tickets.domain import Ticket

Told = str | list[str] | bool | None
Worded = Callable[[Mapping[str, str]], str]
"""Says a text in the ticket's language, with its places filled in."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one action would do: to which field, or by which text, and whether anything differs."""

    kind: str
    field: str | None = None
    before: Told = None
    after: Told = None
    text: str | None = None
    changes: bool = True


def effects_of(
    ticket: Ticket, actions: Sequence[Action], worded: Worded, me: UUID | None
) -> list[Effect]:
    """What each action would do, in their order; `me` is who applies them."""
    tags = ticket.tags
    found = []
    for action in actions:
        if isinstance(action, AddTags | RemoveTags):
            after = _tags_after(tags, action)
            found.append(_field(action.kind, "tags", list(tags), list(after)))
            tags = after
        else:
            found.append(_effect(ticket, action, worded, me))
    return found


def does_anything(ticket: Ticket, actions: Sequence[Action]) -> bool:
    """Whether anything would be different: who is told something is so always."""
    return any(one.changes for one in effects_of(ticket, actions, _unworded, None))


def field_changes(ticket: Ticket, actions: Sequence[Action]) -> dict[str, object]:
    """What the actions change about a ticket's own fields, all in one."""
    return dict(_field_changes(ticket, actions))


def _field_changes(ticket: Ticket, actions: Sequence[Action]) -> Iterator[tuple[str, object]]:
    tags, values = ticket.tags, {}
    for action in actions:
        if isinstance(action, SetPriority):
            yield "priority", action.priority
        elif isinstance(action, SetType):
            yield "type", action.type
        elif isinstance(action, AddTags | RemoveTags):
            tags = _tags_after(tags, action)
        elif isinstance(action, SetField):
            values[action.field] = action.value
    if tags != ticket.tags:
        yield "tags", tags
    if values:
        yield "custom_fields", values


def _effect(ticket: Ticket, action: Action, worded: Worded, me: UUID | None) -> Effect:
    match action:
        case SetPriority():
            return _field(action.kind, "priority", ticket.priority.value, action.priority.value)
        case SetType():
            return _field(action.kind, "type", ticket.type.value, action.type.value)
        case SetStatus():
            return _field(action.kind, "status", ticket.status.value, action.status.value)
        case SetField():
            before = ticket.custom_fields.get(action.field)
            return _field(action.kind, f"custom_fields.{action.field}", before, action.value)
        case MoveToQueue():
            return _field(action.kind, "queue_id", _id(ticket.queue_id), _id(action.queue_id))
        case Assign():
            assignee = me if action.to_me else action.assignee_id
            return _field(action.kind, "assignee_id", _id(ticket.assignee_id), _id(assignee))
        case AddReply() | AddNote():
            return Effect(action.kind, text=worded(action.texts))
        case _:
            return Effect(action.kind)


def _field(kind: str, name: str, before: Told, after: Told) -> Effect:
    return Effect(kind, name, before, after, changes=before != after)


def _tags_after(tags: tuple[str, ...], action: AddTags | RemoveTags) -> tuple[str, ...]:
    if isinstance(action, AddTags):
        return tuple(sorted({*tags, *action.tags}))
    return tuple(one for one in tags if one not in action.tags)


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _unworded(_texts: Mapping[str, str]) -> str:
    return ""
