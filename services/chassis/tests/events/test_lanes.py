"""The two lanes: what people wait for is not delayed by what a bulk load left behind."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from chassis.context import service_caller
from chassis.events.lane import Lane, SliceSize
from chassis.events.pace import Pace
from chassis.events.reactions import Envelope
from chassis.events.relay import Relay
from chassis.events.unpublished import Connection, Unpublished
from chassis.storage.unit_of_work import UnitOfWork
from services.chassis.tests.events.facts import Sold
from services.chassis.tests.events.world import TENANT, World, eventually, on_sold, write_down


def load(world: World, rows: int) -> None:
    """Commit that many bulk facts, each about something else."""

    def operation(tx: UnitOfWork) -> None:
        tx.bulk = True
        for number in range(rows):
            tx.publish(Sold(number), uuid4(), 1)

    world.shop.operations.run(service_caller("shop", TENANT), operation)


def test_bulk_facts_do_not_delay_interactive_ones(world: World) -> None:
    load(world, 20_000)
    world.relay()
    eventually(lambda: world.count() > 100)
    for number in range(20):
        world.shop.record(Sold(number))
    interactive = "SELECT count(*) FROM outbox WHERE lane = 0 AND published_at IS NOT NULL"
    eventually(lambda: world.shop.query(interactive) == [(20,)])

    assert world.shop.unpublished() > 5_000, "the bulk load was over before the test was"
    [(slowest,)] = world.shop.query(
        "SELECT max(extract(epoch FROM published_at - occurred_at))::float FROM outbox WHERE lane = 0"
    )
    assert slowest < 5.0


def test_bulk_facts_are_published_while_interactive_ones_keep_coming(world: World) -> None:
    load(world, 500)
    world.relay()
    number = 0

    def bulk_is_done() -> bool:
        nonlocal number
        number += 1
        world.shop.record(Sold(number))
        done = "SELECT count(*) FROM outbox WHERE lane = 1 AND published_at IS NULL"
        return world.shop.query(done) == [(0,)]

    eventually(bulk_is_done)


class RestlessLane(Lane):
    """Notes for how long it would rest, and goes on."""

    rests: list[float]

    async def _rest(self, _stop: asyncio.Event) -> None:
        self.rests.append(self.rest_seconds)


class RestlessRelay(Relay):
    """Has such lanes."""

    rests: list[float]

    def _lane(
        self, lane: int, connection: Connection, pace: Pace, *, before: Lane | None = None
    ) -> Lane:
        rows, slices = Unpublished(connection, lane), SliceSize(0.05)
        made = RestlessLane(rows, self._clock, self._service, slices, pace, before=before)
        self.rests = made.rests = []  # the bulk lane, which is made last, is the one that rests
        return made


def test_a_bulk_load_rests_twice_as_long_as_it_works_while_somebody_waits(world: World) -> None:
    load(world, 500)
    relay = world.relay(kind=RestlessRelay)
    assert isinstance(relay, RestlessRelay)
    eventually(lambda: world.shop.unpublished() == 0)
    assert relay.rests
    assert not any(relay.rests), "nobody was there to give way to"

    load(world, 5_000)
    number = 0

    def has_rested() -> bool:
        nonlocal number
        number += 1
        world.shop.record(Sold(number))
        return any(relay.rests)

    eventually(has_rested)
    assert max(relay.rests) <= 0.5
    eventually(lambda: world.shop.unpublished() == 0)


def slowly(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
    """React as a consumer that has much to do for each fact."""
    tx.connection.execute(sa.text("SELECT pg_sleep(0.002)"))
    write_down(tx, message, envelope)


def test_a_bulk_load_waits_in_the_outbox_and_not_in_front_of_interactive_facts(
    world: World,
) -> None:
    world.consumers(on_sold(slowly))
    world.publish(0)
    eventually(lambda: world.office.ledger() == [0])
    load(world, 2_000)
    world.relay()
    queues = []
    while len(world.office.ledger()) < 1_200:
        queues.append(world.unsettled())

    assert max(queues) < 600
    assert world.shop.unpublished() > 0
    eventually(lambda: len(world.office.ledger()) == 2_001, seconds=60)


def test_a_consumer_that_stands_still_does_not_stop_a_bulk_load(world: World) -> None:
    world.consumers(on_sold(slowly))
    world.relay()
    load(world, 1_000)
    eventually(lambda: len(world.office.ledger()) > 100)
    world.close_consumers()
    load(world, 3_000)

    eventually(lambda: world.shop.unpublished() == 0, seconds=30)


def test_a_slow_broker_gets_smaller_slices_and_a_fast_one_larger() -> None:
    slices = SliceSize(0.05)
    slices.learn(slices.rows, 0.5)
    assert slices.rows == 20
    for _ in range(10):
        slices.learn(slices.rows, 0.01)
    assert slices.rows == 1000


def test_a_slice_that_was_not_full_says_nothing_about_larger_ones() -> None:
    slices = SliceSize(0.05)
    slices.learn(3, 0.001)
    assert slices.rows == 100
