"""How mail to customers is kept: one row each, without its words; and the names of mail by ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.outbound_mail.domain import Kind, MailState, OutboundMail

MAILED_ONCE = "outbound_mails_once"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

outbound_mails = sa.Table(
    "outbound_mails",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("ticket_id", _uuid, nullable=False),
    sa.Column("message_id", _uuid, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("kind", _word, nullable=False),
    sa.Column("person_id", _uuid),
    sa.Column("address", _word, nullable=False),
    sa.Column("mailbox_id", _uuid),
    sa.Column("state", _word, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("notification_id", _uuid),
    sa.Column("told_version", sa.BigInteger, nullable=False),
    sa.Column("asked_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_PLAIN = tuple(
    column.name
    for column in outbound_mails.c
    if column.name not in ("tenant_id", "id", "version", "kind", "state")
)


class OutboundMailsRepository(Repository[OutboundMail]):
    """Mail to customers for a change."""

    table = outbound_mails
    kind = "mail"

    def add(self, aggregate: OutboundMail) -> None:
        """Have a mail stored; whoever mails the same reply at this moment finds it then."""
        self._tx.try_again_on(MAILED_ONCE)
        super().add(aggregate)

    def of_message(self, message_id: UUID) -> bool:
        """Whether a message was mailed already."""
        about = {"tenant_id": self._tx.tenant_id, "message_id": message_id}
        return self._tx.fetch_one(_OF_MESSAGE, about) is not None

    def notified_as(self, notification_id: UUID) -> OutboundMail | None:
        """The mail that notifications calls this; None for none."""
        about = {"tenant_id": self._tx.tenant_id, "notification_id": notification_id}
        row = self._tx.fetch_one(_NOTIFIED, about)
        return None if row is None else self.get(row["id"])

    def automatic_since(self, person_id: UUID | None, address: str, since: datetime) -> int:
        """How many mails that no person wrote were sent to somebody since."""
        about = {"tenant_id": self._tx.tenant_id, "since": since}
        whom = {"person_id": person_id, "address": address}
        statement = _TO_ADDRESS if person_id is None else _TO_PERSON
        row = self._tx.fetch_one(statement, {**about, **whom}) or {"mails": 0}
        return int(row["mails"])

    def _aggregate(self, row: sa.RowMapping) -> OutboundMail:
        return OutboundMail(
            id=row["id"],
            version=row["version"],
            kind=Kind(row["kind"]),
            state=MailState(row["state"]),
            **{name: row[name] for name in _PLAIN},
        )

    def _row(self, aggregate: OutboundMail) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in (*_PLAIN, "kind", "state")}


def keep_reference(tx: UnitOfWork, reference: str, ticket_id: UUID) -> None:
    """Remember what a mail of a ticket is called; the first one to be called so counts."""
    about = {"tenant_id": tx.tenant_id, "reference": reference, "ticket_id": ticket_id}
    tx.write(_KEEP, {**about, "now": tx.clock.now()})


def tickets_referred_to(
    reading: Reading | UnitOfWork, references: Sequence[str]
) -> dict[str, UUID]:
    """The tickets that mails of these names belong to."""
    about = {"tenant_id": reading.caller.tenant_id, "references": list(references)}
    return {row["reference"]: row["ticket_id"] for row in reading.fetch_all(_REFERRED, about)}


def customers_references(reading: Reading | UnitOfWork, ticket_id: UUID, most: int) -> list[str]:
    """What mails of a ticket are called that came from customers, the oldest first, of the latest."""
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id, "most": most}
    rows = reading.fetch_all(_OF_TICKET, about)
    return [row["reference"] for row in reversed(rows)]


_OF_MESSAGE = Statement(
    "SELECT id FROM outbound_mails WHERE tenant_id = %(tenant_id)s"
    " AND message_id = %(message_id)s LIMIT 1"
)
_NOTIFIED = Statement(
    "SELECT id FROM outbound_mails WHERE tenant_id = %(tenant_id)s"
    " AND notification_id = %(notification_id)s"
)
_SINCE = (
    "SELECT count(*) AS mails FROM outbound_mails WHERE tenant_id = %(tenant_id)s"
    " AND asked_at > %(since)s AND kind = 'acknowledgement'"
)
_TO_PERSON = Statement(f"{_SINCE} AND person_id = %(person_id)s")
_TO_ADDRESS = Statement(f"{_SINCE} AND address = %(address)s")
_KEEP = Statement(
    "INSERT INTO mail_references (tenant_id, reference, ticket_id, kept_at)"
    " VALUES (%(tenant_id)s, %(reference)s, %(ticket_id)s, %(now)s) ON CONFLICT DO NOTHING"
)
_REFERRED = Statement(
    "SELECT reference, ticket_id FROM mail_references WHERE tenant_id = %(tenant_id)s"
    " AND reference = ANY(%(references)s)"
)
_OF_TICKET = Statement(
    "SELECT reference FROM mail_references WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = %(ticket_id)s AND reference >= '<' AND reference < '='"
    " ORDER BY kept_at DESC, reference LIMIT %(most)s"
)
