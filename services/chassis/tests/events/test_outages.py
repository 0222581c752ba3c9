"""What is killed, cut off or not there yet: everything still arrives, and has its effect once."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from pydantic import SecretStr

from chassis.embedded.nats import NatsServer
from chassis.events.consumer import ConsumerGroup
from chassis.events.provision import StreamLimits
from chassis.events.relay import Relay
from services.chassis.tests.events.facts import SOLD, Sold
from services.chassis.tests.events.world import USERS, World, eventually, on_sold

_ROOT = Path(__file__).parents[4]


@contextmanager
def relay_process(world: World) -> Iterator[subprocess.Popen[bytes]]:
    """The shop's relay in another process, killed in the end if the test has not done it."""
    values = world.shop.settings.model_dump(exclude_none=True)
    shown = {
        f"RAPPORT_{name.upper()}": value.get_secret_value()
        if isinstance(value, SecretStr)
        else str(value)
        for name, value in values.items()
    }
    command = [sys.executable, "-m", "services.chassis.tests.events.relay_process"]
    with subprocess.Popen(command, cwd=_ROOT, env=os.environ | shown) as process:
        try:
            yield process
        finally:
            process.kill()


def shorten_duplicate_window(world: World) -> None:
    """Let the broker forget the ids of messages almost at once."""

    async def update(js: JetStreamContext, _: Client) -> None:
        config = (await js.stream_info("RAPPORT_SHOP")).config
        await js.update_stream(config.evolve(duplicate_window=0.1))

    world.observe(update)


def await_forgotten_ids(world: World) -> None:
    """Wait until the broker has forgotten the ids of all messages that it has by now."""

    async def publish(js: JetStreamContext, _: Client) -> bool:
        probe = {"Nats-Msg-Id": "probe"}
        answer = await js.publish("rapport.shop.events.v1.Probe", b"", headers=probe)
        return bool(answer.duplicate)

    world.observe(publish)
    eventually(lambda: not world.observe(publish))


@pytest.mark.parametrize("duplicates", ["dropped by the broker", "dropped by the inbox"])
def test_a_relay_killed_between_publishing_and_marking_publishes_again_and_the_effect_is_one(
    world: World, duplicates: str
) -> None:
    broker_forgets = duplicates == "dropped by the inbox"
    if broker_forgets:
        shorten_duplicate_window(world)
    for number in range(20):
        world.shop.record(Sold(number))
    with psycopg.connect(world.shop.admin_dsn) as blocker:
        blocker.execute("SELECT 1 FROM outbox FOR UPDATE")
        with relay_process(world) as process:
            eventually(lambda: world.count() == 20)
            process.kill()
            process.wait()
        world.shop.disconnect("shop-relay%")
        blocker.rollback()
    assert world.shop.unpublished() == 20
    if broker_forgets:
        await_forgotten_ids(world)
    world.relay()
    eventually(lambda: world.shop.unpublished() == 0)

    sales = [message for message in world.published() if message.subject == SOLD]
    assert len(sales) == (40 if broker_forgets else 20)
    world.consumers()
    eventually(lambda: world.unsettled() == 0)
    assert sorted(world.office.ledger()) == list(range(20))


def test_what_is_committed_while_the_broker_is_down_is_published_when_it_is_back(
    world: World,
) -> None:
    relay, group = world.relay(), world.consumers()
    world.shop.record(Sold(0))
    eventually(lambda: world.office.ledger() == [0])
    world.broker.stop()
    eventually(lambda: not relay.is_healthy() and not group.is_healthy())
    for number in range(1, 20):
        world.shop.record(Sold(number))
    world.broker.start()

    eventually(lambda: sorted(world.office.ledger()) == list(range(20)))
    eventually(lambda: relay.is_healthy() and group.is_healthy())
    assert world.shop.unpublished() == 0


def test_a_broker_that_is_killed_again_and_again_costs_no_fact_and_doubles_none(
    world: World,
) -> None:
    world.relay()
    world.consumers()
    for number in range(30):
        world.shop.record(Sold(number))
        if number % 10 == 5:
            world.broker.kill()
            world.broker.start()

    eventually(lambda: len(world.office.ledger()) >= 30, seconds=60)
    eventually(lambda: world.unsettled() == 0, seconds=60)
    assert sorted(world.office.ledger()) == list(range(30))


def test_services_that_start_before_the_broker_and_its_streams_wait_for_them(world: World) -> None:
    world.broker.stop()
    relay, group = world.relay(), world.consumers()
    world.shop.record(Sold(1))
    assert not relay.is_healthy()
    assert not group.is_healthy()
    world.broker.start()

    eventually(lambda: world.office.ledger() == [1])
    eventually(lambda: relay.is_healthy() and group.is_healthy())


def test_a_stream_and_a_consumer_that_come_later_are_found(world: World) -> None:
    async def delete(js: JetStreamContext, _: Client) -> None:
        await js.delete_stream("RAPPORT_SHOP")

    world.observe(delete)
    group = world.consumers()
    relay = world.relay()
    world.shop.record(Sold(1))
    eventually(lambda: not group.is_healthy())
    eventually(lambda: world.shop.query("SELECT 1 FROM outbox WHERE last_error IS NOT NULL"))
    world.provision()

    eventually(lambda: world.office.ledger() == [1])
    eventually(lambda: group.is_healthy() and relay.is_healthy())


def test_a_full_stream_refuses_and_is_filled_on_when_there_is_room(world: World) -> None:
    world.provision(StreamLimits(max_bytes=20_000))
    note = "x" * 3000
    relay = world.relay()
    for number in range(10):
        world.shop.record(Sold(number, note))
    reasons = "SELECT DISTINCT last_error FROM outbox WHERE last_error IS NOT NULL"
    [(reason,)] = eventually(lambda: world.shop.query(reasons))
    assert "maximum bytes exceeded" in reason
    assert world.shop.unpublished() > 0
    eventually(lambda: not relay.is_healthy())
    world.provision(StreamLimits(max_bytes=1_000_000))

    eventually(lambda: world.shop.unpublished() == 0)
    eventually(relay.is_healthy)
    assert world.count() == 10


def test_killed_database_connections_are_replaced(world: World) -> None:
    relay, group = world.relay(), world.consumers()
    for number in range(30):
        world.shop.record(Sold(number))
        if number % 10 == 5:
            eventually(lambda: world.shop.disconnect("shop-relay%") >= 1)
            world.shop.disconnect("waker")
            world.office.disconnect("office%")

    eventually(lambda: sorted(world.office.ledger()) == list(range(30)), seconds=40)
    eventually(lambda: relay.is_healthy() and group.is_healthy())
    assert world.shop.unpublished() == 0


def test_a_database_that_is_away_costs_no_fact(world: World) -> None:
    group = world.consumers()
    world.publish(1)
    eventually(lambda: world.office.ledger() == [1])
    world.office.query("ALTER ROLE office_runtime NOLOGIN")
    world.office.disconnect("office%")
    for number in range(2, 12):
        world.publish(number)
    eventually(lambda: world.unsettled() == 10)
    world.office.query("ALTER ROLE office_runtime LOGIN")

    eventually(lambda: sorted(world.office.ledger()) == list(range(1, 12)))
    eventually(lambda: world.unsettled() == 0)
    assert world.count("RAPPORT_DEAD") == 0
    assert group.is_healthy()


def test_what_was_finished_while_the_broker_was_away_is_settled_when_it_is_back(
    world: World,
) -> None:
    calls: list[int] = []

    def outlive_the_broker(_tx: object, message: Sold, _envelope: object) -> None:
        calls.append(message.number)
        world.broker.stop()

    world.publish(1)
    group = world.consumers(on_sold(outlive_the_broker))
    eventually(lambda: world.office.query("SELECT count(*) FROM inbox") == [(1,)])
    world.broker.start()
    eventually(group.is_healthy)

    # Long before the broker would deliver it again by itself.
    eventually(lambda: world.unsettled() == 0)
    assert calls == [1]


def test_wrong_credentials_are_no_reason_to_give_up(world: World) -> None:
    guessed = {"nats_password": SecretStr("guessed")}
    wrong = world.office.settings.model_copy(update=guessed)
    group = ConsumerGroup(world.office.operations, wrong, "office", [on_sold()])
    wrong = world.shop.settings.model_copy(update=guessed)
    relay = Relay(world.shop.database, wrong, "shop")
    world.shop.record(Sold(1))
    try:
        group.start()
        relay.start()
        eventually(lambda: "authentication error" in world.broker.log_path.read_text())
        assert not group.is_healthy()
        assert not relay.is_healthy()
        make_valid(world, "guessed")
        eventually(lambda: world.office.ledger() == [1])
    finally:
        group.stop(5)
        relay.stop(5)


def make_valid(world: World, password: str) -> None:
    """Give all users of the broker this password, while it runs."""
    users = [dataclasses.replace(user, password=password) for user in USERS]
    broker = world.broker
    NatsServer(broker.folder, broker.port, broker.monitor_port, users, throwaway=True).start()
