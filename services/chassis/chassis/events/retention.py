"""Removes published facts after the replay window, and inbox rows when no fact can come again."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.storage.database import Database
from chassis.storage.tables import inbox, outbox

OUTBOX_KEPT = timedelta(days=30)
"""The replay window: as long as streams keep facts, so that the bus can be rebuilt."""
INBOX_KEPT = timedelta(days=60)
"""Longer than the outbox, so that no replay has an effect a second time."""
_SLICE = 2000


def prune_outbox(database: Database, now: datetime, *, rows: int = _SLICE) -> int:
    """Delete published facts older than the replay window; gives how many.

    Walks from the oldest in slices, each its own transaction, and ends at the first that has
    nothing old enough. A fact that was never published stays.
    """
    before, position, deleted = now - OUTBOX_KEPT, 0, 0
    while True:
        with database.system_transaction() as connection:
            last = connection.execute(
                sa.select(
                    sa.func.max(sa.text("seq")), sa.func.min(sa.text("occurred_at"))
                ).select_from(
                    sa.select(outbox.c.seq, outbox.c.occurred_at)
                    .where(outbox.c.seq > position)
                    .order_by(outbox.c.seq)
                    .limit(rows)
                    .subquery()
                )
            ).one()
            if last[0] is None or last[1] >= before:
                return deleted
            deleted += connection.execute(
                sa.delete(outbox).where(
                    outbox.c.seq > position,
                    outbox.c.seq <= last[0],
                    outbox.c.published_at < before,
                )
            ).rowcount
            position = last[0]


def prune_inbox(database: Database, now: datetime, *, rows: int = _SLICE) -> int:
    """Delete what was received too long ago to come again, in slices; gives how many."""
    deleted = 0
    while True:
        with database.system_transaction() as connection:
            old = (
                sa.select(inbox.c.consumer, inbox.c.event_id)
                .where(inbox.c.received_at < now - INBOX_KEPT)
                .order_by(inbox.c.received_at)
                .limit(rows)
            )
            found = connection.execute(
                sa.delete(inbox).where(sa.tuple_(inbox.c.consumer, inbox.c.event_id).in_(old))
            ).rowcount
        deleted += found
        if found < rows:
            return deleted
