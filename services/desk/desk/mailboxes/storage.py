"""How mailboxes are kept: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.mailboxes.domain import Mailbox, MailboxDetails, MailSecret

ADDRESS_ONCE = "mailboxes_address_once"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_word = sa.Text(collation="C")

mailboxes = sa.Table(
    "mailboxes",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("address", _word, nullable=False),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("language", _word, nullable=False),
    sa.Column("queue_id", _uuid),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("acknowledges", sa.Boolean, nullable=False),
    sa.Column("acknowledgement", sa.JSON, nullable=False),
    sa.Column("allowed_senders", sa.JSON, nullable=False),
    sa.Column("denied_senders", sa.JSON, nullable=False),
    sa.Column("trusts_reply_to", sa.Boolean, nullable=False),
    sa.Column("secret", _word, nullable=False),
    sa.Column("previous_secret", _word, nullable=False),
    sa.Column("previous_until", _time),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("archived_at", _time),
)
_PLAIN = (
    "display_name",
    "language",
    "queue_id",
    "signature",
    "acknowledges",
    "acknowledgement",
    "trusts_reply_to",
)
_SENDERS = ("allowed_senders", "denied_senders")
_TIMES = ("created_at", "updated_at", "archived_at")


class MailboxesRepository(Repository[Mailbox]):
    """Mailboxes for a change."""

    table = mailboxes
    kind = "mailbox"

    def count(self) -> int:
        """How many are in use."""
        row = self._tx.fetch_one(_COUNT, {"tenant_id": self._tx.tenant_id}) or {"mailboxes": 0}
        return int(row["mailboxes"])

    def _aggregate(self, row: sa.RowMapping) -> Mailbox:
        return mailbox_of(row)

    def _row(self, aggregate: Mailbox) -> dict[str, Any]:
        details, secret = aggregate.details, aggregate.secret
        return {
            "address": aggregate.address,
            **{name: getattr(details, name) for name in _PLAIN},
            **{name: list(getattr(details, name)) for name in _SENDERS},
            "secret": secret.digest,
            "previous_secret": secret.previous,
            "previous_until": secret.previous_until,
            **{name: getattr(aggregate, name) for name in _TIMES},
        }


def mailbox_of(row: Mapping[str, Any] | sa.RowMapping) -> Mailbox:
    """The mailbox that a row of the table stands for."""
    return Mailbox(
        id=row["id"],
        version=row["version"],
        address=row["address"],
        details=MailboxDetails(
            **{name: row[name] for name in _PLAIN},
            allowed_senders=tuple(row["allowed_senders"]),
            denied_senders=tuple(row["denied_senders"]),
        ),
        secret=MailSecret(row["secret"], row["previous_secret"], row["previous_until"]),
        **{name: row[name] for name in _TIMES},
    )


def mailbox_or_none(reading: Reading | UnitOfWork, mailbox_id: UUID) -> Mailbox | None:
    """A mailbox as it is, without a lock."""
    row = reading.fetch_one(_ONE, {"tenant_id": reading.caller.tenant_id, "id": mailbox_id})
    return None if row is None else mailbox_of(row)


def addresses_in_use(reading: Reading | UnitOfWork) -> Mapping[str, UUID]:
    """The addresses that the tenant's customers write to, the oldest first."""
    rows = reading.fetch_all(_ADDRESSES, {"tenant_id": reading.caller.tenant_id})
    return {row["address"]: row["id"] for row in rows}


_ALL = ", ".join(column.name for column in mailboxes.c if column.name != "tenant_id")
_ONE = Statement(
    f"SELECT {_ALL} FROM mailboxes WHERE tenant_id = %(tenant_id)s AND id = %(id)s"  # noqa: S608
)
_ADDRESSES = Statement(
    "SELECT address, id FROM mailboxes WHERE tenant_id = %(tenant_id)s"
    " AND archived_at IS NULL ORDER BY created_at, id"
)
_COUNT = Statement(
    "SELECT count(*) AS mailboxes FROM mailboxes WHERE tenant_id = %(tenant_id)s"
    " AND archived_at IS NULL"
)
