"""The embedded NATS server: what a service's user may do on it, and that it keeps what it acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.errors import Error
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import NoStreamResponseError

from chassis.embedded.errors import PortTaken
from chassis.embedded.nats import NatsServer, throwaway_nats
from chassis.embedded.nats_permissions import (
    PROVISIONER,
    provisioner_permissions,
    service_permissions,
)
from chassis.events.names import inbox_prefix

_USERS = (
    service_permissions("identity", "identity-password", consumes=[]),
    service_permissions("contacts", "contacts-password", consumes=["identity"]),
    provisioner_permissions("provisioner-password"),
)
_FACT = "rapport.identity.events.v1.UserInvited"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A server with the users of two services and the provisioner."""
    with throwaway_nats(tmp_path_factory.mktemp("nats"), _USERS) as running:
        yield running


@asynccontextmanager
async def connected(
    server: NatsServer, user: str
) -> AsyncIterator[tuple[Client, asyncio.Queue[str]]]:
    """A connection as a user, and the errors that the server reports on it."""
    refusals: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        refusals.put_nowait(str(error))

    client = await nats.connect(
        server.url,
        user=user,
        password=f"{user}-password",
        inbox_prefix=inbox_prefix(user).encode(),
        error_cb=note,
        allow_reconnect=False,
    )
    try:
        yield client, refusals
    finally:
        await client.close()


async def provision(server: NatsServer) -> None:
    """The stream of identity's facts with the consumer of contacts, as the provisioner makes them."""
    async with connected(server, PROVISIONER) as (client, _):
        stream = client.jetstream()
        await stream.add_stream(name="RAPPORT_IDENTITY", subjects=["rapport.identity.events.>"])
        await stream.add_consumer(
            "RAPPORT_IDENTITY", durable_name="contacts-identity", ack_policy="explicit"
        )


async def refusal_of(
    server: NatsServer, user: str, attempt: Callable[[Client], Awaitable[object]]
) -> str:
    """What the server says to an attempt that it must refuse."""
    async with connected(server, user) as (client, refusals):
        with pytest.raises((Error, NatsTimeoutError, NoStreamResponseError)):
            await attempt(client)
        return await asyncio.wait_for(refusals.get(), 5)


def test_a_fact_goes_from_its_producer_to_a_consumer_with_the_permissions_of_services(
    server: NatsServer,
) -> None:
    async def run() -> None:
        await provision(server)
        async with connected(server, "identity") as (producer, refused_producer):
            await producer.jetstream().publish(_FACT, b"payload")
            assert refused_producer.empty()
        async with connected(server, "contacts") as (consumer, refused_consumer):
            subscription = await consumer.jetstream().pull_subscribe_bind(
                durable="contacts-identity", stream="RAPPORT_IDENTITY"
            )
            [message] = await subscription.fetch(1, timeout=5)
            await message.ack_sync()
            assert (message.subject, message.data) == (_FACT, b"payload")
            assert refused_consumer.empty()

    asyncio.run(run())


def test_a_service_cannot_publish_another_services_facts(server: NatsServer) -> None:
    async def publish(client: Client) -> None:
        await client.jetstream().publish(_FACT, b"forged", timeout=1)

    refusal = asyncio.run(refusal_of(server, "contacts", publish))

    assert "permissions violation for publish" in refusal.lower()
    assert _FACT.lower() in refusal.lower()


def test_a_service_cannot_manage_streams(server: NatsServer) -> None:
    async def add_stream(client: Client) -> None:
        await client.jetstream(timeout=1).add_stream(name="MINE", subjects=["mine.>"])

    assert (
        "$js.api.stream.create.mine"
        in asyncio.run(refusal_of(server, "contacts", add_stream)).lower()
    )


def test_a_service_cannot_manage_consumers(server: NatsServer) -> None:
    async def add_consumer(client: Client) -> None:
        await client.jetstream(timeout=1).add_consumer(
            "RAPPORT_IDENTITY", durable_name="contacts-more"
        )

    assert "$js.api.consumer" in asyncio.run(refusal_of(server, "contacts", add_consumer)).lower()


def test_a_service_cannot_listen_to_facts_past_its_consumer(server: NatsServer) -> None:
    async def listen() -> str:
        async with connected(server, "contacts") as (client, refusals):
            await client.subscribe("rapport.>")
            return await asyncio.wait_for(refusals.get(), 5)

    assert "permissions violation for subscription" in asyncio.run(listen()).lower()


def test_nobody_connects_without_a_password(server: NatsServer) -> None:
    async def first_words_of_the_server() -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            await reader.readline()
            writer.write(b'CONNECT {"verbose": true}\r\nPING\r\n')
            return (await asyncio.wait_for(reader.readline(), 5)).decode()
        finally:
            writer.close()
            await writer.wait_closed()

    assert "Authorization Violation" in asyncio.run(first_words_of_the_server())


def test_a_durable_server_writes_to_disk_before_it_acknowledges(tmp_path: Path) -> None:
    server = NatsServer(tmp_path, 0, 0, _USERS)
    server.start()
    try:
        asyncio.run(provision(server))

        async def publish() -> None:
            async with connected(server, "identity") as (client, _):
                await client.jetstream().publish(_FACT, b"kept")

        asyncio.run(publish())
        server.kill()
        server.start()

        async def count() -> int:
            async with connected(server, PROVISIONER) as (client, _):
                return (await client.jetstream().stream_info("RAPPORT_IDENTITY")).state.messages

        assert asyncio.run(count()) == 1
        assert '"sync_interval": "always"' in (tmp_path / "nats-server.conf").read_text()
    finally:
        server.stop()


def test_the_configuration_with_the_passwords_is_closed_to_others(server: NatsServer) -> None:
    assert (server.folder / "nats-server.conf").stat().st_mode & 0o077 == 0


def test_a_taken_port_is_named(server: NatsServer, tmp_path: Path) -> None:
    with pytest.raises(PortTaken, match=rf"NATS: port {server.port} .* is taken"):
        NatsServer(tmp_path, server.port, 0, ()).start()
