"""One lane of the relay: read what is not published, publish it, mark what the broker has."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from chassis.domain import Clock
from chassis.events.backoff import Backoff, growing_delay, pause
from chassis.events.broker import Connection
from chassis.events.message import outgoing, source_of
from chassis.events.pace import Pace
from chassis.events.publisher import Failure, Publisher, Sent
from chassis.events.unpublished import Row, Setback, Unpublished
from chassis.telemetry.metrics import facts_published
from chassis.telemetry.publishing import Publishing

_IDLE_SECONDS = 0.5
_PACE_SECONDS = 0.05
_GATHER_SECONDS = 0.02
_MOMENT_SECONDS = 0.25
_REST = 2.0
"""For how many times as long as its last slice took a lane rests that gives way to another."""
_LONGEST_REST_SECONDS = 0.5
_WINDOW = 8
_LONGEST_HOLD_SECONDS = 300.0
_SMALLEST_SLICE, _LARGEST_SLICE = 20, 1000


class SliceSize:
    """How many rows to publish at once, so that one slice takes about `seconds`.

    The broker works off what one service sends in its order: a slow lane that sent thousands at
    once would stand in the way of the fast lane for as long as they take.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.rows = 100

    def learn(self, rows: int, seconds: float) -> None:
        """Take the next slices larger or smaller after one of `rows` took so long."""
        if seconds > self._seconds:
            self.rows = max(_SMALLEST_SLICE, int(rows * self._seconds / seconds))
        elif rows >= self.rows:
            self.rows = min(_LARGEST_SLICE, self.rows * 2)


class Lane:
    """Publishes the rows of one lane, whenever there are any and a broker is there."""

    def __init__(
        self,
        rows: Unpublished,
        clock: Clock,
        service: str,
        slices: SliceSize,
        pace: Pace,
        *,
        before: Lane | None = None,
    ) -> None:
        """`before` is the lane that this one gives way to, if there is one."""
        self._rows = rows
        self._clock = clock
        self._source = source_of(service)
        self._slices = slices
        self._pace = pace
        self._before = before
        self._spans = Publishing()
        self._held_up: dict[str, datetime] = {}
        self._due = asyncio.Event()
        self._backoff = Backoff()
        self._is_busy = False
        self._took = 0.0
        self._ended = float("-inf")
        self.is_refused = False
        """Whether the broker took nothing of what was tried last, for a reason that lies with the broker."""

    @property
    def is_in_use(self) -> bool:
        """Whether facts of it are on their way, or were a moment ago."""
        now = asyncio.get_running_loop().time()
        return self._is_busy or now - self._ended < _MOMENT_SECONDS

    def wake(self) -> None:
        """There is something to publish."""
        self._due.set()

    async def recall(self) -> None:
        """Learn from the rows what failed before this relay took over."""
        self._held_up = await self._rows.held_up()

    async def run(self, connection: Connection, stop: asyncio.Event) -> None:
        """Publish until told to stop, or until the broker's connection is lost."""
        publisher = Publisher(connection, window=self._window if self._before else None)
        await publisher.open()
        connection.on_lost.append(self.wake)
        while not (stop.is_set() or connection.lost.is_set()):
            self._due.clear()
            most = self._slices.rows
            rows = await self._rows.read(most, self._held_up_now())
            if not (rows or self._held_up):
                self.is_refused = False  # whatever was refused is not there any more
            allowed = await self._pace.allowance(len(rows)) if rows else 0
            if rows and not allowed:
                await pause(stop, _PACE_SECONDS)
                continue
            if rows and not await self._publish(publisher, rows[:allowed]):
                await pause(stop, self._backoff.next_delay())
                continue
            self._backoff.reset()
            if rows:
                await self._rest(stop)
            if len(rows) < most:  # that was all; what was committed since has woken us
                await pause(self._due, _IDLE_SECONDS)
                await self._gather(stop)

    @property
    def rest_seconds(self) -> float:
        """For how long it leaves the broker to the lane that it gives way to, if that is in use."""
        return min(_REST * self._took, _LONGEST_REST_SECONDS) if self._gives_way else 0.0

    async def _rest(self, stop: asyncio.Event) -> None:
        seconds = self.rest_seconds
        if seconds:
            await pause(stop, seconds)

    async def _gather(self, stop: asyncio.Event) -> None:
        """Let facts come together for as long as the last ones took, as those who consume them do."""
        left = self._ended + min(self._took, _GATHER_SECONDS) - asyncio.get_running_loop().time()
        if left > 0:
            await pause(stop, left)

    @property
    def _gives_way(self) -> bool:
        return self._before is not None and self._before.is_in_use

    def _window(self) -> int:
        """How many facts may be on their way to the broker.

        It waits for the disk with each, one after the other: what is under way stands before whatever
        somebody waits for.
        """
        return 1 if self._gives_way else _WINDOW

    async def _publish(self, publisher: Publisher, rows: list[Row]) -> bool:
        """Publish one slice; says whether any of it went through."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._is_busy = True
        try:
            sent = await self._sent(publisher, rows)
        finally:
            self._is_busy = False
        if sent.published:
            await self._rows.mark_published(sent.published, self._clock.now())
            self._count(rows, set(sent.published))
            self._slices.learn(len(rows), loop.time() - began)
        self._ended = loop.time()
        self._took = self._ended - began
        if sent.published or sent.failed:
            passing = any(failure.passing for failure in sent.failed)
            self.is_refused = passing and not sent.published
        if sent.failed:
            await self._set_back(rows, sent.failed)
        return bool(sent.published)

    async def _sent(self, publisher: Publisher, rows: list[Row]) -> Sent:
        if self._spans.is_recorded:
            rows = [
                row._replace(traceparent=self._spans.begin(row.seq, row.type, row.traceparent))
                for row in rows
            ]
        sent = Sent()
        try:
            sent = await publisher.publish([outgoing(row, self._source) for row in rows])
        finally:
            self._spans.end(sent.published)
        return sent

    async def _set_back(self, rows: list[Row], failures: list[Failure]) -> None:
        """Hold up the aggregates of rows that failed, in memory and for whoever takes over."""
        attempts = {row.seq: row.attempts + 1 for row in rows}
        setbacks = []
        for failure in failures:
            seq = failure.message.key
            most = 5.0 if failure.passing else _LONGEST_HOLD_SECONDS
            delay = growing_delay(attempts[seq], first=0.5, most=most)
            until = self._clock.now() + timedelta(seconds=delay)
            self._held_up[failure.message.line] = until
            setbacks.append(Setback(seq, attempts[seq], until, failure.reason))
        await self._rows.mark_failed(setbacks)

    def _held_up_now(self) -> list[str]:
        now = self._clock.now()
        # What seems to be held up for longer than anything is was so before the clock jumped back.
        latest = now + timedelta(seconds=_LONGEST_HOLD_SECONDS)
        held_up = self._held_up.items()
        self._held_up = {line: until for line, until in held_up if now < until <= latest}
        return list(self._held_up)

    @staticmethod
    def _count(rows: list[Row], published: set[int]) -> None:
        kinds: dict[str, int] = {}
        for row in rows:
            if row.seq in published:
                kinds[row.type] = kinds.get(row.type, 0) + 1
        for kind, count in kinds.items():
            facts_published.labels(kind).inc(count)
