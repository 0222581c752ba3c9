"""The workers that empty the queue: some threads, each with one message in hand."""

from __future__ import annotations

import logging
import threading
from collections import deque
from datetime import timedelta

from chassis.domain import Clock
from chassis.telemetry.logs import working_for
from chassis.telemetry.tracing import continued, note_failure
from chassis.work.loop import Loop
from notifications.delivery.queue import MessageQueue, Turn
from notifications.delivery.sending import Sending

log = logging.getLogger("notifications.delivery")

_POLL_SECONDS = 0.5
_CLAIMED_AT_ONCE = 4
"""Per thread: what is claimed waits for the thread's next, and its lease runs meanwhile."""


class MessageRunner:
    """Sends what is due, in some threads of this process; any number of processes may do so.

    One claim fetches work for all threads. A message stays with its worker for a lease; when the
    worker dies, whoever claims it next finds in its attempts how far it had come.
    """

    def __init__(self, queue: MessageQueue, sending: Sending, clock: Clock, threads: int) -> None:
        self._queue = queue
        self._sending = sending
        self._clock = clock
        self._claimed: deque[Turn] = deque()
        self._claiming = threading.Lock()
        self._threads = threads
        self._loops = [Loop(f"messages-{n}", self.run_next) for n in range(threads)]

    @property
    def lease(self) -> timedelta:
        """How long a message stays with a worker that is not heard of any more."""
        return self._queue.lease

    def start(self) -> None:
        """Begin; returns at once."""
        for loop in self._loops:
            loop.start()

    def stop(self, timeout: float) -> None:
        """Finish the messages in hand, and let others have those that were claimed."""
        for loop in self._loops:
            loop.tell_to_stop()
        for loop in self._loops:
            loop.stop(timeout)
        while self._claimed:
            self._queue.give_back(self._claimed.popleft())

    def is_healthy(self) -> bool:
        """Whether all threads run."""
        return all(loop.is_healthy() for loop in self._loops)

    def wake(self) -> None:
        """Look for messages now."""
        for loop in self._loops:
            loop.wake()

    def run_next(self) -> float:
        """Send one message, if one is due; gives the seconds until the next look."""
        turn = self._next()
        if turn is None:
            return _POLL_SECONDS
        with continued(turn.traceparent, "message", "consumer"), working_for(turn.tenant_id):
            try:
                self._sending.deliver(turn)
            except Exception as error:
                note_failure(error)
                raise  # the lease runs out, and the message is taken up again
        return 0

    def _next(self) -> Turn | None:
        with self._claiming:
            self._drop_overdue()
            if not self._claimed:
                self._claimed.extend(self._queue.claim(self._threads * _CLAIMED_AT_ONCE))
            return self._claimed.popleft() if self._claimed else None

    def _drop_overdue(self) -> None:
        """What waited here for most of its lease is left to whoever claims it next."""
        now = self._clock.now()
        while self._claimed and self._claimed[0].until - now < self._queue.lease / 2:
            self._queue.give_back(self._claimed.popleft())
