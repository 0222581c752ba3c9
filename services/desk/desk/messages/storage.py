"""How conversations are kept: one row for each message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from desk.messages.domain import Call, Direction, Message, MessageKind, Sender
from desk.ticket_facts.domain import Channel

_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")
MESSAGE_ONCE = "messages_external_id_once"

messages = sa.Table(
    "messages",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("origin_ticket_id", _uuid, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("channel", _word, nullable=False),
    sa.Column("author", _word, nullable=False),
    sa.Column("author_id", _uuid),
    sa.Column("person_id", _uuid),
    sa.Column("sender_name", sa.Text, nullable=False),
    sa.Column("sender_address", _word, nullable=False),
    sa.Column("language", _word, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("html", sa.Text, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("mentions", ARRAY(_uuid), nullable=False),
    sa.Column("attachment_ids", ARRAY(_uuid), nullable=False),
    sa.Column("external_id", _word),
    sa.Column("direction", _word, nullable=False),
    sa.Column("duration_seconds", sa.Integer),
    sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
)
_PLAIN = (
    "ticket_id",
    "origin_ticket_id",
    "author",
    "author_id",
    "language",
    "text",
    "html",
    "automatic",
    "external_id",
    "said_at",
)


class MessagesRepository(Repository[Message]):
    """Messages, to be added: none changes later on."""

    table = messages
    kind = "message"

    def already(self, ticket_id: UUID, channel: Channel, external_id: str) -> Message | None:
        """The message that was said to a ticket under this id before; None for none."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "ticket_id": ticket_id,
            "channel": channel,
            "external_id": external_id,
        }
        row = self._tx.fetch_one(_ALREADY, about)
        return None if row is None else self.get(row["id"])

    def move(self, from_id: UUID, into_id: UUID) -> None:
        """Have a whole conversation be part of another ticket's."""
        about = {"tenant_id": self._tx.tenant_id, "from_id": from_id, "into_id": into_id}
        self._tx.write(_MOVE, about)

    def name_sender(self, ticket_id: UUID, address: str, person_id: UUID) -> None:
        """Have what was said to a ticket from an address name the person, wherever it is by now."""
        about = {"tenant_id": self._tx.tenant_id, "ticket_id": ticket_id, "address": address}
        self._tx.write(_NAME_SENDER, {**about, "person_id": person_id})

    def of_ticket(self, message_ids: Sequence[UUID], ticket_id: UUID) -> frozenset[UUID]:
        """Those of the messages that are a ticket's."""
        about = {"tenant_id": self._tx.tenant_id, "ticket_id": ticket_id, "ids": list(message_ids)}
        return frozenset(row["id"] for row in self._tx.fetch_all(_OF_TICKET, about))

    def hand_over(self, message_ids: Sequence[UUID], from_id: UUID, into_id: UUID) -> None:
        """Have some messages of a ticket be another's."""
        about = {"tenant_id": self._tx.tenant_id, "from_id": from_id, "into_id": into_id}
        self._tx.write(_HAND_OVER, {**about, "ids": list(message_ids)})

    def _aggregate(self, row: sa.RowMapping) -> Message:
        return message_of(row)

    def _row(self, aggregate: Message) -> dict[str, Any]:
        return {
            **{name: getattr(aggregate, name) for name in (*_PLAIN, "kind", "channel")},
            "person_id": aggregate.sender.person_id,
            "sender_name": aggregate.sender.name,
            "sender_address": aggregate.sender.address,
            "mentions": list(aggregate.mentions),
            "attachment_ids": list(aggregate.attachment_ids),
            "direction": aggregate.call.direction,
            "duration_seconds": aggregate.call.duration_seconds,
        }


def message_of(row: Mapping[str, Any] | sa.RowMapping) -> Message:
    """The message that a row of the table stands for."""
    return Message(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _PLAIN},
        kind=MessageKind(row["kind"]),
        channel=Channel(row["channel"]),
        sender=Sender(row["person_id"], row["sender_name"], row["sender_address"]),
        mentions=tuple(row["mentions"]),
        attachment_ids=tuple(row["attachment_ids"]),
        call=Call(Direction(row["direction"]), row["duration_seconds"]),
    )


_ALREADY = Statement(
    "SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND origin_ticket_id = %(ticket_id)s"
    " AND channel = %(channel)s AND external_id = %(external_id)s"
)
_MOVE = Statement(
    "UPDATE messages SET ticket_id = %(into_id)s, version = version + 1"
    " WHERE tenant_id = %(tenant_id)s AND ticket_id = %(from_id)s"
)
_HAND_OVER = Statement(
    "UPDATE messages SET ticket_id = %(into_id)s, version = version + 1"
    " WHERE tenant_id = %(tenant_id)s AND ticket_id = %(from_id)s AND id = ANY(%(ids)s)"
)
_NAME_SENDER = Statement(
    "UPDATE messages SET person_id = %(person_id)s, version = version + 1"
    " WHERE tenant_id = %(tenant_id)s AND origin_ticket_id = %(ticket_id)s"
    " AND sender_address = %(address)s AND person_id IS NULL"
)
_OF_TICKET = Statement(
    "SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
    " AND id = ANY(%(ids)s)"
)
