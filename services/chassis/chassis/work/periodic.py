"""Work that is done every so often, by one replica: pruning, the rotation of keys."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.domain import Clock
from chassis.storage.database import Database
from chassis.telemetry.metrics import periodic_interval, periodic_runs, periodic_succeeded
from chassis.telemetry.tracing import continued, note_failure
from chassis.work.leadership import Leadership
from chassis.work.loop import Loop

log = logging.getLogger("chassis.work")

_LOCK = 2
_STANDBY_SECONDS = 5.0
_RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PeriodicWork:
    """What to do, and how often.

    It is also done when a process becomes the one that does it (after a deployment, say), so more
    often than `every`: it has to look for itself whether there is anything to do.
    """

    name: str
    every: timedelta
    run: Callable[[], object]


class PeriodicRunner:
    """Does each work when it is due, in the one replica that holds the lock.

    A failure is tried again after a minute and does not hold the others back. What was missed
    while no replica ran is done once, not as often as it was missed.
    """

    def __init__(self, database: Database, works: Sequence[PeriodicWork], clock: Clock) -> None:
        names = [work.name for work in works]
        if len(set(names)) != len(names):
            raise ValueError(f"periodic work has to have different names: {', '.join(names)}")
        self._works = tuple(works)
        for work in works:
            periodic_interval.labels(work.name).set(work.every.total_seconds())
        self._clock = clock
        self._leadership = Leadership(database.system_dsn, _LOCK)
        self._due: dict[str, datetime] = {}
        self._loop = Loop("periodic", self.run_due)

    def start(self) -> None:
        """Begin; returns at once."""
        self._loop.start()

    def stop(self, timeout: float) -> None:
        """Finish the work in hand and let another replica take over."""
        self._loop.stop(timeout)
        self._leadership.release()

    def is_healthy(self) -> bool:
        """Whether the thread runs; in a replica that stands by, too."""
        return self._loop.is_healthy()

    def wake(self) -> None:
        """Look for due work now."""
        self._loop.wake()

    def run_due(self) -> float:
        """Do what is due, if this is the replica that does; gives the seconds until the next look."""
        for work in self._works:
            if self._loop.stopping:
                return 0
            if not self._leadership.is_held():
                self._due.clear()  # whoever takes over begins anew
                return _STANDBY_SECONDS
            if self._is_due(work):
                self._do(work)
        following = min(self._due.values(), default=self._clock.now() + _RETRY)
        seconds = (following - self._clock.now()).total_seconds()
        return min(max(seconds, 0.05), _STANDBY_SECONDS)

    def _is_due(self, work: PeriodicWork) -> bool:
        now = self._clock.now()
        due = self._due.get(work.name, now)
        # Nothing is ever put off for so long: the clock has jumped back since.
        return due <= now or due > now + max(work.every, _RETRY) + _RETRY

    def _do(self, work: PeriodicWork) -> None:
        with continued(None, f"periodic {work.name}", "internal"):
            try:
                work.run()
            except Exception as error:
                note_failure(error)
                log.exception("periodic work failed", extra={"work": work.name})
                periodic_runs.labels(work.name, "failed").inc()
                self._due[work.name] = self._clock.now() + min(_RETRY, work.every)
            else:
                log.info("periodic work done", extra={"work": work.name})
                periodic_runs.labels(work.name, "done").inc()
                periodic_succeeded.labels(work.name).set(self._clock.now().timestamp())
                self._due[work.name] = self._clock.now() + work.every
