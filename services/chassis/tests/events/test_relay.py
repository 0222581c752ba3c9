"""The relay: every committed fact reaches the stream, in the order of its aggregate, and is marked then."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller, service_caller
from chassis.events.relay import Relay
from chassis.origin import coming_from
from chassis.storage.unit_of_work import UnitOfWork
from chassis.telemetry.tracing import continued
from services.chassis.tests.events.facts import SOLD, Sold, SoldMessage, Stray
from services.chassis.tests.events.world import TENANT, World, eventually

_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def numbers(world: World) -> list[int]:
    return [SoldMessage.FromString(message.data).number for message in world.published()]


def test_a_committed_fact_is_published_with_its_envelope(world: World) -> None:
    world.relay()
    product = uuid4()
    with continued(_TRACE, "a request", "server"):
        world.shop.record(Sold(7, "with a bow"), about=product)
    eventually(lambda: world.shop.unpublished() == 0)

    [message] = world.published()
    [(event_id, occurred_at)] = world.shop.query("SELECT id, occurred_at FROM outbox")
    assert message.subject == SOLD
    assert SoldMessage.FromString(message.data) == SoldMessage(number=7, note="with a bow")
    assert message.headers == {
        "Nats-Msg-Id": str(event_id),
        "ce-id": str(event_id),
        "ce-type": SOLD,
        "ce-source": "rapport.shop",
        "ce-subject": str(product),
        "ce-time": occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "tenant-id": str(TENANT),
        "aggregate-version": "1",
        "actor": "service:shop",
        "traceparent": _TRACE,
        "actor-client": "shop",
    }


def test_a_fact_says_from_where_it_was_caused(world: World) -> None:
    world.relay()
    user_id, session_id = uuid4(), uuid4()
    caller = Caller(
        tenant_id=TENANT,
        subject=str(user_id),
        user_id=user_id,
        client_id="till",
        session_id=session_id,
    )
    with coming_from("203.0.113.9"):
        world.shop.operations.run(caller, lambda tx: tx.publish(Sold(1), uuid4(), 1))
    with coming_from("not an address"):
        world.shop.operations.run(caller, lambda tx: tx.publish(Sold(2), uuid4(), 1))
    eventually(lambda: world.shop.unpublished() == 0)

    first, second = [message.headers for message in world.published()]
    assert first["actor"] == f"user:{user_id}"
    assert first["actor-client"] == "till"
    assert first["actor-session"] == str(session_id)
    assert first["actor-address"] == "203.0.113.9"
    assert "actor-address" not in second
    assert "cause" not in first


def test_a_commit_wakes_the_relay_long_before_it_would_look_by_itself(world: World) -> None:
    world.relay()
    world.shop.record(Sold(0))
    eventually(lambda: world.shop.unpublished() == 0)
    delays = []
    for number in range(1, 8):
        world.shop.record(Sold(number))
        eventually(lambda: world.shop.unpublished() == 0)
        [(delay,)] = world.shop.query(
            "SELECT extract(epoch FROM published_at - occurred_at)::float FROM outbox ORDER BY seq DESC LIMIT 1"
        )
        delays.append(delay)

    assert sorted(delays)[len(delays) // 2] < 0.25


def test_what_was_rolled_back_is_not_published(world: World) -> None:
    world.relay()

    def fail(tx: UnitOfWork) -> None:
        tx.publish(Sold(1), uuid4(), 1)
        tx.flush()
        raise RuntimeError("the sale falls through")

    with pytest.raises(RuntimeError, match="falls through"):
        world.shop.operations.run(service_caller("shop", TENANT), fail)
    world.shop.record(Sold(2))
    eventually(lambda: world.count() == 1)

    assert numbers(world) == [2]


def test_a_late_commit_with_a_lower_sequence_number_is_not_skipped(world: World) -> None:
    world.relay()

    def slow(tx: UnitOfWork) -> None:
        tx.publish(Sold(1), uuid4(), 1)
        tx.flush()
        tx.connection.exec_driver_sql("SELECT 1")  # which sends what waits to be written
        # So its sequence number is drawn, and its commit comes after the other's.
        world.shop.record(Sold(2))
        eventually(lambda: world.shop.query(marked) == [(1,)])

    marked = "SELECT count(*) FROM outbox WHERE published_at IS NOT NULL"
    world.shop.operations.run(service_caller("shop", TENANT), slow)
    eventually(lambda: world.count() == 2)

    assert numbers(world) == [2, 1]
    eventually(lambda: world.shop.unpublished() == 0)
    by_seq = world.shop.query("SELECT payload FROM outbox ORDER BY seq")
    assert [SoldMessage.FromString(payload).number for (payload,) in by_seq] == [1, 2]


def test_facts_of_an_aggregate_keep_their_order_among_thousands(world: World) -> None:
    products = [uuid4() for _ in range(7)]
    for start in range(0, 2100, 70):
        for product in products:
            world.shop.record(*(Sold(n) for n in range(start, start + 10)), about=product)
    world.relay()
    eventually(lambda: world.shop.unpublished() == 0)

    seen: dict[str, list[int]] = {}
    for message in world.published():
        number = SoldMessage.FromString(message.data).number
        seen.setdefault(message.headers["ce-subject"], []).append(number)
    assert len(seen) == 7
    assert all(found == sorted(found) and len(found) == 300 for found in seen.values())


def test_a_row_that_is_too_large_holds_back_its_own_aggregate_only(world: World) -> None:
    relay = world.relay()
    product = uuid4()
    world.shop.record(Sold(1), Sold(2, "x" * 1_100_000), Sold(3), about=product)
    for number in range(10, 20):
        world.shop.record(Sold(number))
    eventually(lambda: world.count() == 11)

    [(number, attempts, reason, is_later)] = world.shop.query(
        "SELECT aggregate_version, attempts, last_error, next_attempt_at > now() - interval '1 s'"
        " FROM outbox WHERE last_error IS NOT NULL"
    )
    assert (number, is_later) == (2, True)
    assert attempts >= 1
    assert "the broker takes at most 1048576" in reason
    assert world.shop.unpublished() == 2
    assert relay.is_healthy()

    # Made right by hand, it goes out, and then the one that it held back.
    payload = SoldMessage(number=2).SerializeToString()
    world.shop.query("UPDATE outbox SET payload = %s WHERE last_error IS NOT NULL", payload)
    eventually(lambda: world.shop.unpublished() == 0)
    about = [m for m in world.published() if m.headers["ce-subject"] == str(product)]
    assert [SoldMessage.FromString(m.data).number for m in about] == [1, 2, 3]


def test_a_row_that_the_broker_refuses_holds_back_its_own_aggregate_only(world: World) -> None:
    world.relay()
    product = uuid4()
    world.shop.record(Stray(1), Sold(2), about=product)
    world.shop.record(Sold(3))
    eventually(lambda: world.count() == 1)

    eventually(lambda: world.shop.query("SELECT 1 FROM outbox WHERE last_error IS NOT NULL"))
    [(reason,)] = world.shop.query("SELECT last_error FROM outbox WHERE last_error IS NOT NULL")
    assert reason == "this service may not publish on rapport.elsewhere.events.v1.Stray"
    assert numbers(world) == [3]


def test_a_relay_that_takes_over_keeps_holding_back(world: World) -> None:
    product = uuid4()
    world.shop.record(Sold(1, "x" * 1_100_000), Sold(2), about=product)
    world.shop.query(
        "UPDATE outbox SET attempts = 9, last_error = 'too large',"
        " next_attempt_at = now() + interval '4 minutes' WHERE aggregate_version = 1"
    )
    world.relay()
    world.shop.record(Sold(3))
    eventually(lambda: world.count() == 1)

    assert numbers(world) == [3]
    assert world.shop.query(
        "SELECT attempts FROM outbox WHERE aggregate_version = 1 AND aggregate_id = %s", product
    ) == [(9,)]


def test_a_row_that_is_held_back_is_tried_when_the_clock_has_jumped_back(world: World) -> None:
    clock = MovableClock(datetime(2026, 3, 1, tzinfo=UTC))
    world.relay(clock)
    world.shop.record(Stray(1))
    eventually(lambda: world.shop.query("SELECT 1 FROM outbox WHERE attempts = 1"))
    clock.move(timedelta(days=-1))

    eventually(lambda: world.shop.query("SELECT 1 FROM outbox WHERE attempts = 2"))


def test_of_two_relays_one_works_and_the_other_takes_over(world: World) -> None:
    first, second = world.relay(), world.relay()
    eventually(lambda: first.is_healthy() and second.is_healthy())
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    assert world.shop.query(locks) == [(1,)]
    workers = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shop-relay-interactive'"
    )
    assert world.shop.query(workers) == [(1,)]

    first.stop(5)
    world.shop.record(Sold(1))

    eventually(lambda: world.shop.unpublished() == 0)
    assert not first.is_healthy()
    eventually(second.is_healthy)


def test_commits_from_many_threads_are_published_once_each(world: World) -> None:
    world.relay()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: world.shop.record(Sold(number)), range(200)))
    eventually(lambda: world.shop.unpublished() == 0)

    assert sorted(numbers(world)) == list(range(200))


def test_stopping_finishes_at_once_when_there_is_nothing_to_do(world: World) -> None:
    relay = world.relay()
    eventually(relay.is_healthy)

    relay.stop(5)

    assert not relay.is_healthy()
    assert world.shop.query(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'shop-relay%%'"
    ) == [(0,)]


def test_a_relay_is_started_once(world: World) -> None:
    relay = Relay(world.shop.database, world.shop.settings, "shop")
    relay.start()
    with pytest.raises(RuntimeError, match="shop-relay was started before"):
        relay.start()
    relay.stop(5)
