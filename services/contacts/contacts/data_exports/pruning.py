"""What exports need not keep for long: archives, whose time has come, and what was told for those that failed."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from contacts.data_exports.domain import PATIENCE
from contacts.data_exports.storage import data_export_pieces, data_exports

_BATCH = 100
"""Pieces at a time: each may have a MiB."""


def data_export_pruning(database: Database, clock: Clock) -> list[PeriodicWork]:
    """The periodic work of exports."""

    def prune() -> None:
        prune_archives(database, clock.now())

    return [PeriodicWork("prune data exports", timedelta(minutes=10), prune)]


def prune_archives(database: Database, now: datetime) -> int:
    """Empty the archives whose time has come; gives how many pieces were deleted.

    That there was an export stays, for as long as there is the person. One that did not become an
    archive is not at work any more after as long as others are waited for.
    """
    total = 0
    while deleted := _delete(database, now):
        total += deleted
    return total


def _delete(database: Database, now: datetime) -> int:
    exports, key = data_exports.c, list(data_export_pieces.primary_key.columns)
    over = sa.func.coalesce(exports.expires_at, exports.requested_at + 2 * PATIENCE) <= now
    batch = (
        sa.select(*key)
        .join(
            data_exports,
            sa.and_(
                exports.tenant_id == data_export_pieces.c.tenant_id,
                exports.id == data_export_pieces.c.export_id,
            ),
        )
        .where(over)
        .limit(_BATCH)
    )
    with database.system_transaction() as connection:
        statement = sa.delete(data_export_pieces).where(sa.tuple_(*key).in_(batch))
        return connection.execute(statement).rowcount
