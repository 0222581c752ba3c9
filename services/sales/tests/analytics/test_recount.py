"""Counting anew: by those who may count everything, in batches, one at a time (SA-15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.embedded.postgres import PostgresServer
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase, migrated_database
from sales.analytics import recount as recounting
from sales.description import DESCRIPTION
from sales.transaction import SalesTx
from services.sales.tests.builders import (
    ACTIVITIES,
    Sales,
    at_once,
    capture,
    choose_base,
    define_pipeline,
    good,
    lasting_app,
    move,
    open_one,
    refused,
)
from services.sales.tests.counting import RECOUNT, differing, forget_counts, tell_all

KINDS = ("opportunities", "entries", "activities", "leads")
HELD = "SELECT pg_advisory_lock(hashtextextended('recount of ' || %s::text, 0))"


@pytest.fixture(scope="module")
def apart(postgres: PostgresServer) -> TestDatabase:
    """A database that no relay works on: here the test alone decides which facts arrive, and when."""
    return migrated_database(postgres, "sales", DESCRIPTION.migrations, "sales_recounts")


@pytest.fixture
def database(apart: TestDatabase) -> TestDatabase:
    """That one, in place of the one that all other tests share."""
    return apart


@pytest.fixture
def client(timed: Sales, clock: MovableClock) -> ApiClient:
    """An app in a tenant with some of everything, of which nothing is counted yet."""
    app = lasting_app(timed, clock)
    choose_base(app)
    pipeline = define_pipeline(app)
    for number in range(5):
        one = open_one(app, pipeline)
        good(move(app, one, "talk"))
        call = good(app.post(ACTIVITIES, {"subject": "Ring", "opportunity_id": one["id"]}))
        good(app.post(f"{ACTIVITIES}/{call['id']}/complete", {}))
        capture(app, email=f"{number}@engines.example")
    return app


def tenant_of(client: ApiClient) -> UUID:
    """The client's tenant."""
    assert client.tenant_id is not None
    return client.tenant_id


def row_versions(database: TestDatabase, tenant: UUID) -> list[Any]:
    """Which transaction has written each counted row last."""
    with psycopg.connect(database.admin_url) as connection:
        return [
            connection.execute(
                f"SELECT xmin::text, * FROM counted_{kind} WHERE tenant_id = %s"  # noqa: S608 - our own
                " ORDER BY 2, 3, 4",
                [tenant],
            ).fetchall()
            for kind in KINDS
        ]


def orphan(database: TestDatabase, tenant: UUID, lead_id: UUID) -> None:
    """Count a lead that no record stands behind."""
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "INSERT INTO counted_leads (tenant_id, lead_id, version, source, campaign,"
            " credited_source, credited_campaign) VALUES (%s, %s, 1, '', '', '', '')",
            [tenant, lead_id],
        )


def test_only_whoever_reaches_everything_counts_anew_or_compares(
    timed: Sales, database: TestDatabase, client: ApiClient
) -> None:
    for reach in ("own", "team"):
        user = timed.user_client(tenant_of(client), {"sales.analytics.recount": reach})
        assert refused(user.post(RECOUNT)) == (403, "reach_too_short")
        assert refused(user.get(RECOUNT)) == (403, "reach_too_short")
    assert set(differing(client)) == set(KINDS)
    everybody = timed.user_client(tenant_of(client), {"sales.analytics.recount": "all"})
    assert good(everybody.post(RECOUNT))["agrees"]
    assert refused(timed.anonymous().post(RECOUNT)) == (401, "token_missing")
    assert database is not None


def test_a_recount_in_small_batches_counts_as_one_in_a_large_one(
    timed: Sales, database: TestDatabase, client: ApiClient
) -> None:
    tenant = tenant_of(client)
    assert good(client.post(RECOUNT))["agrees"]
    whole = [[row[1:] for row in rows] for rows in row_versions(database, tenant)]
    forget_counts(database, tenant)
    for lead_id in (UUID(int=1), uuid4(), UUID(int=2**128 - 1)):
        orphan(database, tenant, lead_id)
    batches = 0

    def apart(batch: recounting.Batch) -> UUID | None:
        nonlocal batches
        batches += 1
        caller = service_caller("sales", tenant)
        return timed.service.operations.transact(caller, EVERYTHING, "batch", batch)

    def count(tx: SalesTx) -> dict[str, Any]:
        return recounting.recount(tx, apart, size=2)

    told = timed.service.operations.transact(
        service_caller("sales", tenant), EVERYTHING, "recount", count
    )
    assert told["agrees"]
    # Five of each, ten entries of five opportunities: three batches or more, the last one open.
    assert batches >= 12
    assert [[row[1:] for row in rows] for rows in row_versions(database, tenant)] == whole


def test_what_is_counted_right_is_not_written_again(
    database: TestDatabase, client: ApiClient, timed: Sales, clock: MovableClock
) -> None:
    tell_all(timed, database, client)
    assert good(client.post(RECOUNT))["agrees"]
    before = row_versions(database, tenant_of(client))
    clock.move(timedelta(days=1))
    assert good(client.post(RECOUNT))["agrees"]
    assert row_versions(database, tenant_of(client)) == before


def test_while_one_counts_anew_another_is_told_to_wait(
    timed: Sales, database: TestDatabase, clock: MovableClock, client: ApiClient
) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(HELD, [tenant_of(client)])
        answer = client.post(RECOUNT)
        assert refused(answer) == (409, "recount_running")
        assert int(answer.headers["Retry-After"]) >= 1
        assert good(client.get(RECOUNT))["agrees"] is False
        # Those of another tenant are counted meanwhile.
        assert good(lasting_app(timed, clock).post(RECOUNT))["agrees"]
    assert good(client.post(RECOUNT))["agrees"]


def test_several_who_count_anew_at_once_agree_with_the_records(client: ApiClient) -> None:
    codes = at_once(*[lambda: client.post(RECOUNT)] * 4)
    assert codes[0] == 200
    assert set(codes) <= {200, 409}
    assert differing(client) == {}
