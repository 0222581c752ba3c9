"""Facts that are older than the feed goes back are deleted, tenant by tenant, oldest first."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from notifications.feed.domain import KEPT
from notifications.feed.storage import fact_positions, feed_facts

_BATCH = 5_000


def fact_pruning(database: Database, clock: Clock) -> list[PeriodicWork]:
    """The periodic work of the feed."""
    return [
        PeriodicWork(
            "prune facts", timedelta(hours=1), lambda: prune_facts(database, clock.now() - KEPT)
        )
    ]


def prune_facts(database: Database, before: datetime) -> int:
    """Delete what was stored before that time; gives the number of facts.

    How far a feed was cut is noted with it, so that a reader who comes too late is told.
    """
    with database.system_transaction() as connection:
        tenants = list(connection.execute(sa.select(fact_positions.c.tenant_id)).scalars())
    total = 0
    for tenant_id in tenants:
        while deleted := _prune_batch(database, tenant_id, before):
            total += deleted
    return total


def _prune_batch(database: Database, tenant_id: UUID, before: datetime) -> int:
    here = feed_facts.c
    with database.system_transaction() as connection:
        last = connection.execute(
            sa.select(sa.func.max(sa.text("position"))).select_from(
                sa.select(here.position)
                .where(here.tenant_id == tenant_id, here.stored_at < before)
                .order_by(here.stored_at, here.position)
                .limit(_BATCH)
                .subquery()
            )
        ).scalar()
        if last is None:
            return 0
        deleted = connection.execute(
            sa.delete(feed_facts).where(here.tenant_id == tenant_id, here.position <= last)
        ).rowcount
        connection.execute(
            sa.update(fact_positions)
            .where(fact_positions.c.tenant_id == tenant_id)
            .values(pruned_to=last)
        )
        return deleted
