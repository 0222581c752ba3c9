"""Provisioning: streams and consumers come to be as they are meant, in any order, again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, StorageType, StreamConfig

from chassis.embedded.nats import NatsServer
from chassis.events.broker import BrokerLogin, BrokerUnreachable, connected
from chassis.events.provision import StreamLimits, provision

_TYPES = {"shop": ["rapport.shop.events.v1.Sold", "rapport.shop.events.v1.Returned"]}


def run(
    broker: NatsServer,
    service: str = "office",
    consumes: Mapping[str, list[str]] = _TYPES,
    **more: Any,
) -> None:
    asyncio.run(
        provision(
            broker.url, "provisioner", "provisioner-password",
            service=service, consumes=consumes, **more,
        )
    )  # fmt: skip


def look(broker: NatsServer) -> tuple[dict[str, StreamConfig], dict[str, ConsumerConfig]]:
    """All streams and consumers on the broker."""

    async def ask() -> tuple[dict[str, StreamConfig], dict[str, ConsumerConfig]]:
        login = BrokerLogin(broker.url, "observer", "observer-password")
        async with connected(login, "test") as connection:
            js = connection.client.jetstream()
            streams = {info.config.name or "": info.config for info in await js.streams_info()}
            consumers = {
                info.name: info.config for name in streams for info in await js.consumers_info(name)
            }
            return streams, consumers

    return asyncio.run(ask())


def test_streams_keep_facts_for_a_month_and_refuse_rather_than_forget(broker: NatsServer) -> None:
    run(broker, limits=StreamLimits(max_bytes=5_000_000))
    streams, _ = look(broker)

    assert {name: stream.subjects for name, stream in streams.items()} == {
        "RAPPORT_OFFICE": ["rapport.office.events.>", "rapport.office.requests.>"],
        "RAPPORT_SHOP": ["rapport.shop.events.>", "rapport.shop.requests.>"],
        "RAPPORT_DEAD": ["rapport.*.dead.>"],
        "RAPPORT_REPLAYS": ["rapport.*.replays.>"],
    }
    for stream in streams.values():
        assert stream.max_age == 30 * 24 * 3600
        assert stream.max_bytes == 5_000_000
        assert stream.discard == DiscardPolicy.NEW
        assert stream.storage == StorageType.FILE
        assert stream.duplicate_window == 300
        assert stream.num_replicas == 1


def test_a_consumer_takes_just_its_types_and_gives_up_nothing_by_itself(broker: NatsServer) -> None:
    run(broker)
    _, consumers = look(broker)

    assert set(consumers) == {"office-shop", "office-replays"}
    consumer = consumers["office-shop"]
    assert sorted(consumer.filter_subjects or ()) == sorted(_TYPES["shop"])
    assert consumer.ack_policy == AckPolicy.EXPLICIT
    assert consumer.max_deliver == -1
    assert consumer.ack_wait == 30
    assert consumer.max_ack_pending == 2048


def test_a_request_can_be_consumed_from_a_sender_that_is_not_deployed_yet(
    broker: NatsServer,
) -> None:
    run(broker, consumes={"shop": ["rapport.shop.requests.v1.SendMessage"]})
    _, consumers = look(broker)

    assert consumers["office-shop"].filter_subjects == ["rapport.shop.requests.v1.SendMessage"]


def test_provisioning_again_changes_what_is_to_be_changed(broker: NatsServer) -> None:
    run(broker, limits=StreamLimits(max_bytes=5_000_000))
    run(
        broker,
        consumes={"shop": ["rapport.shop.events.v1.Lent"]},
        limits=StreamLimits(max_bytes=9_000_000),
    )
    streams, consumers = look(broker)

    assert streams["RAPPORT_OFFICE"].max_bytes == 9_000_000
    assert consumers["office-shop"].filter_subjects == ["rapport.shop.events.v1.Lent"]


def test_a_consumer_leaves_the_producers_stream_to_its_owner(broker: NatsServer) -> None:
    run(broker, "shop", {}, limits=StreamLimits(max_bytes=7_000_000))
    run(broker, limits=StreamLimits(max_bytes=5_000_000))
    streams, _ = look(broker)

    assert streams["RAPPORT_SHOP"].max_bytes == 7_000_000


def test_the_owner_takes_over_a_stream_that_a_consumer_has_made(broker: NatsServer) -> None:
    run(broker)
    run(broker, "shop", {}, limits=StreamLimits(max_bytes=7_000_000))
    streams, consumers = look(broker)

    assert streams["RAPPORT_SHOP"].max_bytes == 7_000_000
    assert set(consumers) == {"office-shop", "office-replays"}


def test_provisioning_again_keeps_facts_and_how_far_the_consumer_is(broker: NatsServer) -> None:
    run(broker)

    async def use() -> None:
        login = BrokerLogin(broker.url, "observer", "observer-password")
        async with connected(login, "test") as connection:
            js = connection.client.jetstream()
            for number in range(3):
                await js.publish("rapport.shop.events.v1.Sold", str(number).encode())
            pull = await js.pull_subscribe_bind("office-shop", "RAPPORT_SHOP")
            [message] = await pull.fetch(1, timeout=5)
            await message.ack_sync()

    asyncio.run(use())
    run(broker, limits=StreamLimits(max_bytes=9_000_000))

    async def rest(js: JetStreamContext) -> list[bytes]:
        pull = await js.pull_subscribe_bind("office-shop", "RAPPORT_SHOP")
        return [message.data for message in await pull.fetch(2, timeout=5)]

    async def ask() -> list[bytes]:
        login = BrokerLogin(broker.url, "observer", "observer-password")
        async with connected(login, "test") as connection:
            return await rest(connection.client.jetstream())

    assert asyncio.run(ask()) == [b"1", b"2"]


def test_services_can_be_provisioned_at_once(broker: NatsServer) -> None:
    async def both() -> None:
        await asyncio.gather(
            *(
                provision(
                    broker.url, "provisioner", "provisioner-password",
                    service=service, consumes=_TYPES if service != "shop" else {},
                )
                for service in ("office", "shop", "till", "shop", "office")
            )
        )  # fmt: skip

    asyncio.run(both())
    streams, consumers = look(broker)
    own = {"RAPPORT_OFFICE", "RAPPORT_SHOP", "RAPPORT_TILL"}
    assert set(streams) == own | {"RAPPORT_DEAD", "RAPPORT_REPLAYS"}
    assert set(consumers) == {"office-shop", "till-shop", "office-replays", "till-replays"}


def test_a_consumer_of_nothing_is_refused(broker: NatsServer) -> None:
    with pytest.raises(ValueError, match="office names no type of fact that it takes from shop"):
        run(broker, consumes={"shop": []})


def test_a_broker_that_is_not_there_is_named(broker: NatsServer) -> None:
    broker.stop()
    with pytest.raises(BrokerUnreachable, match=f"the broker at {broker.url} is not reached"):
        run(broker)


async def _client_of(broker: NatsServer) -> Client:
    async with connected(
        BrokerLogin(broker.url, "office", "office-password"), "test"
    ) as connection:
        return connection.client


def test_a_connection_is_closed_with_its_block(broker: NatsServer) -> None:
    assert asyncio.run(_client_of(broker)).is_closed
