"""Compares relay and consumers with bare nats-py on the same messages; run by hand, prints the ratios.

python -m services.chassis.tests.events.throughput [facts]
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis.context import service_caller
from chassis.embedded.nats import throwaway_nats
from chassis.embedded.postgres import throwaway_postgres
from chassis.embedded.processes import wait_until
from chassis.events.outbox import BULK
from chassis.events.reactions import Envelope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from services.chassis.tests.events.facts import SOLD, Sold, SoldMessage
from services.chassis.tests.events.world import (
    TENANT,
    USERS,
    World,
    make_databases,
    make_world,
    on_sold,
    write_down,
)

_ALL_PUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
_RECEIVED = "SELECT count(*) FROM inbox"
_LEDGER = Statement(
    "INSERT INTO ledger (tenant_id, aggregate_id, number, note)"
    " VALUES (%(tenant_id)s, %(aggregate_id)s, %(number)s, %(note)s)"
)
_PER_TRANSACTION = 500
_NOTE = "a note of a usual length, as facts have them: sixty characters"


def fill(world: World, count: int, *, bulk: bool) -> None:
    """Put facts into the outbox, each about another aggregate."""

    def operation(tx: UnitOfWork) -> None:
        tx.bulk = bulk
        for number in range(_PER_TRANSACTION):
            tx.publish(Sold(number, _NOTE), uuid4(), 1)

    for _ in range(count // _PER_TRANSACTION):
        world.shop.operations.run(service_caller("shop", TENANT), operation)


def timed(work: Callable[[], object]) -> float:
    """How many seconds it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def relay_seconds(world: World, count: int, *, bulk: bool) -> float:
    """From the relay's start to the last mark."""
    fill(world, count, bulk=bulk)
    with psycopg.connect(world.shop.admin_dsn, autocommit=True) as watch:

        def work() -> None:
            world.relay()
            until(watch, _ALL_PUBLISHED, 0)

        seconds = timed(work)
    world.close_running()
    return seconds


def until(watch: psycopg.Connection[Any], question: str, answer: int) -> None:
    """Ask now and then, cheaply, so that asking does not take from what is measured."""
    if not wait_until(lambda: watch.execute(question).fetchone() == (answer,), 300):
        raise TimeoutError(f"{question} did not become {answer}")


def bare_publish_seconds(world: World, count: int) -> float:
    """The same messages, pipelined as far as nats-py does it."""
    payload = SoldMessage(number=7, note=_NOTE).SerializeToString()

    async def publish(js: JetStreamContext, _: Client) -> float:
        began = time.perf_counter()
        acknowledged = []
        for _number in range(count):
            event_id = str(uuid4())
            headers = {
                "Nats-Msg-Id": event_id, "ce-id": event_id, "ce-type": SOLD,
                "ce-source": "rapport.shop", "ce-subject": event_id,
                "ce-time": "2026-01-02T03:04:05.678901Z", "tenant-id": str(TENANT),
                "aggregate-version": "1", "actor": "service:shop",
            }  # fmt: skip
            acknowledged.append(await js.publish_async(SOLD, payload, headers=headers))
        await js.publish_async_completed()
        return time.perf_counter() - began

    return float(world.observe(publish))


def bare_consume_seconds(world: World, count: int) -> float:
    """Fetch and acknowledge, and do nothing."""

    async def consume(js: JetStreamContext, client: Client) -> float:
        pull = await js.pull_subscribe_bind("office-shop", "RAPPORT_SHOP")
        began, taken = time.perf_counter(), 0
        while taken < count:
            for message in await pull.fetch(500, timeout=5):
                await message.ack()
                taken += 1
        await client.flush()
        return time.perf_counter() - began

    return float(world.observe(consume))


def write_later(tx: UnitOfWork, message: Any, envelope: Envelope) -> None:
    """A line in the ledger, in the way of statements that are sent together."""
    values = {"tenant_id": tx.tenant_id, "aggregate_id": envelope.aggregate_id}
    tx.write(_LEDGER, values | {"number": message.number, "note": message.note})


def consumer_seconds(world: World, count: int, handler: Callable[..., Any]) -> float:
    """From the consumers' start to the last effect."""
    subscription = on_sold(handler)
    [(before,)] = world.office.query(_RECEIVED)
    with psycopg.connect(world.office.admin_dsn, autocommit=True) as watch:

        def work() -> None:
            world.consumers(subscription)
            until(watch, _RECEIVED, before + count)

        seconds = timed(work)
    world.close_running()
    return seconds


def trial(world: World, count: int) -> None:
    """Measure everything and print it."""
    rates: dict[str, float] = {}

    def note(name: str, seconds: float, yardstick: str | None = None) -> None:
        rates[name] = count / seconds
        ratio = "" if yardstick is None else f"  {rates[name] / rates[yardstick]:.2f} of bare"
        print(f"{name:38s} {rates[name]:8.0f}/s{ratio}")  # noqa: T201 - a script for people

    for _ in range(2):
        note("bare publish", bare_publish_seconds(world, count))
        note("bare fetch and acknowledge", bare_consume_seconds(world, count))
        note("relay, interactive", relay_seconds(world, count, bulk=False), "bare publish")
        inbox_only = consumer_seconds(world, count, lambda *_: None)
        note("consumer, inbox only", inbox_only, "bare fetch and acknowledge")
        note(f"relay, bulk (lane {BULK})", relay_seconds(world, count, bulk=True), "bare publish")
        effect = consumer_seconds(world, count, write_later)
        note("consumer, a row each, sent together", effect, "bare fetch and acknowledge")
        bare_publish_seconds(world, count)
        effect = consumer_seconds(world, count, write_down)
        note("consumer, a row each, one by one", effect, "bare fetch and acknowledge")


def main() -> None:
    """Start the servers, measure, stop them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with (
        tempfile.TemporaryDirectory() as folder,
        throwaway_postgres(Path(folder) / "postgres") as postgres,
        throwaway_nats(Path(folder) / "nats", USERS) as broker,
    ):
        make_databases(postgres, Path(folder) / "migrations")
        with make_world(postgres, broker) as world:
            # Without the monitoring port the relay waits for no consumer.
            alone = {"nats_monitor_url": None}
            world.shop.settings = world.shop.settings.model_copy(update=alone)
            trial(world, count)


if __name__ == "__main__":
    main()
