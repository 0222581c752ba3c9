"""Holds the bulk lane back while consumers are behind, so that interactive facts find a short queue.

A stream is one queue: what the bulk lane has put there, consumers must work off before they come to
an order that somebody has just placed. The outbox has two lanes and can wait; the stream cannot.
"""

from __future__ import annotations

import asyncio
import logging

import httpx

from chassis.events.lag import Lag, consumer_lags

log = logging.getLogger("chassis.events")

_SHORT_QUEUE = 300
_UNBOUNDED = 1_000_000
_LOOK_SECONDS = 0.05
_STALE_SECONDS = 0.5
_STANDSTILL_SECONDS = 5.0


class Pace:
    """Says how many facts may go into a stream now; without a monitoring port, any number."""

    def __init__(self, monitor: httpx.AsyncClient | None, stream: str) -> None:
        self._monitor = monitor
        self._stream = stream
        self._room = 0
        self._looked = float("-inf")
        self._settled: dict[str, int] = {}
        self._got_on: dict[str, float] = {}

    async def allowance(self, wanted: int) -> int:
        """How many of `wanted` may go now; 0 is to ask again a little later."""
        if self._monitor is None:
            return wanted
        age = asyncio.get_running_loop().time() - self._looked
        if age > _STALE_SECONDS or (self._room <= 0 and age > _LOOK_SECONDS):
            await self._look(self._monitor)
        granted = max(0, min(wanted, self._room))
        self._room -= granted
        return granted

    async def _look(self, monitor: httpx.AsyncClient) -> None:
        now = self._looked = asyncio.get_running_loop().time()
        try:
            lags = [lag for lag in await consumer_lags(monitor) if lag.stream == self._stream]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            log.debug("the broker's monitoring port does not answer: %s", error)
            lags = []
        behind = [lag.behind for lag in lags if self._is_at_work(lag, now)]
        self._room = _SHORT_QUEUE - max(behind) if behind else _UNBOUNDED

    def _is_at_work(self, lag: Lag, now: float) -> bool:
        """Whether the consumer gets on: one that stands still must not stop everybody's facts."""
        if lag.behind == 0 or self._settled.get(lag.consumer) != lag.settled:
            self._got_on[lag.consumer] = now
        self._settled[lag.consumer] = lag.settled
        return now - self._got_on[lag.consumer] < _STANDSTILL_SECONDS
