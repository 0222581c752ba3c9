"""Hears that something was committed, over a connection of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg

from chassis.events.backoff import growing_delay

log = logging.getLogger("chassis.streams")

_LOOK_SECONDS = 5.0
"""How soon what was not heard is found all the same."""


class Listener:
    """Listens on channels and calls `woken` for each notification, and now and then without one.

    A notification holds nothing: whoever is woken looks for itself what there is.
    """

    def __init__(self, dsn: str, channels: tuple[str, ...], woken: Callable[[], None]) -> None:
        self._dsn = dsn
        self._channels = channels
        self._woken = woken
        self.is_listening = False

    async def run(self) -> None:
        """Listen until cancelled; a connection that is lost is made again."""
        failures = 0
        while True:
            try:
                await self._listen()
            except (OSError, psycopg.Error) as error:
                failures = 1 if self.is_listening else failures + 1
                self.is_listening = False
                log.warning("nothing is heard from the database: %s", error)
                await asyncio.sleep(growing_delay(failures, first=0.2, most=5))

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._dsn,
            autocommit=True,
            connect_timeout=5,
            application_name="streams",
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        ) as connection:
            for channel in self._channels:
                await connection.execute(f'LISTEN "{channel}"')
            self.is_listening = True
            while True:
                self._woken()
                async for _ in connection.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                    pass
