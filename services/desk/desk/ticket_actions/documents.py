"""Actions as JSON has them, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from desk.ticket_actions.domain import KINDS, Action
from desk.ticket_facts.domain import Priority, Status, TicketType

_READERS: Mapping[str, Any] = {
    "priority": Priority,
    "type": TicketType,
    "status": Status,
    "article_id": lambda given: None if given is None else UUID(given),
    "queue_id": lambda given: None if given is None else UUID(given),
    "assignee_id": lambda given: None if given is None else UUID(given),
    "team_id": lambda given: None if given is None else UUID(given),
    "user_ids": lambda given: tuple(UUID(one) for one in given),
    "mentions": lambda given: tuple(UUID(one) for one in given),
    "tags": tuple,
}


def documents_of(actions: Sequence[Action]) -> list[dict[str, Any]]:
    """The actions as JSON has them."""
    return [
        {
            "kind": one.kind,
            **{field.name: _plain(getattr(one, field.name)) for field in fields(one)},
        }
        for one in actions
    ]


def actions_of(documents: Sequence[Mapping[str, Any]]) -> tuple[Action, ...]:
    """The actions that JSON has."""
    return tuple(_action_of(document) for document in documents)


def _action_of(document: Mapping[str, Any]) -> Action:
    kind = KINDS[document["kind"]]
    given = {
        name: _READERS[name](value) if name in _READERS else value
        for name, value in document.items()
        if name != "kind"
    }
    return kind(**given)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value
