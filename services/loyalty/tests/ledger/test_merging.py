"""Points of two members who turn out to be one person, and then two after all (LO-2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import UUID

import psycopg
import pytest

from chassis.domain import NotFound
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from loyalty.ledger.merging import merge_ledgers, unmerge_ledgers
from services.loyalty.tests.builders import Loyalty
from services.loyalty.tests.ledgering import Points


@pytest.fixture
def points(loyalty: Loyalty, app: ApiClient) -> Points:
    """A program whose points do not expire, and whose members owe what they spent too early."""
    return Points(loyalty, app)


@pytest.fixture
def two(points: Points) -> tuple[UUID, UUID]:
    """A member with 100 points who holds 30 and has spent 20, and one with 50."""
    one, other = points.member(), points.member()
    points.earn(one, 100, "order")
    points.reserve(one, 30, "gift")
    points.spend(one, 20, "coffee")
    points.earn(other, 50)
    return one, other


def test_all_that_is_over_goes_to_the_other_and_either_name_means_them(
    points: Points, two: tuple[UUID, UUID]
) -> None:
    one, other = two
    points.run(merge_ledgers, one, other)
    points.run(merge_ledgers, one, other)
    left, has = points.has(one), points.has(other)
    assert (left.available, left.reserved, left.redeemed, left.issued) == (0, 0, 20, -20)
    assert (has.available, has.reserved, has.issued) == (100, 30, -130)
    assert not points.earn(other, 100, "order").is_new
    assert points.earn(one, 5).member_id == other
    assert points.redeem(other, "gift", "collected").points == 30
    assert points.restore(one, "coffee", "cold").points == 20
    assert points.has(one).redeemed == 0
    assert points.reverse(other, "order", "refund", 60).points == 60
    has = points.has(other)
    assert (has.available, has.reserved, has.redeemed, has.reversed) == (65, 0, 30, 60)


def test_what_came_goes_back_as_far_as_it_is_still_there(
    points: Points, two: tuple[UUID, UUID]
) -> None:
    one, other = two
    points.run(merge_ledgers, one, other)
    points.spend(other, 60, "feast")
    points.run(unmerge_ledgers, one)
    points.run(unmerge_ledgers, one)
    left, has = points.has(one), points.has(other)
    assert (left.available, left.reserved) == (0, 30)
    assert (has.available, has.reserved, has.redeemed) == (40, 0, 60)
    assert points.redeem(one, "gift", "collected").points == 30
    with pytest.raises(NotFound):
        points.redeem(other, "gift", "again")
    assert points.earn(one, 7).member_id == one
    assert points.has(one).available == 7


def test_a_debt_goes_over_and_is_made_up_for(points: Points, two: tuple[UUID, UUID]) -> None:
    one, other = two
    points.cancel(one, "gift", "no")
    points.spend(one, 80)
    points.reverse(one, "order", "refund")
    assert points.free(one) == -100
    points.run(merge_ledgers, one, other)
    assert (points.free(one), points.free(other)) == (0, -50)
    points.earn(other, 60)
    assert points.free(other) == 10


def test_whoever_was_merged_twice_is_found_and_parted_along_the_way(points: Points) -> None:
    first, second, third = (points.member() for _ in range(3))
    points.earn(first, 10, "first")
    points.run(merge_ledgers, first, second)
    points.earn(second, 20, "second")
    points.run(merge_ledgers, second, third)
    assert points.free(third) == 30
    assert not points.earn(first, 10, "first").is_new
    assert not points.earn(third, 10, "first").is_new
    points.run(unmerge_ledgers, first)
    assert (points.free(first), points.free(third)) == (10, 20)
    assert points.earn(third, 10, "first").is_new
    points.run(unmerge_ledgers, second)
    assert points.free(second) == 20
    assert points.free(third) == 10


def test_nobody_waits_for_a_name_that_is_merged_while_another_has_who_is_left(
    points: Points, two: tuple[UUID, UUID], database: TestDatabase
) -> None:
    gone, left = two
    points.run(merge_ledgers, gone, left)
    with ExitStack() as closing:
        one, other = (closing.enter_context(opening(points, database)) for _ in range(2))
        lock(one, left)
        pool = closing.enter_context(ThreadPoolExecutor(1))
        late = pool.submit(lock, other, gone)
        eventually(lambda: waits_for(one, other))
        lock(one, gone)
        one.commit()
        late.result(30)


def opening(points: Points, database: TestDatabase) -> psycopg.Connection:
    """A connection of the service's own login, within the tenant."""
    connection = psycopg.connect(database.runtime_url)
    connection.execute("SELECT set_config('app.tenant', %s, false)", (str(points.tenant_id),))
    connection.commit()
    return connection


def lock(connection: psycopg.Connection, member_id: UUID) -> None:
    """Begin as each operation on a member does."""
    asked = "SELECT ledger_open(%s, 'test', 'once', NULL, NULL, 0, now(), true)"
    connection.execute(asked, (member_id,))


def waits_for(one: psycopg.Connection, other: psycopg.Connection) -> bool:
    """Whether another connection waits for what one holds."""
    pids = (one.info.backend_pid, other.info.backend_pid)
    row = one.execute("SELECT %s = ANY (pg_blocking_pids(%s))", pids).fetchone()
    return row == (True,)
