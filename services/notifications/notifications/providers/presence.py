"""When an address was told of last, by the provider's own clock: late reports change nothing any more."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork

TELLS_KEPT = timedelta(days=91)
"""No provider tells again what is older."""

metadata = sa.MetaData()
latest_tells = sa.Table(
    "latest_tells",
    metadata,
    sa.Column("tenant_id", PgUUID(as_uuid=True), primary_key=True),
    sa.Column("channel", sa.Text(collation="C"), primary_key=True),
    sa.Column("fingerprint", sa.LargeBinary, primary_key=True),
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
)


def is_latest(tx: UnitOfWork, channel: str, fingerprint: bytes, happened_at: datetime) -> bool:
    """Note when something happened at an address; false when something later is known.

    Whoever tells of the same address at the same time waits until this transaction ends.
    """
    about = {
        "tenant_id": tx.tenant_id,
        "channel": channel,
        "fingerprint": fingerprint,
        "happened_at": happened_at,
    }
    return tx.fetch_one(_NOTE, about) is not None


# The same moment counts: what is told in one breath happened in the order in which it is told.
_NOTE = Statement(
    "INSERT INTO latest_tells AS known (tenant_id, channel, fingerprint, happened_at)"
    " VALUES (%(tenant_id)s, %(channel)s, %(fingerprint)s, %(happened_at)s)"
    " ON CONFLICT (tenant_id, channel, fingerprint)"
    " DO UPDATE SET happened_at = excluded.happened_at"
    " WHERE known.happened_at <= excluded.happened_at"
    " RETURNING happened_at"
)
