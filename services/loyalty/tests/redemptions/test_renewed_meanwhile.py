"""A code that was renewed is good for nothing, also for whoever waits for the renewal to end (LO-6)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from loyalty.codes.domain import digest_of, normalized
from loyalty.codes.generation import new_code
from loyalty.redemptions.domain import CODE_PURPOSE
from services.loyalty.tests.builders import Loyalty, good
from services.loyalty.tests.redeeming import Shop

_WAITERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND %s = ANY(pg_blocking_pids(pid))"
)
_RENEW = "UPDATE redemptions SET code_digest = %s WHERE id = %s"


@pytest.fixture
def other(database: TestDatabase) -> Iterator[psycopg.Connection[Any]]:
    """Somebody else at the same database."""
    with psycopg.connect(database.admin_url) as connection:
        yield connection


def is_waited_for(database: TestDatabase, other: psycopg.Connection[Any]) -> bool:
    """Whether somebody waits for what the other holds."""
    with psycopg.connect(database.admin_url) as looking:
        row = looking.execute(_WAITERS, [other.info.backend_pid]).fetchone()
    return row is not None and row[0] > 0


def test_nobody_collects_by_a_code_that_is_renewed_meanwhile(
    loyalty: Loyalty, app: ApiClient, database: TestDatabase, other: psycopg.Connection[Any]
) -> None:
    shop, code = Shop(loyalty, app), new_code()
    redemption = shop.reserved(shop.reward(), shop.rich())
    digest = digest_of(CODE_PURPOSE, UUID(str(shop.tenant_id)), code)
    other.execute(_RENEW, [digest, redemption["id"]])
    with ThreadPoolExecutor(1) as pool:
        stolen = pool.submit(shop.collect, redemption["code"])
        try:
            eventually(lambda: is_waited_for(database, other))
        finally:
            other.commit()
        assert stolen.result().status_code == 404
    assert shop.now(redemption)["state"] == "reserved"
    assert good(shop.collect(normalized(code)))["state"] == "collected"
