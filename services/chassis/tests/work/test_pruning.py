"""Pruning: what is old goes, what is still needed stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.clock import MovableClock
from chassis.storage import tables
from chassis.storage.database import Database
from chassis.work.pruning import pruning
from services.chassis.tests.work.conftest import BEGIN

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(BEGIN)


def store(database: Database, tenant: UUID, table: sa.Table, *rows: dict[str, Any]) -> None:
    """Rows of the tenant, as the owner of the tables could have written them."""
    with database.tenant_transaction(tenant) as connection:
        for row in rows:
            connection.execute(sa.insert(table).values(tenant_id=tenant, **row))


def prune_all(database: Database, clock: MovableClock) -> None:
    for work in pruning(database, clock):
        work.run()


def left(database: Database, tenant: UUID, column: sa.Column[Any]) -> set[Any]:
    with database.tenant_transaction(tenant) as connection:
        return set(connection.execute(sa.select(column)).scalars())


def fact(kind: str, published: timedelta | None) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "lane": 0,
        "type": kind,
        "aggregate_id": uuid4(),
        "aggregate_version": 1,
        "payload": b"",
        "actor": "test",
        "occurred_at": BEGIN - 60 * DAY,
        "published_at": None if published is None else BEGIN - published,
    }


def test_published_facts_go_after_thirty_days_and_unpublished_ones_never(
    database: Database, tenant: UUID, clock: MovableClock
) -> None:
    rows = [
        fact("never published", None),
        fact("published long ago", 31 * DAY),
        fact("published lately", 29 * DAY),
    ]
    store(database, tenant, tables.outbox, *rows)

    prune_all(database, clock)

    kept = left(database, tenant, tables.outbox.c.type)
    assert kept == {"never published", "published lately"}


def test_more_than_a_batch_of_facts_goes_too(
    database: Database, tenant: UUID, clock: MovableClock
) -> None:
    many = sa.text(
        "INSERT INTO outbox (id, tenant_id, lane, type, aggregate_id, aggregate_version, payload,"
        " actor, occurred_at, published_at) SELECT gen_random_uuid(), :tenant, 0, 'old',"
        " gen_random_uuid(), 1, '', 'test', :old, :old FROM generate_series(1, 12001)"
    )
    with database.tenant_transaction(tenant) as connection:
        connection.execute(many, {"tenant": tenant, "old": BEGIN - 31 * DAY})

    prune_all(database, clock)

    assert left(database, tenant, tables.outbox.c.seq) == set()


def test_the_inbox_is_kept_longer_than_the_outbox(
    database: Database, tenant: UUID, clock: MovableClock
) -> None:
    store(
        database,
        tenant,
        tables.inbox,
        {"consumer": "old", "event_id": uuid4(), "received_at": BEGIN - 41 * DAY},
        {"consumer": "young", "event_id": uuid4(), "received_at": BEGIN - 35 * DAY},
    )

    prune_all(database, clock)

    assert left(database, tenant, tables.inbox.c.consumer) == {"young"}


def test_idempotency_keys_go_after_a_day(
    database: Database, tenant: UUID, clock: MovableClock
) -> None:
    answer = {"body_hash": b"", "status": 200, "headers": {}, "body": b""}
    store(
        database,
        tenant,
        tables.idempotency_keys,
        {"scope_hash": b"old", "created_at": BEGIN - timedelta(hours=25), **answer},
        {"scope_hash": b"young", "created_at": BEGIN - timedelta(hours=23), **answer},
    )

    prune_all(database, clock)

    kept = left(database, tenant, tables.idempotency_keys.c.scope_hash)
    assert {bytes(scope) for scope in kept} == {b"young"}


def test_revocations_go_after_a_day_and_roles_stay(
    database: Database, tenant: UUID, clock: MovableClock
) -> None:
    about = {"version": 1, "removed": False, "data": {}}
    store(
        database,
        tenant,
        tables.access_entries,
        {"kind": "session", "key": "old", "changed_at": BEGIN - 2 * DAY, **about},
        {"kind": "subject", "key": "older", "changed_at": BEGIN - 3 * DAY, **about},
        {"kind": "session", "key": "young", "changed_at": BEGIN - DAY / 2, **about},
        {"kind": "role", "key": "role", "changed_at": BEGIN - 900 * DAY, **about},
    )

    prune_all(database, clock)

    assert left(database, tenant, tables.access_entries.c.key) == {"young", "role"}


def test_jobs_go_thirty_days_after_their_end(
    database: Database, tenant: UUID, clock: MovableClock
) -> None:
    about = {
        "created_by": "user:ada",
        "arguments": {},
        "progress": {},
        "created_at": BEGIN - 99 * DAY,
    }
    store(
        database,
        tenant,
        tables.jobs,
        {"id": uuid4(), "kind": "old", "state": "failed", "finished_at": BEGIN - 31 * DAY, **about},
        {"id": uuid4(), "kind": "late", "state": "failed", "finished_at": BEGIN - DAY, **about},
        {"id": uuid4(), "kind": "open", "state": "running", **about},
    )

    prune_all(database, clock)

    assert left(database, tenant, tables.jobs.c.kind) == {"late", "open"}
