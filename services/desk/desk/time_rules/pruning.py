"""Has go what is kept so that no rule fires twice, once no rule looks at the ticket again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork

KEPT_FOR = timedelta(days=30)
"""How long after the ticket was closed, for whoever asks what a rule did; closed tickets stay closed."""
_BATCH = 5_000
_FIRINGS = sa.text(
    "DELETE FROM time_rule_firings WHERE (tenant_id, ticket_id, time_rule_id) IN"
    " (SELECT f.tenant_id, f.ticket_id, f.time_rule_id FROM time_rule_firings AS f"
    " JOIN tickets AS t ON t.tenant_id = f.tenant_id AND t.id = f.ticket_id"
    " WHERE f.fired_at < :before AND t.closed_at < :before LIMIT :most)"
)


def prune_time_rule_firings(database: Database, now: datetime) -> int:
    """Have go what time rules did to tickets that are long closed, in batches; gives how many rows."""
    about, total = {"before": now - KEPT_FOR, "most": _BATCH}, 0
    while True:
        with database.system_transaction() as connection:
            gone = connection.execute(_FIRINGS, about).rowcount
        total += gone
        if gone < _BATCH:
            return total


def time_rule_pruning(database: Database, clock: Clock) -> Sequence[PeriodicWork]:
    """The periodic work that has them go."""

    def prune() -> int:
        return prune_time_rule_firings(database, clock.now())

    return (PeriodicWork("time rule firings", timedelta(days=1), prune),)
