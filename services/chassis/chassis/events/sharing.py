"""Shares facts out to workers: to few of them as long as these have time, so that they can take many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chassis.events.delivery import Delivery

_ENOUGH = 64
"""More than these do not wait for one worker while another has fewer: they fill its next transaction."""
_LONG_SECONDS = 0.05


class Taker(Protocol):
    """A worker, as far as its work is shared out."""

    def put(self, delivery: Delivery) -> None:
        """Have a delivery worked on."""
        ...

    def waiting(self, *, bulk: bool) -> int:
        """How many deliveries stand before one that came now."""
        ...

    def seconds_at_work(self) -> float:
        """For how long it has been at what it has in hand."""
        ...


class Shares:
    """Who works on what; for one thread.

    A transaction costs more than most of the facts in it. So whoever comes is given to the first
    worker with room, and others work only while that is not enough, or is held up. All facts of an
    aggregate that are here go to one worker, for their order. What nobody waits for leaves the
    first worker alone: an order that was just placed does not stand behind an import's people.
    """

    def __init__(self, workers: Sequence[Taker]) -> None:
        self._workers = workers
        self._patient = workers[1:] or workers
        self._lines: dict[str, tuple[Taker, int]] = {}

    def share_out(self, delivery: Delivery, *, again: bool = False) -> None:
        """Give a delivery to a worker; `again` for one that is here already."""
        worker, held = self._lines.get(delivery.line) or (self._first_with_time(delivery), 0)
        self._lines[delivery.line] = worker, held if again else held + 1
        worker.put(delivery)

    def settled(self, delivery: Delivery) -> None:
        """Forget a delivery that a worker is done with."""
        worker, held = self._lines[delivery.line]
        if held > 1:
            self._lines[delivery.line] = worker, held - 1
        else:
            del self._lines[delivery.line]

    def _first_with_time(self, delivery: Delivery) -> Taker:
        bulk = delivery.is_bulk
        able = self._patient if bulk else self._workers
        for worker in able:
            if worker.waiting(bulk=bulk) < _ENOUGH and worker.seconds_at_work() < _LONG_SECONDS:
                return worker
        return min(able, key=lambda one: (one.waiting(bulk=bulk), one.seconds_at_work()))
