"""What imports need not keep for ever: files, and what became of rows. People are in there."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from contacts.imports.domain import BROKEN_OFF
from contacts.imports.storage import import_keys, import_parts, import_pieces, import_rows, imports

_BATCH = 1000
_TABLES = (import_pieces, import_parts, import_rows, import_keys)


def import_pruning(database: Database, clock: Clock, kept: timedelta) -> list[PeriodicWork]:
    """The periodic work of imports."""

    def prune() -> None:
        prune_imports(database, clock.now() - kept)

    return [PeriodicWork("prune imports", timedelta(hours=1), prune)]


def prune_imports(database: Database, before: datetime) -> int:
    """Empty the imports that nobody has touched since; gives how many rows of them were deleted.

    The imports themselves stay, since people refer to them; of their files the names of the
    columns stay.
    """
    total = 0
    for table in _TABLES:
        while deleted := _delete(database, table, before):
            total += deleted
    with database.system_transaction() as connection:
        forget = sa.update(imports).where(_idle(before)).values(examples=[])
        connection.execute(forget.where(sa.cast(imports.c.examples, sa.Text) != "[]"))
    return total


def _idle(before: datetime) -> sa.ColumnElement[bool]:
    """Imports that were touched long ago and are not at work: work may last."""
    return sa.and_(imports.c.updated_at < before, imports.c.state.not_in(list(BROKEN_OFF)))


def _delete(database: Database, table: sa.Table, before: datetime) -> int:
    key = list(table.primary_key.columns)
    batch = (
        sa.select(*key)
        .join(
            imports,
            sa.and_(imports.c.tenant_id == table.c.tenant_id, imports.c.id == table.c.import_id),
        )
        .where(_idle(before))
        .limit(_BATCH)
    )
    with database.system_transaction() as connection:
        return connection.execute(sa.delete(table).where(sa.tuple_(*key).in_(batch))).rowcount
