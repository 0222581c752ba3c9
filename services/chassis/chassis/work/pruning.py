"""What the chassis' tables need not keep any longer, deleted in small batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from chassis.access.directory import SESSION, SUBJECT
from chassis.domain import Clock
from chassis.idempotency import KEPT as IDEMPOTENCY_KEYS_KEPT
from chassis.storage.database import Database
from chassis.storage.tables import access_entries, idempotency_keys, inbox, jobs, outbox
from chassis.work.periodic import PeriodicWork

OUTBOX_KEPT = timedelta(days=30)
"""How long the bus can be rebuilt from the outbox."""
INBOX_KEPT = timedelta(days=40)
"""Longer than the outbox, so that nothing that is published again is taken for new."""
REVOCATIONS_KEPT = timedelta(days=1)
"""Longer than any access token is valid."""
JOBS_KEPT = timedelta(days=30)

_BATCH = 5_000

Delete = Callable[[datetime], sa.Delete]


def _outbox(before: datetime) -> sa.Delete:
    """Of the oldest rows those that are published: no index on the time is needed for that."""
    oldest = sa.select(outbox.c.seq, outbox.c.published_at).order_by(outbox.c.seq).limit(_BATCH)
    head = oldest.subquery()
    old = sa.select(head.c.seq).where(head.c.published_at < before)
    return sa.delete(outbox).where(outbox.c.seq.in_(old))


def delete_by_key(
    table: sa.Table, condition: Callable[[datetime], sa.ColumnElement[bool]]
) -> Delete:
    """The rows of the condition, a batch of them."""

    def delete(before: datetime) -> sa.Delete:
        key = list(table.primary_key.columns)
        batch = sa.select(*key).where(condition(before)).limit(_BATCH)
        return sa.delete(table).where(sa.tuple_(*key).in_(batch))

    return delete


def _revocations(before: datetime) -> sa.ColumnElement[bool]:
    kinds = access_entries.c.kind.in_((SESSION, SUBJECT))
    return sa.and_(kinds, access_entries.c.changed_at < before)


def prune(database: Database, delete: Delete, before: datetime) -> int:
    """Delete what is older than `before`, batch by batch; gives the number of rows."""
    total = 0
    while True:
        with database.system_transaction() as connection:
            deleted = connection.execute(delete(before)).rowcount
        if deleted == 0:
            return total
        total += deleted


def pruning(database: Database, clock: Clock) -> list[PeriodicWork]:
    """The periodic work that every service has."""
    tables: list[tuple[str, timedelta, Delete]] = [
        ("outbox", OUTBOX_KEPT, _outbox),
        ("inbox", INBOX_KEPT, delete_by_key(inbox, lambda before: inbox.c.received_at < before)),
        (
            "idempotency keys",
            IDEMPOTENCY_KEYS_KEPT,
            delete_by_key(idempotency_keys, lambda before: idempotency_keys.c.created_at < before),
        ),
        ("revocations", REVOCATIONS_KEPT, delete_by_key(access_entries, _revocations)),
        ("jobs", JOBS_KEPT, delete_by_key(jobs, lambda before: jobs.c.finished_at < before)),
    ]
    return [
        PeriodicWork(
            f"prune {name}",
            timedelta(hours=1),
            lambda kept=kept, delete=delete: prune(database, delete, clock.now() - kept),  # type: ignore[misc]
        )
        for name, kept, delete in tables
    ]
