"""Child processes and daemons that are known by pid and start time, so that a reused pid is never mistaken for ours."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_POLL_SECONDS = 0.02
_LOWEST_PORT = 26_000
"""Those below are for platforms of tests that stop and start again, with many ports on end."""
_FIRST_DYNAMIC_PORT = 49_152
"""RFC 6335, section 6: where a system does not say which ports it gives to connections, these."""
_DRAW = random.SystemRandom()
_WORKERS_APART = 8


@dataclass(frozen=True)
class ProcessRecord:
    """A process that was started: its pid, and what tells it from a later process with the same pid."""

    pid: int
    identity: str

    def is_running(self) -> bool:
        """False also for a zombie, and for another process that was given the pid later."""
        return process_identity(self.pid) == self.identity

    def send(self, signal_number: int) -> None:
        """Send a signal; nothing happens if the process is gone."""
        if self.is_running():
            try:
                os.kill(self.pid, signal_number)
            except ProcessLookupError:
                return

    def write(self, path: Path) -> None:
        """Remember the process in a file, in one step, for whoever comes later."""
        draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        draft.write_text(json.dumps({"pid": self.pid, "identity": self.identity}), encoding="utf-8")
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> "ProcessRecord | None":
        """The remembered process, running or not; None if there is no readable record."""
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            return cls(pid=int(record["pid"]), identity=str(record["identity"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    @classmethod
    def of(cls, pid: int) -> "ProcessRecord | None":
        """The living process with this pid, or None."""
        identity = process_identity(pid)
        return cls(pid, identity) if identity is not None else None


def process_identity(pid: int) -> str | None:
    """Boot and start time of a living process; None if there is no such process or only its zombie."""
    if sys.platform != "linux":
        return _identity_from_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command name, in parentheses, may hold spaces and parentheses itself: count from its end.
    fields = stat[stat.rindex(")") + 2 :].split()
    state, started = fields[0], fields[19]
    return None if state in "ZX" else f"{_boot_id()}:{started}"


@cache
def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _identity_from_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return None if answer.returncode or state.startswith("Z") else started.strip()


# What this interpreter started. Daemons go on without whoever asked for them, so nobody else may hold on to them; as
# long as they are known here, they are no zombies when they end, and nothing warns that they still run.
_started: dict[int, "subprocess.Popen[bytes]"] = {}


def spawn(
    command: Sequence[str | Path],
    log_path: Path,
    environment: Mapping[str, str],
    working_directory: Path | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a process in its own session, its output appended to a log; it survives the process that starts it."""
    with log_path.open("ab") as log:
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environment),
            cwd=working_directory,
            start_new_session=True,
        )
    _forget_the_ended()
    _started[child.pid] = child
    return child


def _forget_the_ended() -> None:
    for pid, child in list(_started.items()):
        if child.poll() is not None:
            _started.pop(pid, None)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds, at most so long; says whether it held."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def stop_process(record: ProcessRecord, signals: Iterable[tuple[int, float]]) -> bool:
    """Send one signal after the other, each with its time to wait, and at last SIGKILL; True if the process is gone."""
    for signal_number, seconds in (*signals, (signal.SIGKILL, 5.0)):
        record.send(signal_number)
        if wait_until(lambda: not record.is_running(), seconds):
            return True
    return False


def end_session(leader: ProcessRecord) -> None:
    """Kill what a process that was started by `spawn`, and has ended, has left running in its session.

    The pid of a session's leader is given to nobody else as long as the session has members.
    """
    if ProcessRecord.of(leader.pid) is not None:
        return
    for pid in _all_pids():
        try:
            member = ProcessRecord.of(pid) if os.getsid(pid) == leader.pid else None
        except (ProcessLookupError, PermissionError):
            continue
        if member is not None:
            stop_process(member, [])


def _all_pids() -> list[int]:
    if sys.platform != "linux":
        return _pids_from_ps()
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _pids_from_ps() -> list[int]:
    command = ["/bin/ps", "-A", "-o", "pid="]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(word) for word in answer.stdout.split()]


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago; whoever uses it must cope with losing the race for it.

    It is none of those that the system gives to connections that go out: between asking and listening, any of these
    may be given to one. Test processes side by side draw from ports of their own, so that none takes the port of a
    server that another has down for a moment.
    """
    while port_is_taken(port := _DRAW.choice(_ports_to_draw())):
        pass
    return port


@cache
def _ports_to_draw() -> range:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if not worker.isdecimal():
        return range(_LOWEST_PORT, _first_outgoing_port())
    return range(
        _LOWEST_PORT + int(worker) % _WORKERS_APART, _first_outgoing_port(), _WORKERS_APART
    )


def _first_outgoing_port() -> int:
    known = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(known.read_text().split()[0]) if known.exists() else _FIRST_DYNAMIC_PORT
    return first if first > _LOWEST_PORT + 1_000 else _FIRST_DYNAMIC_PORT


def port_is_taken(port: int) -> bool:
    """Whether something already listens on the port of 127.0.0.1 (or of all addresses)."""
    with socket.socket() as probe:
        # As servers do it, so that connections in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
