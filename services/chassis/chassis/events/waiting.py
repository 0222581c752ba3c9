"""Facts that wait for a worker: those that somebody waits for come before those of a bulk load."""

from __future__ import annotations

import threading
from collections import deque

from chassis.events.delivery import Delivery

_TOGETHER = 64
_MANY = 16
_BULK_TOGETHER = 32
"""Fewer: whoever comes meanwhile waits until these are done."""


class Waiting:
    """One worker's queue. A million imported people must not delay one order's points.

    Facts of a lane keep their order. Those of both lanes about one aggregate may change places, as
    they may on their way here: the relay carries them apart.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._urgent: deque[Delivery] = deque()
        self._bulk: deque[Delivery] = deque()
        self._ended = False

    def put(self, delivery: Delivery) -> None:
        """Add one; from any thread."""
        with self._changed:
            (self._bulk if delivery.is_bulk else self._urgent).append(delivery)
            self._changed.notify()

    def count(self, *, bulk: bool) -> int:
        """How many stand before one that would come now."""
        return len(self._urgent) + (len(self._bulk) if bulk else 0)

    def are_many(self) -> bool:
        """Whether as many wait as make a transaction worth its while."""
        return len(self._urgent) + len(self._bulk) >= _MANY

    def end(self) -> None:
        """Let the worker end once nothing waits any more."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def take(self) -> list[Delivery]:
        """What waits, up to a bound and of one lane; waits for the first. Empty at the end."""
        with self._changed:
            while not (self._urgent or self._bulk or self._ended):
                self._changed.wait()
            if self._urgent:
                return _first(self._urgent, _TOGETHER)
            return _first(self._bulk, _BULK_TOGETHER)


def _first(queue: deque[Delivery], most: int) -> list[Delivery]:
    return [queue.popleft() for _ in range(min(most, len(queue)))]
