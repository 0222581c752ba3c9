"""A thread that does one step again and again until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from chassis.domain import Unavailable
from chassis.events.backoff import growing_delay

log = logging.getLogger("chassis.work")


class Loop:
    """Runs `step`, which says how many seconds to wait until the next; a failure waits longer.

    No failure ends it: what is broken now (the database, say) may work again later.
    """

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self._name = name
        self._step = step
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._failures = 0

    @property
    def stopping(self) -> bool:
        """Whether the step in hand should come to its end."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Begin; returns at once."""
        if self._thread is not None:
            raise RuntimeError(f"{self._name} was started before")
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Do the next step now."""
        self._wake.set()

    def tell_to_stop(self) -> None:
        """Begin no further step; returns at once."""
        self._stopping.set()
        self._wake.set()

    def stop(self, timeout: float) -> None:
        """Begin no further step, and wait for the one in hand, `timeout` seconds at most."""
        self.tell_to_stop()
        thread, self._thread = self._thread, None
        if thread is None:
            return
        thread.join(timeout)
        if thread.is_alive():
            log.warning("work was not finished in time", extra={"loop": self._name})

    def is_healthy(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            wait = self._guarded()
            if wait > 0 and not self._stopping.is_set():
                self._wake.wait(wait)

    def _guarded(self) -> float:
        try:
            wait = self._step()
        except Unavailable as error:
            log.warning("work waits: %s", error.message, extra={"loop": self._name})
        except Exception:
            log.exception("work failed and goes on", extra={"loop": self._name})
        else:
            self._failures = 0
            return wait
        self._failures += 1
        return growing_delay(self._failures, first=0.2, most=5)
