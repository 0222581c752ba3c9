"""A part of the platform that is one of our own processes, or the gateway: started, watched and stopped by pid."""

import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from chassis.embedded.errors import last_lines
from chassis.embedded.processes import (
    ProcessRecord,
    end_session,
    port_is_taken,
    spawn,
    stop_process,
)
from rapport_local.errors import PartDied, PlatformError
from rapport_local.state import StateFolder

_STOP_SECONDS = 20.0
_ASK_SECONDS = 2.0
# What is stamped as installed is not looked at again, so `make setup` alone would change nothing.
_INSTALL_ANEW = "`make clean setup` installs everything anew"
_NOBODY_BEHIND = (
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


class Part(Protocol):
    """What the platform does with each of its parts."""

    @property
    def name(self) -> str:
        """What users call it."""

    @property
    def address(self) -> str:
        """Where it is."""

    def process(self) -> ProcessRecord | None:
        """The running process, or None."""

    def start(self) -> None:
        """Start it if it does not run."""

    def clear_away(self) -> None:
        """End what a crash of it has left behind."""

    def not_ready_because(self) -> str | None:
        """None once it is ready."""

    def stop(self) -> None:
        """Stop it; nothing happens if it does not run."""

    def kill(self) -> None:
        """Crash it, as a test of what follows."""


@dataclass
class ProcessPart:
    """A part that is one command; it is ready when its addresses answer 200 and its port listens."""

    name: str
    address: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    state: StateFolder
    ready_urls: Sequence[str] = ()
    ready_port: int | None = None
    working_directory: Path | None = None
    _child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def process(self) -> ProcessRecord | None:
        """The running process, or None; one started by an earlier command is found by its record."""
        if self._child is not None:
            self._child.poll()
        record = ProcessRecord.read(self.state.record(self.name))
        return record if record and record.is_running() else None

    def start(self) -> None:
        """Start the process if it does not run; it is not ready yet."""
        if self.process() is not None:
            return
        self.state.rotate_log(self.name)
        self._child = spawn(
            self.command, self.state.log(self.name), self.environment, self.working_directory
        )
        record = ProcessRecord.of(self._child.pid)
        if record is None:
            raise self.died()
        record.write(self.state.record(self.name))

    def died(self) -> PartDied:
        """The error that tells of its end."""
        code = self._child.poll() if self._child is not None else None
        how = "is not running" if code is None else _how_it_ended(code)
        return PartDied(self.name, how, last_lines(self.state.log(self.name)))

    def not_ready_because(self) -> str | None:
        """None once all its addresses answer 200; raises `PartDied` if the process has ended."""
        if self.process() is None:
            raise self.died()
        for url in self.ready_urls:
            reason = why_not_ok(url)
            if reason is not None:
                return reason
        if self.ready_port is not None and not port_is_taken(self.ready_port):
            return f"nothing listens on port {self.ready_port}"
        return None

    def stop(self) -> None:
        """Ask it to finish what it has begun, and end it if that takes too long."""
        self._stop([(signal.SIGTERM, _STOP_SECONDS)])

    def kill(self) -> None:
        """Crash it, with the processes it started."""
        self._stop([])

    def clear_away(self) -> None:
        """End what the process has left behind, if it was killed while others went on."""
        record = ProcessRecord.read(self.state.record(self.name))
        if record is not None and not record.is_running():
            end_session(record)

    def _stop(self, signals: list[tuple[int, float]]) -> None:
        record = self.process()
        if record is not None and not stop_process(record, signals):
            raise PlatformError(f"{self.name} (pid {record.pid}) does not stop")
        self.clear_away()
        if self._child is not None:
            self._child.wait()
            self._child = None
        self.state.record(self.name).unlink(missing_ok=True)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def why_not_ok(url: str) -> str | None:
    """None if the address answers 200; otherwise what it says instead."""
    status, said = _ask(url)
    return None if status == HTTPStatus.OK else said


def why_unreachable(url: str) -> str | None:
    """None if whatever is behind a gateway answers, be it with a refusal; otherwise what the gateway says."""
    status, said = _ask(url)
    return None if status is not None and status not in _NOBODY_BEHIND else said


def _ask(url: str) -> tuple[int | None, str]:
    """The status of the answer, None without one, and the answer in words."""
    try:
        with urllib.request.urlopen(url, timeout=_ASK_SECONDS) as answer:  # noqa: S310 - our own
            return answer.status, f"{url} answers {answer.status}"
    except urllib.error.HTTPError as error:
        with error:
            text = error.read(500).decode("utf-8", "replace").strip()
        return error.code, f"{url} answers {error.code}: {text}"
    except (OSError, ValueError, HTTPException) as error:
        return None, f"{url}: {getattr(error, 'reason', error)}"


def require_module(name: str) -> None:
    """Raise `PlatformError` if a part's package is not installed."""
    if find_spec(name) is None:
        raise PlatformError(
            f"the package `{name}` is not installed in {sys.prefix}; {_INSTALL_ANEW}"
        )


def find_program(name: str) -> str | None:
    """Where a program of this environment, or of the path, is; None if it is nowhere."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def require_program(name: str) -> None:
    """Raise `PlatformError` if a program is nowhere."""
    if find_program(name) is None:
        raise PlatformError(f"the program `{name}` is missing in {sys.prefix}; {_INSTALL_ANEW}")
