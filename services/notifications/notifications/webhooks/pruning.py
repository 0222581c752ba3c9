"""The log of deliveries goes back thirty days, as the feed does."""

from __future__ import annotations

from datetime import timedelta

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from chassis.work.pruning import delete_by_key, prune
from notifications.webhooks.delivery_storage import webhook_attempts, webhook_deliveries
from notifications.webhooks.domain import KEPT

_DELIVERIES = delete_by_key(
    webhook_deliveries, lambda before: webhook_deliveries.c.created_at < before
)
_ATTEMPTS = delete_by_key(webhook_attempts, lambda before: webhook_attempts.c.at < before)


def webhook_pruning(database: Database, clock: Clock) -> list[PeriodicWork]:
    """The periodic work of webhooks."""

    def prune_log() -> None:
        before = clock.now() - KEPT
        prune(database, _DELIVERIES, before)
        prune(database, _ATTEMPTS, before)

    return [PeriodicWork("prune webhooks", timedelta(hours=1), prune_log)]
