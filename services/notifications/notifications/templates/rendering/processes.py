"""The rendering processes: started when they are needed, replaced when they die, ended at the end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from typing import Any

import orjson

from chassis.domain import Unavailable
from notifications.templates.rendering.frames import Broken, receive_frame, send_frame

WALL_SECONDS = 15.0
"""How long a job may take at all. A busy machine may need it; a template is bounded by its own time."""
LONGEST_ANSWER = 16 * 1024 * 1024
_MOST = 2
_ENDED_WITHIN = 2.0
_BEGIN = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from notifications.templates.rendering.child import main; main()"
)
_OUT_OF_CPU = (-signal.SIGXCPU, -signal.SIGPROF)


class Killed(Exception):
    """The process did not survive the job: `out_of_time` when the kernel ended it for that."""

    def __init__(self, *, out_of_time: bool) -> None:
        super().__init__("the rendering process has died")
        self.out_of_time = out_of_time


class _Child:
    """One process. It has nothing of ours but a socket, through which it also learns of our end."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BEGIN, orjson.dumps(sys.path).decode()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"LC_ALL": "C.UTF-8"},
                cwd="/",
                start_new_session=True,
            )
        self._connection = ours
        self.pid = self._process.pid

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a job. Raises `Killed`, TimeoutError; it has ended after either."""
        deadline = time.monotonic() + WALL_SECONDS
        try:
            send_frame(self._connection, job, deadline)
            answer: dict[str, Any] = receive_frame(self._connection, LONGEST_ANSWER, deadline)
        except Broken:
            raise Killed(out_of_time=self.end() in _OUT_OF_CPU) from None
        except TimeoutError:
            self._process.kill()
            self.end()
            raise
        return answer

    def end(self) -> int:
        """Have it end, now that it hears nothing more; how it ended."""
        self._connection.close()
        try:
            return self._process.wait(_ENDED_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class RenderingProcesses:
    """At most a few processes, each with one job at a time."""

    def __init__(self, most: int = _MOST) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._stopped = False
        # For a service that renders without having been started, as in tests and commands.
        weakref.finalize(self, _end, self._idle)

    def ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a job.

        A process that dies without having used up its time is replaced and the job tried again,
        once: somebody may have ended it. Raises `Killed` for a job that it does not survive,
        `Unavailable` when there is no answer in time.
        """
        try:
            return self._ask(job)
        except Killed as killed:
            if killed.out_of_time:
                raise
            return self._ask(job)

    def stop(self) -> None:
        """End all processes; those at work end with their job."""
        with self._lock:
            self._stopped = True
            idle = self._idle.copy()
            self._idle.clear()
        _end(idle)

    @property
    def idle_pids(self) -> tuple[int, ...]:
        """The processes that wait for a job."""
        with self._lock:
            return tuple(child.pid for child in self._idle)

    def _ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        if not self._free.acquire(timeout=WALL_SECONDS):
            raise Unavailable("All renderers are busy; try again soon.")
        try:
            child = self._take()
            try:
                answer = child.ask(job)
            except TimeoutError:
                raise Unavailable("The template was not rendered in time.") from None
            self._give_back(child, is_last=bool(answer.pop("last", False)))
            return answer
        finally:
            self._free.release()

    def _take(self) -> _Child:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _Child()

    def _give_back(self, child: _Child, *, is_last: bool) -> None:
        with self._lock:
            if not is_last and not self._stopped:
                self._idle.append(child)
                return
        child.end()


def _end(children: list[_Child]) -> None:
    for child in children:
        child.end()
