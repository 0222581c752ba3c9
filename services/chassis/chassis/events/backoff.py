"""Waiting longer after every failure, with jitter, so that those who wait do not come back all at once."""

from __future__ import annotations

import asyncio
import random

_chance = random.Random()  # noqa: S311 - jitter, of its own: the shared one may be seeded alike


def growing_delay(failures: int, *, first: float, most: float) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, bounded, with jitter."""
    full = min(most, first * 2.0 ** min(failures - 1, 30))
    return full * _chance.uniform(0.5, 1.0)


class Backoff:
    """Counts failures in a row and says how long to wait after each."""

    def __init__(self, first: float = 0.1, most: float = 5.0) -> None:
        self._first = first
        self._most = most
        self._failures = 0

    def reset(self) -> None:
        """It worked again."""
        self._failures = 0

    def next_delay(self) -> float:
        """Count one more failure; gives the seconds to wait."""
        self._failures += 1
        return growing_delay(self._failures, first=self._first, most=self._most)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until told to stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
