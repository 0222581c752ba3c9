"""Rebuilds a service's view: its projections get the facts of the past again, its effects do not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from chassis.description import Description
from chassis.events import republish
from chassis.events.delivery import BULK_LANE, LANE, REPLAYED_FOR, REPLAYED_FROM
from chassis.events.inbox import inbox_name
from chassis.events.message import outgoing, source_of
from chassis.events.names import (
    REPLAY_STREAM,
    consumer_name,
    replay_consumer,
    replay_subject,
    stream_name,
)
from rapport_operator.bus import Bus
from rapport_operator.deployment import Deployment
from rapport_operator.errors import OperatorError

_TOGETHER = 200
_MOST_WAITING = 2_000
_LOOK_SECONDS = 0.1
_CLEAR = "DELETE FROM inbox WHERE consumer = %s AND event_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Past:
    """A fact that was: its type, its headers and content, and where it was found."""

    type: str
    headers: dict[str, str]
    payload: bytes
    place: str


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """Which view is rebuilt, and from what; `types` of None are all that the service takes."""

    service: str
    since: datetime
    types: Sequence[str] | None = None
    producers: Sequence[str] = ()
    from_outbox: bool = False


@dataclass(slots=True)
class Rebuilt:
    """What was done, by producing service; `sources` says where its facts were read."""

    facts: dict[str, int] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    emptied: list[str] = field(default_factory=list)


class Rebuild:
    """One rebuilding; `tell(producer, done)` is called as it gets on."""

    def __init__(
        self,
        bus: Bus,
        deployment: Deployment,
        description: Description,
        wanted: Rebuilding,
        tell: Callable[[str, int], None],
    ) -> None:
        self._bus = bus
        self._deployment = deployment
        self._description = description
        self._wanted = wanted
        self._tell = tell
        self._access = deployment.service(wanted.service)
        self._rebuilt = Rebuilt()

    def producers(self) -> list[str]:
        """Whose facts are given again; raises `OperatorError` for one that it does not listen to."""
        known = self._description.consumes
        for name in self._wanted.producers:
            if name not in known:
                raise OperatorError(
                    f"{self._wanted.service} does not listen to {name}; it does to "
                    f"{', '.join(known) or 'nobody'}"
                )
        return list(self._wanted.producers or known)

    def empty(self) -> list[str]:
        """Empty the tables that hold nothing but these producers' facts, as the owner.

        Raises `OperatorError` without that login, or when there are no such tables.
        """
        known = self._description.projections
        tables = [table for name in self.producers() for table in known.get(name, ())]
        if not tables:
            raise OperatorError(
                f"{self._wanted.service} names no tables that can be emptied and rebuilt"
            )
        if self._access.database_owner_url is None:
            raise OperatorError(
                f"the deployment's description has no database_owner_url of {self._wanted.service}"
            )
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        with psycopg.connect(self._access.database_owner_url.get_secret_value()) as connection:
            connection.execute("SET LOCAL lock_timeout = '10s'")
            connection.execute(sql.SQL("TRUNCATE {}").format(names))
        self._rebuilt.emptied = tables
        return tables

    async def run(self) -> Rebuilt:
        """Give the facts again, no faster than the service takes them, and wait until it has all."""
        system_url = self._access.database_system_url.get_secret_value()
        with republish.connect(system_url) as inbox:
            for producer in self.producers():
                await self._give_again(producer, inbox)
        await self._until_waiting(0)
        return self._rebuilt

    async def _give_again(self, producer: str, inbox: republish.Connection) -> None:
        self._rebuilt.facts[producer] = 0
        batch: list[Past] = []
        async for past in self._past(producer):
            batch.append(past)
            if len(batch) == _TOGETHER:
                await self._give(producer, batch, inbox)
                batch = []
        if batch:
            await self._give(producer, batch, inbox)

    async def _give(
        self, producer: str, batch: Sequence[Past], inbox: republish.Connection
    ) -> None:
        """Have the service forget that its projection knows these, and give them to it again."""
        consumer = consumer_name(self._wanted.service, producer)
        ids = [one for past in batch if (one := _id(past)) is not None]
        await asyncio.to_thread(inbox.execute, _CLEAR, [inbox_name(consumer, "projection"), ids])
        await asyncio.gather(*(self._order(past) for past in batch))
        self._rebuilt.facts[producer] += len(batch)
        self._tell(producer, self._rebuilt.facts[producer])
        await self._until_waiting(_MOST_WAITING)

    async def _order(self, past: Past) -> None:
        headers = past.headers | {REPLAYED_FOR: "projection", REPLAYED_FROM: past.place}
        headers[LANE] = BULK_LANE  # what happens now goes before what happened then
        headers.pop("Nats-Msg-Id", None)  # or the broker would take a second rebuild for this one
        await self._bus.replay(
            replay_subject(self._wanted.service, past.type), past.payload, headers
        )

    async def _until_waiting(self, most: int) -> None:
        name = replay_consumer(self._wanted.service)
        while True:
            found = [one for one in await self._bus.consumers(REPLAY_STREAM) if one.name == name]
            if not found:
                raise OperatorError(
                    f"the broker has no consumer {name}: run `python -m "
                    f"{self._description.package} provision`"
                )
            if (found[0].num_pending or 0) + (found[0].num_ack_pending or 0) <= most:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def _past(self, producer: str) -> AsyncIterator[Past]:
        """The facts from the producer's stream; from its outbox if the stream has lost some."""
        wanted = self._types(producer)
        from_outbox = self._wanted.from_outbox or not await self._stream_reaches_back(producer)
        self._rebuilt.sources[producer] = "outbox" if from_outbox else "stream"
        if from_outbox:
            for past in self._from_outbox(producer):
                if wanted.fullmatch(past.type):
                    yield past
            return
        stream = stream_name(producer)
        first = await self._bus.first_since(stream, self._wanted.since)
        if first is None:
            return
        async for stored in self._bus.messages(stream, first):
            if wanted.fullmatch(stored.subject):
                place = f"{stream}:{stored.sequence}"
                yield Past(stored.subject, dict(stored.headers), stored.payload, place)

    async def _stream_reaches_back(self, producer: str) -> bool:
        """Whether the stream still has all that the outbox has of the time that is asked for."""
        info = await self._bus.stream(stream_name(producer))
        if info is None:
            return False
        first = await self._bus.first_since(stream_name(producer), self._wanted.since)
        state = info.state
        there = 0 if first is None else state.last_seq - first + 1 - (state.num_deleted or 0)
        with republish.connect(self._outbox_url(producer)) as connection:
            return there >= republish.published_since(connection, self._wanted.since)

    def _from_outbox(self, producer: str) -> Iterable[Past]:
        source = source_of(producer)
        with republish.connect(self._outbox_url(producer)) as connection:
            for row in republish.rows_since(connection, self._wanted.since):
                message = outgoing(row, source)
                place = f"outbox:{row.seq}"
                yield Past(message.subject, dict(message.headers), message.payload, place)

    def _outbox_url(self, producer: str) -> str:
        return self._deployment.service(producer).database_system_url.get_secret_value()

    def _types(self, producer: str) -> re.Pattern[str]:
        """What the service takes of this producer and is asked for, as one pattern."""
        taken = self._description.consumes[producer]
        patterns = [re.escape(one).replace(r"\.>", r"\..+") for one in taken]
        if self._wanted.types is not None:
            meant = "|".join(re.escape(one) for one in self._wanted.types)
            patterns = [rf"(?=(?:.+\.)?(?:{meant})\Z){one}" for one in patterns]
        return re.compile("|".join(f"(?:{one})" for one in patterns))


def _id(past: Past) -> UUID | None:
    try:
        return UUID(past.headers.get("ce-id", ""))
    except ValueError:
        return None


def answer_of(rebuilt: Rebuilt) -> dict[str, Any]:
    """What was done, as JSON."""
    return {
        "facts": rebuilt.facts,
        "sources": rebuilt.sources,
        "emptied": rebuilt.emptied,
    }
