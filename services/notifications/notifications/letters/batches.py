"""The batches of letters that there are: found again, and forgotten once their time has come (NO-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.database import Database
from chassis.storage.listing import Listing, ListSpec
from chassis.storage.unit_of_work import Reading

_AT_ONCE = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_uuid = PgUUID(as_uuid=True)

_letters = sa.Table(
    "letters",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("batch_id", _uuid),
).c

BATCHES = ListSpec(key=_letters.batch_id, sorts={"id": _letters.batch_id}, default_sort="-id")
"""The ids of batches sort by when they were begun."""


def begun_at(batch_id: UUID) -> datetime:
    """When a batch was begun: its id says so (RFC 9562, version 7), to the millisecond."""
    return _EPOCH + timedelta(milliseconds=batch_id.int >> 80)


def list_batches(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the batches that are kept."""
    statement = (
        sa.select(_letters.batch_id, sa.func.count().label("letters"))
        .where(_letters.tenant_id == reading.caller.tenant_id, _letters.batch_id.is_not(None))
        .group_by(_letters.batch_id)
    )
    return listing.fetch(reading.connection, statement, _present)


def forget_batches(database: Database, before: datetime) -> None:
    """Delete the letters of batches that were begun before then; those that wait stay."""
    first_kept = UUID(int=((before - _EPOCH) // timedelta(milliseconds=1)) << 80)
    about = {"first_kept": first_kept, "most": _AT_ONCE}
    while True:
        with database.system_transaction() as connection:
            if not connection.execute(_FORGET, about).rowcount:
                return


def _present(row: sa.Row[Any]) -> dict[str, Any]:
    return {"id": row.batch_id, "count": row.letters, "begun_at": begun_at(row.batch_id)}


_FORGET = sa.text(
    """
    DELETE FROM letters WHERE (tenant_id, id) IN (
        SELECT tenant_id, id FROM letters WHERE batch_id < :first_kept LIMIT :most
    )
    """
)
