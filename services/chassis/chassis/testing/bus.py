"""The bus in a service's tests: a real broker, provisioned for the service, with its producers' side of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import nats
from google.protobuf.message import Message
from nats.js import JetStreamContext

from chassis.description import Description
from chassis.embedded.nats import NatsServer, throwaway_nats
from chassis.embedded.nats_permissions import (
    PROVISIONER,
    NatsUser,
    provisioner_permissions,
    service_permissions,
)
from chassis.events.names import DEAD_STREAM, consumer_name, stream_name
from chassis.events.provision import provision

R = TypeVar("R")

_PASSWORD = "password-of-the-tests"  # noqa: S105 - guards a broker that lives for one test
_OBSERVER = NatsUser("observer", _PASSWORD, (">",), (">",))


class Bus:
    """A broker as one service finds it; the test speaks for those that the service listens to."""

    def __init__(self, server: NatsServer, service: str, producers: tuple[str, ...]) -> None:
        self._server = server
        self._service = service
        self._producers = producers

    @property
    def settings(self) -> dict[str, str]:
        """What the service's settings say of the broker."""
        login = {"nats_user": self._service, "nats_password": _PASSWORD}
        return {"nats_url": self._server.url, **login}

    @property
    def provisioner(self) -> dict[str, str]:
        """The login with which `prepare` makes streams and consumers."""
        return {"provisioner_user": PROVISIONER, "provisioner_password": _PASSWORD}

    def say(self, fact: Message, tenant_id: UUID, about: UUID, version: int = 1) -> UUID:
        """Publish a fact about an aggregate, as the service that it belongs to would; gives its id."""
        kind = fact.DESCRIPTOR.full_name
        return self.say_raw(kind, fact.SerializeToString(), tenant_id, about, version)

    def say_raw(
        self, kind: str, payload: bytes, tenant_id: UUID, about: UUID, version: int = 1
    ) -> UUID:
        """The same with a type and a payload that need not be right; gives the fact's id."""
        event_id = uuid4()
        headers = {
            "Nats-Msg-Id": str(event_id),
            "ce-id": str(event_id),
            "ce-type": kind,
            "ce-source": ".".join(kind.split(".")[:2]),
            "ce-subject": str(about),
            "ce-time": datetime.now(UTC).isoformat(),
            "tenant-id": str(tenant_id),
            "aggregate-version": str(version),
            "actor": "service:test",
        }
        self._look(lambda js: js.publish(kind, payload, headers=headers))
        return event_id

    def dead_letters(self, tenant_id: UUID) -> list[tuple[str, str]]:
        """The dead letters about a tenant, oldest first: the fact's id and the reason."""

        async def look(js: JetStreamContext) -> list[tuple[str, str]]:
            state = (await js.stream_info(DEAD_STREAM)).state
            places = range(state.first_seq, state.last_seq + 1) if state.messages else ()
            found = [(await js.get_msg(DEAD_STREAM, place)).headers or {} for place in places]
            about = [headers for headers in found if headers.get("tenant-id") == str(tenant_id)]
            return [(headers["ce-id"], headers["dead-reason"]) for headers in about]

        return self._look(look)

    def is_settled(self) -> bool:
        """Whether the service has settled all that was said so far."""

        async def look(js: JetStreamContext) -> bool:
            for producer in self._producers:
                name = consumer_name(self._service, producer)
                consumer = await js.consumer_info(stream_name(producer), name)
                if consumer.num_pending or consumer.num_ack_pending:
                    return False
            return True

        return self._look(look)

    def facts(self, tenant_id: UUID) -> list[tuple[str, bytes]]:
        """What the service has published about a tenant, oldest first: type and payload."""

        async def look(js: JetStreamContext) -> list[tuple[str, bytes]]:
            stream = stream_name(self._service)
            state = (await js.stream_info(stream)).state
            places = range(state.first_seq, state.last_seq + 1) if state.messages else ()
            messages = [await js.get_msg(stream, place) for place in places]
            return [
                (str(message.subject), message.data or b"")
                for message in messages
                if (message.headers or {}).get("tenant-id") == str(tenant_id)
            ]

        return self._look(look)

    def _look(self, look: Callable[[JetStreamContext], Awaitable[R]]) -> R:
        async def run() -> R:
            client = await nats.connect(
                self._server.url, user=_OBSERVER.name, password=_OBSERVER.password
            )
            try:
                return await look(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(run())


@contextmanager
def empty_bus(folder: Path, service: str, producers: tuple[str, ...]) -> Iterator[Bus]:
    """A broker with its store below `folder` and the logins of a service, but without streams."""
    users = [
        service_permissions(service, _PASSWORD, producers),
        provisioner_permissions(_PASSWORD),
        _OBSERVER,
    ]
    with throwaway_nats(folder, users) as server:
        yield Bus(server, service, producers)


@contextmanager
def running_bus(folder: Path, description: Description) -> Iterator[Bus]:
    """The same with the streams and consumers that the described service needs."""
    service, consumes = description.name, description.consumes
    with empty_bus(folder, service, tuple(consumes)) as bus:
        url = bus.settings["nats_url"]
        asyncio.run(provision(url, PROVISIONER, _PASSWORD, service=service, consumes=consumes))
        yield bus
