"""How mail from customers is kept: one row each, and as it came in a file for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.inbound_mail.domain import InboundMail, Landing, Outcome

MAIL_ONCE = "inbound_mails_once"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

inbound_mails = sa.Table(
    "inbound_mails",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("mailbox_id", _uuid, nullable=False),
    sa.Column("key", _word, nullable=False),
    sa.Column("header_id", _word, nullable=False),
    sa.Column("sender", _word, nullable=False),
    sa.Column("sender_name", sa.Text, nullable=False),
    sa.Column("reply_to", _word, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False),
    sa.Column("left_out", sa.JSON, nullable=False),
    sa.Column("outcome", _word, nullable=False),
    sa.Column("reason", _word, nullable=False),
    sa.Column("ticket_id", _uuid),
    sa.Column("message_id", _uuid),
    sa.Column("received_at", _time, nullable=False),
    sa.Column("decided_at", _time, nullable=False),
)
_PLAIN = (
    "mailbox_id",
    "key",
    "header_id",
    "sender",
    "sender_name",
    "reply_to",
    "subject",
    "automatic",
    "received_at",
    "decided_at",
)


@dataclass(frozen=True, slots=True)
class LastMail:
    """The last mail of a ticket's customer: what an answer answers."""

    mailbox_id: UUID
    message_id: str
    automatic: bool


class InboundMailsRepository(Repository[InboundMail]):
    """Mail from customers for a change."""

    table = inbound_mails
    kind = "mail"

    def add(self, aggregate: InboundMail) -> None:
        """Have a mail stored; whoever takes the same one in at this moment finds it then."""
        self._tx.try_again_on(MAIL_ONCE)
        super().add(aggregate)

    def known(self, mailbox_id: UUID, key: str) -> InboundMail | None:
        """The mail that is known by this already."""
        found = known_mail(self._tx, mailbox_id, key)
        return None if found is None else self.get(found.id)

    def count_from(self, sender: str, since: datetime) -> int:
        """How many mails of a sender have come since."""
        about = {"tenant_id": self._tx.tenant_id, "sender": sender, "since": since}
        row = self._tx.fetch_one(_COUNT, about) or {"mails": 0}
        return int(row["mails"])

    def _aggregate(self, row: sa.RowMapping) -> InboundMail:
        return mail_of(row)

    def _row(self, aggregate: InboundMail) -> dict[str, Any]:
        landing = aggregate.landing
        return {
            **{name: getattr(aggregate, name) for name in _PLAIN},
            "left_out": list(aggregate.left_out),
            "outcome": landing.outcome,
            "reason": landing.reason,
            "ticket_id": landing.ticket_id,
            "message_id": landing.message_id,
        }


def mail_of(row: Mapping[str, Any] | sa.RowMapping) -> InboundMail:
    """The mail that a row of the table stands for."""
    landing = Landing(Outcome(row["outcome"]), row["reason"], row["ticket_id"], row["message_id"])
    return InboundMail(
        id=row["id"],
        version=row["version"],
        **{name: row[name] for name in _PLAIN},
        left_out=tuple(row["left_out"]),
        landing=landing,
    )


def known_mail(reading: Reading | UnitOfWork, mailbox_id: UUID, key: str) -> InboundMail | None:
    """The mail that a mailbox knows by this already, without a lock."""
    about = {"tenant_id": reading.caller.tenant_id, "mailbox_id": mailbox_id, "key": key}
    row = reading.fetch_one(_KNOWN, about)
    return None if row is None else mail_of(row)


def reply_to_of(reading: Reading | UnitOfWork, mail_id: UUID) -> str:
    """Where the sender of a mail wants answers; empty where that is where it was sent from."""
    about = {"tenant_id": reading.caller.tenant_id, "id": mail_id}
    row = reading.fetch_one(_REPLY_TO, about)
    return "" if row is None else str(row["reply_to"])


def last_mail_of(reading: Reading | UnitOfWork, ticket_id: UUID) -> LastMail | None:
    """The last mail that went to a ticket; None when none did."""
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    row = reading.fetch_one(_LAST, about)
    return None if row is None else LastMail(row["mailbox_id"], row["header_id"], row["automatic"])


_ALL = ", ".join(column.name for column in inbound_mails.c if column.name != "tenant_id")
_KNOWN = Statement(
    f"SELECT {_ALL} FROM inbound_mails WHERE tenant_id = %(tenant_id)s"  # noqa: S608
    " AND mailbox_id = %(mailbox_id)s AND key = %(key)s"
)
_REPLY_TO = Statement(
    "SELECT reply_to FROM inbound_mails WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
_LAST = Statement(
    "SELECT mailbox_id, header_id, automatic FROM inbound_mails WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = %(ticket_id)s AND message_id IS NOT NULL"
    " ORDER BY received_at DESC, id DESC LIMIT 1"
)
_COUNT = Statement(
    "SELECT count(*) AS mails FROM inbound_mails WHERE tenant_id = %(tenant_id)s"
    " AND sender = %(sender)s AND received_at > %(since)s"
)
