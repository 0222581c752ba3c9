"""Sends what is due, many endpoints at the same time, so that a slow one delays no other (NO-8)."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, OrderedDict
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.telemetry.logs import working_for
from chassis.telemetry.tracing import continued, note_failure
from chassis.work.loop import Loop
from notifications.webhooks.claims import PER_ENDPOINT, claim_due
from notifications.webhooks.delivery_storage import DeliveryKey
from notifications.webhooks.sending import Sending

log = logging.getLogger("notifications.webhooks")

_POLL_SECONDS = 0.5
_SLOW_SECONDS = 2.0
_REMEMBERED = 10_000


class WebhookSender:
    """Claims deliveries and sends them in threads; any number of processes may do so.

    An endpoint has a few under way at a time. Those that were slow lately share half of the
    threads, so that however many hang, the others find a thread at once.
    """

    def __init__(
        self, database: Database, sending: Sending, clock: Clock, *, threads: int = 32
    ) -> None:
        self._database = database
        self._sending = sending
        self._clock = clock
        self._threads = threads
        self._loop = Loop("webhooks", self.send_due)
        self._pool = ThreadPoolExecutor(threads, "webhook")
        self._lock = threading.Lock()
        self._under_way: Counter[UUID] = Counter()
        self._slow: OrderedDict[UUID, None] = OrderedDict()

    def start(self) -> None:
        """Begin; returns at once."""
        self._loop.start()

    def stop(self, timeout: float) -> None:
        """Begin no further attempt, and wait for those under way; what is cut off comes again."""
        ends_at = time.monotonic() + timeout
        self._loop.stop(timeout)
        self._pool.shutdown(wait=False)
        while not self.is_idle() and time.monotonic() < ends_at:
            time.sleep(0.02)

    def is_healthy(self) -> bool:
        """Whether the thread runs."""
        return self._loop.is_healthy()

    def wake(self) -> None:
        """Look for deliveries now."""
        self._loop.wake()

    def send_due(self) -> float:
        """Begin what is due and there is room for; gives the seconds until the next look."""
        with self._lock:
            room = self._threads - self._under_way.total()
            busy = self._busy()
        if room <= 0:
            return _POLL_SECONDS
        claimed = claim_due(self._database, self._clock, room, busy)
        for key in claimed:
            with self._lock:
                self._under_way[key.endpoint_id] += 1
            self._pool.submit(self._send, key)
        return 0 if claimed else _POLL_SECONDS

    def _busy(self) -> list[UUID]:
        """The endpoints for which nothing more is begun now."""
        full = [one for one, count in self._under_way.items() if count >= PER_ENDPOINT]
        slow = sum(count for one, count in self._under_way.items() if one in self._slow)
        if slow >= self._threads // 2:
            return [*full, *self._slow]
        return full

    def _send(self, key: DeliveryKey) -> None:
        began = time.monotonic()
        try:
            with continued(None, "deliver webhook", "internal"), working_for(key.tenant_id):
                try:
                    self._sending.send(key)
                except Exception as error:
                    # It stays claimed, and comes again when the claim has run out.
                    note_failure(error)
                    log.exception("delivery failed", extra={"delivery": key.id})
        finally:
            self._done(key.endpoint_id, time.monotonic() - began)
            self._loop.wake()

    def _done(self, endpoint_id: UUID, seconds: float) -> None:
        with self._lock:
            self._under_way[endpoint_id] -= 1
            if not self._under_way[endpoint_id]:
                del self._under_way[endpoint_id]
            if seconds < _SLOW_SECONDS:
                self._slow.pop(endpoint_id, None)
                return
            self._slow[endpoint_id] = None
            self._slow.move_to_end(endpoint_id)
            if len(self._slow) > _REMEMBERED:
                self._slow.popitem(last=False)

    def is_idle(self) -> bool:
        """Whether no attempt is under way here."""
        with self._lock:
            return not self._under_way
