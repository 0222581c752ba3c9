"""A reader whose right is gone loses the stream within 2 s, whenever it came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest

from chassis.access.authenticator import Authenticator
from chassis.access.directory import AccessDirectory, AccessEntry, remember
from chassis.access.tokens import TokenVerifier
from chassis.clock import SystemClock
from chassis.context import Caller
from chassis.embedded.postgres import PostgresServer
from chassis.http.rate_limit import RateLimiter
from chassis.http.routes import SIGNED_IN
from chassis.streams.face import StreamFace
from chassis.streams.rights import RightsWatch
from chassis.streams.routes import Source, StreamCall, StreamRoute
from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import ISSUER, TestTokens

from ..ground import Ground, make_ground

PATH = "/v1/ground/stream"


@pytest.fixture(scope="module")
def ground(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A database with the chassis' tables."""
    with make_ground(postgres, "streams_tests", tmp_path_factory.mktemp("streams")) as made:
        yield made


@dataclass
class Silence:
    """A source of no events, which tells that it was asked for some."""

    asked: asyncio.Event
    position = None

    async def pull(self) -> bytes:
        self.asked.set()
        return b""

    def check(self, caller: Caller) -> None:
        """Whoever may sign in may have it."""

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class Reader:
    """One reader of the stream, and what it was told."""

    face: StreamFace
    token: str
    said: list[dict[str, Any]] = field(default_factory=list)

    async def read(self) -> None:
        """Read until the stream ends."""
        scope = {
            "type": "http",
            "method": "GET",
            "path": PATH,
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {self.token}".encode())],
        }
        await self.face(scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.said.append(message)

    @property
    def ended_for(self) -> str:
        """The reason that the last event gives."""
        _, _, data = self.said[-1]["body"].decode().partition("data: ")
        return str(orjson.loads(data)["reason"])


class World:
    """Streams of one tenant, and those who watch over them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.tokens = TestTokens()
        self.tenant = uuid4()
        directory = AccessDirectory(
            ground.database, FakeAccessSource(), lambda: datetime.now(UTC), time.monotonic
        )
        verifier = TokenVerifier(self.tokens.key_source(), ISSUER, SystemClock())
        authenticator = Authenticator(verifier, directory)
        self.is_open, self.may_open = asyncio.Event(), asyncio.Event()
        self.has_begun = asyncio.Event()
        self.face = StreamFace(
            [self._route()],
            authenticator,
            RateLimiter(1_000, time.monotonic),
            ground.database,
            beat=60,
            patience=5,
        )
        self.watch = RightsWatch(self.face, ground.database, authenticator, directory)

    def _route(self) -> StreamRoute:
        return StreamRoute(PATH, "stream", "ground", SIGNED_IN, "", "", {}, self._opened)

    async def _opened(self, _call: StreamCall) -> Source:
        self.is_open.set()
        await self.may_open.wait()
        return Silence(self.has_begun)

    def revoke(self, subject: str) -> None:
        """Store that what was given to a subject until now counts no longer."""
        entry = AccessEntry("subject", subject, 1, {"not_before": time.time() + 1})
        with self._ground.database.tenant_transaction(self.tenant) as connection:
            remember(connection, self.tenant, entry, datetime.now(UTC))

    async def reading(self, client_id: str) -> tuple[Reader, asyncio.Task[None]]:
        """A reader that has come, though its stream may not have begun."""
        self.is_open.clear()
        reader = Reader(self.face, self.tokens.client(self.tenant, "*", client_id=client_id))
        task = asyncio.create_task(reader.read())
        await asyncio.wait_for(self.is_open.wait(), 10)
        return reader, task

    async def begin(self) -> None:
        """Let the stream of the latest reader begin."""
        self.has_begun.clear()
        self.may_open.set()
        await asyncio.wait_for(self.has_begun.wait(), 10)
        self.may_open.clear()


async def _revoked_on_the_way(ground: Ground) -> tuple[str, str]:
    world = World(ground)
    first, first_task = await world.reading("first")
    await world.begin()
    await world.watch.look()
    second, second_task = await world.reading("second")
    world.revoke("second")
    await world.watch.look()
    await world.begin()
    await world.watch.look()
    await asyncio.wait_for(second_task, 5)
    world.face.drain()
    await asyncio.wait_for(first_task, 5)
    return first.ended_for, second.ended_for


def test_a_stream_that_was_admitted_before_a_revocation_and_begins_after_it_ends(
    ground: Ground,
) -> None:
    assert asyncio.run(_revoked_on_the_way(ground)) == ("restarting", "access_lost")
