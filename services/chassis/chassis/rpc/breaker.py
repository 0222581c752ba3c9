"""A circuit breaker: after repeated failures nothing is tried for a short time."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Breaker:
    """Open after `failures` in a row, for `rest` seconds; then one trial decides.

    Any success closes it. Safe for many threads.
    """

    def __init__(
        self, monotonic: Callable[[], float], *, failures: int = 5, rest: float = 2.0
    ) -> None:
        self._monotonic = monotonic
        self._limit = failures
        self._rest = rest
        self._lock = threading.Lock()
        self._failed = 0
        self._tried_at = float("-inf")

    @property
    def is_open(self) -> bool:
        """Whether the last attempts have failed, so that at most a trial is made now and then."""
        with self._lock:
            return self._failed >= self._limit

    def allows(self) -> bool:
        """Whether to try now; while it is open, True only for the one trial after each rest."""
        with self._lock:
            if self._failed < self._limit:
                return True
            now = self._monotonic()
            if now - self._tried_at < self._rest:
                return False
            self._tried_at = now
            return True

    def succeeded(self) -> None:
        """Note that an answer came, be it a refusal."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """Note that no answer came."""
        with self._lock:
            self._failed += 1
            if self._failed >= self._limit:
                self._tried_at = self._monotonic()
