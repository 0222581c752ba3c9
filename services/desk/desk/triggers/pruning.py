"""Has go what nobody looks back to: what fired long ago, and chains that have long ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork

KEPT_FOR = timedelta(days=90)
_BATCH = 5_000
_FIRINGS = sa.text(
    "DELETE FROM trigger_firings WHERE (tenant_id, id) IN"
    " (SELECT tenant_id, id FROM trigger_firings WHERE at < :before LIMIT :most)"
)
_CHAINS = sa.text(
    "DELETE FROM trigger_chains WHERE (tenant_id, fact_id) IN"
    " (SELECT tenant_id, fact_id FROM trigger_chains WHERE at < :before LIMIT :most)"
)


def prune_firings(database: Database, now: datetime) -> int:
    """Have go what is older than it is kept, in batches; gives how many rows."""
    total = 0
    for statement in (_FIRINGS, _CHAINS):
        while True:
            with database.system_transaction() as connection:
                about = {"before": now - KEPT_FOR, "most": _BATCH}
                gone = connection.execute(statement, about).rowcount
            total += gone
            if gone < _BATCH:
                break
    return total


def trigger_pruning(database: Database, clock: Clock) -> Sequence[PeriodicWork]:
    """The periodic work that has firings go."""

    def prune() -> int:
        return prune_firings(database, clock.now())

    return (PeriodicWork("trigger firings", timedelta(hours=1), prune),)
