"""Keeps the facts of an aggregate in their order while one of them is to come again."""

from __future__ import annotations

import time
from typing import Final

from chassis.events.delivery import Delivery

FORGET_AFTER_SECONDS: Final = 15.0
_SOON_SECONDS: Final = 0.1
_MOST_FAILURES: Final = 10_000


class Order:
    """Which facts were handed back to the broker, how often, and so which later ones have to wait.

    The broker brings facts again by the clock: two that were handed back until the same moment may
    come in either order, and one may come again in another process.
    """

    def __init__(self) -> None:
        self._awaited: dict[tuple[str, str], dict[int, float]] = {}
        self._failures: dict[tuple[str, int], int] = {}

    def failed(self, delivery: Delivery) -> int:
        """Note that a fact's effect failed; gives how often it has, here."""
        place = (delivery.stream, delivery.sequence)
        if len(self._failures) > _MOST_FAILURES:
            self._failures.clear()
        failures = self._failures.get(place, 0) + 1
        self._failures[place] = failures
        return failures

    def handed_back(self, delivery: Delivery, seconds: float) -> None:
        """Note that a fact comes again after so many seconds; later ones wait for it."""
        awaited = self._awaited.setdefault(_line(delivery), {})
        awaited[delivery.sequence] = time.monotonic() + seconds

    def done(self, delivery: Delivery) -> None:
        """Note that a fact is settled for good."""
        if not self._failures and not self._awaited:  # as nearly always, and every fact passes here
            return
        self._failures.pop((delivery.stream, delivery.sequence), None)
        awaited = self._awaited.get(_line(delivery))
        if awaited is not None:
            awaited.pop(delivery.sequence, None)
            if not awaited:
                del self._awaited[_line(delivery)]

    def wait_for_earlier(self, delivery: Delivery) -> float | None:
        """The seconds after which a fact may come again, if an earlier one is still to come.

        One that does not come for long is believed to be with another process.
        """
        if not self._awaited:
            return None
        awaited = self._awaited.get(_line(delivery), {})
        earlier = [until for sequence, until in awaited.items() if sequence < delivery.sequence]
        if not earlier:
            return None
        left = max(earlier) - time.monotonic()
        if left < -FORGET_AFTER_SECONDS:
            del self._awaited[_line(delivery)]
            return None
        return max(left, 0.0) + _SOON_SECONDS


def _line(delivery: Delivery) -> tuple[str, str]:
    return delivery.stream, delivery.line
