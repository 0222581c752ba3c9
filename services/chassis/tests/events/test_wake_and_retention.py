"""The waker never stands in anybody's way; old facts and old receipts go, and nothing else."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from chassis.events.retention import prune_inbox, prune_outbox
from chassis.events.wake import Waker
from services.chassis.tests.events.facts import Sold
from services.chassis.tests.events.world import TENANT, World, eventually

_NOW = datetime(2026, 3, 1, tzinfo=UTC)


def listen(world: World) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(world.shop.database.system_dsn, autocommit=True)
    connection.execute("LISTEN outbox")
    return connection


def test_many_commits_share_few_notifications(world: World) -> None:
    with listen(world) as listener:
        for _ in range(2000):
            world.shop.waker.wake()
        world.shop.waker.close()
        received = list(listener.notifies(timeout=1))

    assert 1 <= len(received) < 200


def test_waking_takes_no_time_when_the_database_is_away(world: World) -> None:
    world.shop.database.system_dsn = "postgresql://nobody@127.0.0.1:1/nothing"
    waker = Waker(world.shop.database)
    began = time.perf_counter()
    for _ in range(1000):
        waker.wake()
    assert time.perf_counter() - began < 1.5
    waker.close()


def test_a_waker_whose_connection_was_killed_opens_another(world: World) -> None:
    with listen(world) as listener:
        world.shop.waker.wake()
        assert list(listener.notifies(timeout=10, stop_after=1))
        assert world.shop.disconnect("waker") == 1

        def heard() -> bool:
            world.shop.waker.wake()
            return bool(list(listener.notifies(timeout=0.1, stop_after=1)))

        eventually(heard)


def test_nothing_is_sent_after_closing(world: World) -> None:
    world.shop.waker.close()
    with listen(world) as listener:
        world.shop.waker.wake()
        assert list(listener.notifies(timeout=0.2)) == []


@pytest.mark.parametrize("slice_size", [1, 3, 2000])
def test_published_facts_go_after_thirty_days_and_others_stay(
    world: World, slice_size: int
) -> None:
    ages = [50, 40, 31, 31, 29, 10, 0]
    for number in range(len(ages)):
        world.shop.record(Sold(number))
    for seq, age in enumerate(ages, start=1):
        at = _NOW - timedelta(days=age)
        published = None if seq == 2 else at
        world.shop.query(
            "UPDATE outbox SET occurred_at = %s, published_at = %s WHERE seq = %s",
            at,
            published,
            seq,
        )

    assert prune_outbox(world.shop.database, _NOW, rows=slice_size) == 3
    assert world.shop.query("SELECT seq FROM outbox ORDER BY seq") == [(2,), (5,), (6,), (7,)]
    assert prune_outbox(world.shop.database, _NOW, rows=slice_size) == 0


@pytest.mark.parametrize("slice_size", [1, 2, 2000])
def test_receipts_are_kept_longer_than_any_fact_can_come_again(
    world: World, slice_size: int
) -> None:
    for age in (100, 61, 59, 31, 0):
        world.office.query(
            "INSERT INTO inbox VALUES ('office-shop/effect', gen_random_uuid(), %s, %s)",
            TENANT,
            _NOW - timedelta(days=age),
        )

    assert prune_inbox(world.office.database, _NOW, rows=slice_size) == 2
    assert world.office.query("SELECT count(*) FROM inbox") == [(3,)]
