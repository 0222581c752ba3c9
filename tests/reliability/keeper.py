"""Starts processes again that have died, as a cluster does: at once, and with nothing but the same command."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from rapport_local.platform import Platform

_LOOK_SECONDS = 0.05


class Keeper:
    """Watches all parts but the database and the broker; whoever kills one asks the keeper to."""

    def __init__(self, platform: Platform) -> None:
        servers = ("postgres", "nats")
        self._parts = {n: part for n, part in platform.parts.items() if n not in servers}
        self._lock = threading.Lock()
        self._held_until: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self.restarts: list[str] = []
        """Which part was started again, each time that one was."""

    def kill(self, name: str, *, down_for: float = 0.0) -> None:
        """Crash all processes of a part; it is started again after so many seconds."""
        with self._lock:
            self._held_until[name] = time.monotonic() + down_for
            self._parts[name].kill()

    def kill_worker(self, name: str) -> int:
        """Crash the process that does the work below the one that watches over it; gives its id."""
        [worker] = [child for child in self._family(name)[1:] if _does_the_work(child)]
        worker.kill()
        return worker.pid

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Stop the clock for all processes of a part: they are there and do nothing."""
        family = self._family(name)
        for process in family:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in family:
                if process.is_running():
                    process.send_signal(signal.SIGCONT)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Leave what has died alone from now on."""
        self._stop.set()
        self._thread.join(20)

    def _family(self, name: str) -> list[psutil.Process]:
        record = self._parts[name].process()
        if record is None:
            raise RuntimeError(f"{name} does not run")
        leader = psutil.Process(record.pid)
        return [leader, *leader.children(recursive=True)]

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            for name, part in self._parts.items():
                with self._lock:
                    late = time.monotonic() >= self._held_until.get(name, 0.0)
                    if late and part.process() is None:
                        part.clear_away()
                        part.start()
                        self.restarts.append(name)


def _does_the_work(process: psutil.Process) -> bool:
    """Whether this is the server's worker, and not Python's own tracker of resources."""
    return "resource_tracker" not in " ".join(process.cmdline())
