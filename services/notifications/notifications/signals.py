"""Who is woken after a commit that stored something for them."""

from __future__ import annotations

from collections.abc import Callable

from chassis.events.wake import Waker
from chassis.storage.database import Database

FEED_CHANNEL = "feed"
"""What the stream processes listen on."""


class Signals:
    """Wakes the stream processes through the database, and what waits in this process directly.

    What is lost here, they find by themselves.
    """

    def __init__(self) -> None:
        self._on_facts: list[Callable[[], None]] = []
        self._on_deliveries: list[Callable[[], None]] = []
        self._on_tellings: list[Callable[[], None]] = []
        self._wakers: list[Waker] = []

    def wake_streams(self, database: Database) -> None:
        """Have the stream processes told of facts."""
        waker = Waker(database, FEED_CHANNEL)
        self._wakers.append(waker)
        self._on_facts.append(waker.wake)

    def when_deliveries_wait(self, wake: Callable[[], None]) -> None:
        """Have `wake` called, which returns at once."""
        self._on_deliveries.append(wake)

    def when_holders_are_to_be_told(self, wake: Callable[[], None]) -> None:
        """Have `wake` called, which returns at once."""
        self._on_tellings.append(wake)

    def facts_stored(self) -> None:
        """Facts were committed."""
        for wake in self._on_facts:
            wake()

    def deliveries_queued(self) -> None:
        """Deliveries to webhooks were committed."""
        for wake in self._on_deliveries:
            wake()

    def tellings_noted(self) -> None:
        """What is to be told to holders of a permission was committed."""
        for wake in self._on_tellings:
            wake()

    def start(self) -> None:
        """Nothing to begin: the wakers do so when they are needed."""

    def stop(self, timeout: float) -> None:
        """Send what is due and end."""
        del timeout
        for waker in self._wakers:
            waker.close()

    def is_healthy(self) -> bool:
        """Whether it can do its work: nothing is lost when it cannot."""
        return True
