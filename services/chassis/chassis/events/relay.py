"""Carries facts from the outbox to the broker; one relay of a service works, others stand by."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import httpx

from chassis.clock import SystemClock
from chassis.domain import Clock
from chassis.events.backoff import Backoff, pause
from chassis.events.broker import BROKER_ERRORS, BrokerLogin, Connection, connected
from chassis.events.lane import Lane, SliceSize
from chassis.events.loop_thread import LoopThread, all_of, together
from chassis.events.names import stream_name
from chassis.events.outbox import BULK, INTERACTIVE
from chassis.events.pace import Pace
from chassis.events.unpublished import Connection as DatabaseConnection
from chassis.events.unpublished import Unpublished, connect, measure
from chassis.events.wake import CHANNEL
from chassis.settings import ServiceSettings
from chassis.storage.database import Database
from chassis.telemetry.metrics import outbox_age, outbox_pending

log = logging.getLogger("chassis.events")

_LOCK = "SELECT pg_try_advisory_lock(1380012111, 1)"  # any pair, the same in all versions
_STANDBY_SECONDS = 1.0
_MEASURE_SECONDS = 5.0
_LANES = {INTERACTIVE: "interactive", BULK: "bulk"}
_SLICE_SECONDS = {INTERACTIVE: 0.2, BULK: 0.05}


class Relay:
    """Publishes a service's facts, each at least once, in the order of their aggregate.

    The database's death or the broker's is survived: both are tried again until they are back.
    """

    def __init__(
        self,
        database: Database,
        settings: ServiceSettings,
        service: str,
        clock: Clock | None = None,
    ) -> None:
        self._dsn = database.system_dsn
        self._login = BrokerLogin(
            settings.nats_url, settings.nats_user, settings.nats_password.get_secret_value()
        )
        self._monitor_url = settings.nats_monitor_url
        self._service = service
        self._name = f"{service}-relay"
        self._clock = clock or SystemClock()
        self._thread = LoopThread(self._name, self._work)
        self._healthy = False
        self._at_work: list[Lane] = []

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Finish the batches under way, within `timeout` seconds."""
        self._thread.stop(timeout)

    def is_healthy(self) -> bool:
        """Whether database and broker are reached and the broker takes facts, or another is at work."""
        refused = any(lane.is_refused for lane in self._at_work)
        return self._healthy and not refused and self._thread.is_alive()

    async def _work(self, stop: asyncio.Event) -> None:
        try:
            # The lock is the connection's: whoever dies lets go of it.
            async with await connect(self._dsn, self._name) as watch:
                if await self._is_my_turn(watch, stop):
                    await self._lead(watch, stop)
        finally:
            self._healthy = False

    async def _is_my_turn(self, watch: DatabaseConnection, stop: asyncio.Event) -> bool:
        """Wait for the lock; asked for anew each time, since a waiting statement stops vacuum."""
        while not stop.is_set():
            row = await (await watch.execute(_LOCK)).fetchone()
            if row is not None and row[0]:
                return True
            self._healthy = True
            await pause(stop, _STANDBY_SECONDS)
        return False

    async def _lead(self, watch: DatabaseConnection, stop: asyncio.Event) -> None:
        log.info("%s is at work", self._name)
        async with (
            await connect(self._dsn, f"{self._name}-interactive") as fast,
            await connect(self._dsn, f"{self._name}-bulk") as slow,
            httpx.AsyncClient(base_url=self._monitor_url or "", timeout=2) as monitor,
        ):
            pace = Pace(monitor if self._monitor_url else None, stream_name(self._service))
            lanes = self._lanes(fast, slow, pace)
            for lane in lanes:
                await lane.recall()
            self._at_work = lanes
            try:
                await together(self._watch(watch, lanes[0]), self._publish(lanes, stop))
            finally:
                self._at_work = []
                self._forget_measures()

    def _lanes(self, fast: DatabaseConnection, slow: DatabaseConnection, pace: Pace) -> list[Lane]:
        """The lane of facts that somebody waits for, and the one that gives way to it."""
        first = self._lane(INTERACTIVE, fast, Pace(None, stream_name(self._service)))
        return [first, self._lane(BULK, slow, pace, before=first)]

    def _lane(
        self,
        lane: int,
        connection: DatabaseConnection,
        pace: Pace,
        *,
        before: Lane | None = None,
    ) -> Lane:
        rows, slices = Unpublished(connection, lane), SliceSize(_SLICE_SECONDS[lane])
        return Lane(rows, self._clock, self._service, slices, pace, before=before)

    async def _watch(self, watch: DatabaseConnection, fast: Lane) -> None:
        """Wake the fast lane when something was committed, and measure what waits.

        The slow lane looks by itself twice a second: nobody waits for what it carries.
        """
        await watch.execute(f"LISTEN {CHANNEL}")
        loop = asyncio.get_running_loop()
        measured = loop.time() - _MEASURE_SECONDS
        while True:
            if loop.time() - measured >= _MEASURE_SECONDS:
                await self._measure(watch)
                measured = loop.time()
            async for _ in watch.notifies(timeout=_MEASURE_SECONDS, stop_after=1):
                fast.wake()

    async def _publish(self, lanes: list[Lane], stop: asyncio.Event) -> None:
        """Run the lanes over one broker connection after the other."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                async with connected(self._login, self._name) as connection:
                    self._healthy = True
                    backoff.reset()
                    await self._run_lanes(lanes, connection, stop)
            except BROKER_ERRORS as error:
                log.warning("%s does not reach the broker: %s", self._name, error)
            if not stop.is_set():
                self._healthy = False
                await pause(stop, backoff.next_delay())

    @staticmethod
    async def _run_lanes(lanes: list[Lane], connection: Connection, stop: asyncio.Event) -> None:
        async def wake_when_stopped() -> None:
            await stop.wait()
            for lane in lanes:
                lane.wake()
            await asyncio.Event().wait()

        works = [lane.run(connection, stop) for lane in lanes]
        await together(all_of(*works), wake_when_stopped())

    async def _measure(self, watch: DatabaseConnection) -> None:
        for lane, name in _LANES.items():
            pending, oldest = await measure(watch, lane)
            age = 0.0 if oldest is None else (self._clock.now() - oldest).total_seconds()
            outbox_pending.labels(name).set(pending)
            outbox_age.labels(name).set(max(0.0, age))

    @staticmethod
    def _forget_measures() -> None:
        """Another relay measures from now on; what was seen last here would stand for ever."""
        for name in _LANES.values():
            with suppress(KeyError):
                outbox_pending.remove(name)
                outbox_age.remove(name)
