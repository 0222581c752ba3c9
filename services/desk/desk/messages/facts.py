"""Facts about messages to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message as Proto

from desk.encoding import id_or_none, moment
from desk.messages.domain import (
    CustomerMessageReceived,
    InternalNoteAdded,
    Message,
    PublicReplySent,
)
from desk.ticket_facts.domain import TicketHeader
from desk.tickets.facts import header
from rapport.desk.events.v1 import message_events_pb2 as events


def _received(fact: CustomerMessageReceived) -> events.CustomerMessageReceived:
    return events.CustomerMessageReceived(
        **_about(fact.message, fact.ticket),
        person_id=id_or_none(fact.ticket.person_id),
        first=fact.first,
        received_at=moment(fact.message.said_at),
    )


def _replied(fact: PublicReplySent) -> events.PublicReplySent:
    return events.PublicReplySent(
        **_about(fact.message, fact.ticket),
        person_id=id_or_none(fact.ticket.person_id),
        author_id=id_or_none(fact.message.author_id),
        automatic=fact.message.automatic,
        first=fact.first,
        sent_at=moment(fact.message.said_at),
    )


def _noted(fact: InternalNoteAdded) -> events.InternalNoteAdded:
    return events.InternalNoteAdded(
        **_about(fact.message, fact.ticket),
        author_id=id_or_none(fact.message.author_id),
        mentioned_user_ids=sorted(map(str, fact.message.mentions)),
        noted_at=moment(fact.message.said_at),
    )


def _about(message: Message, ticket: TicketHeader) -> dict[str, Any]:
    return {
        "message_id": str(message.id),
        "ticket_id": str(ticket.ticket_id),
        "ticket": header(ticket),
        "channel": message.channel,
        "attachments": len(message.attachment_ids),
    }


MESSAGE_FACTS: Mapping[type[Any], Callable[[Any], Proto]] = {
    CustomerMessageReceived: _received,
    PublicReplySent: _replied,
    InternalNoteAdded: _noted,
}
