"""Keeps a peer that hangs from having every thread wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count


class Bulkhead:
    """As soon as one has waited longer than `slow` seconds, no more than `most` wait at a time.

    While all goes well it is never in the way, however much is going on. Safe for many threads.
    """

    def __init__(
        self, most: int, slow: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._slow = slow
        self._monotonic = monotonic
        self._numbers = count()
        self._waiting: dict[int, float] = {}
        self._lock = threading.Lock()

    def enter(self) -> int | None:
        """A number to `leave` with afterwards; None when nobody more may wait."""
        now = self._monotonic()
        with self._lock:
            if len(self._waiting) >= self._most:
                first = next(
                    iter(self._waiting.values())
                )  # they are in the order in which they came
                if now - first > self._slow:
                    return None
            number = next(self._numbers)
            self._waiting[number] = now
            return number

    def leave(self, number: int) -> None:
        """Wait no longer; harmless a second time."""
        with self._lock:
            self._waiting.pop(number, None)
