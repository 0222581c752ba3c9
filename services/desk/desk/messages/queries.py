"""Reads conversations, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    boolean_filter,
    choice_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.messages.domain import MessageKind
from desk.messages.models import shown
from desk.messages.storage import message_of, messages
from desk.ticket_facts.domain import Channel
from desk.tickets.storage import within_reach

_columns = messages.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

MESSAGES = ListSpec(
    key=_columns.id,
    sorts={"said_at": _columns.said_at},
    default_sort="said_at",
    filters={
        "kind": choice_filter(_columns.kind, *MessageKind),
        "channel": choice_filter(_columns.channel, *Channel),
        "author_id": uuid_filter(_columns.author_id),
        "origin_ticket_id": uuid_filter(_columns.origin_ticket_id),
        "automatic": boolean_filter(_columns.automatic),
        "said_at": time_filter(_columns.said_at),
    },
)


def list_messages(reading: Reading, listing: Listing, ticket_id: UUID) -> dict[str, Any]:
    """A page of a ticket's conversation, as it went unless asked otherwise. Raises `NotFound`."""
    within_reach(reading, ticket_id)
    base = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.ticket_id == ticket_id
    )
    return listing.fetch(reading.connection, base, lambda row: shown(message_of(row._mapping)))


def get_message(reading: Reading, ticket_id: UUID, message_id: UUID) -> dict[str, Any]:
    """A message of a ticket. Raises `NotFound`."""
    within_reach(reading, ticket_id)
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.ticket_id == ticket_id,
        _columns.id == message_id,
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("message", message_id)
    return shown(message_of(row))
