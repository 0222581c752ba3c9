"""The role `stream` under test: a real process over the database that the service works on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import orjson
import pytest

from chassis.embedded.processes import free_port
from chassis.testing.bus import Bus
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from chassis.testing.tokens import TestTokens
from chassis.testing.waiting import eventually
from notifications.transaction import NotificationsTx

from ..conftest import OWN_SETTINGS


class StreamProcess:
    """A process of the role, and where it is."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._environment = {**environment, "RAPPORT_HTTP_PORT": str(self.port)}
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "notifications", "serve", "--roles", "stream"],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def is_ready(self) -> bool:
        """Whether it admits readers."""
        assert self.process.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def restart(self) -> int:
        """Tell it to stop as a roll-out does, and start it again; gives how the first one ended."""
        code = self.stop()
        self.process = self._started()
        eventually(self.is_ready, 60)
        return code

    def stop(self) -> int:
        """Tell it to stop; gives how it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def published_keys(tokens: TestTokens) -> Iterator[str]:
    """An address with the keys that the tests' tokens are signed with."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = orjson.dumps(tokens.jwks())
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/jwks.json"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def stream_variables(
    notifications: ServiceHarness[NotificationsTx], bus: Bus, tokens: TestTokens
) -> Iterator[dict[str, str]]:
    """The environment of a process beside the service that works on the same database."""
    given = notifications.service.settings
    plain = {**settings_for(_addresses(notifications), **bus.settings, **OWN_SETTINGS)}
    with published_keys(tokens) as jwks_url:
        plain |= {"jwks_url": jwks_url, "public_url": given.public_url}
        variables = {f"RAPPORT_{name.upper()}": str(value) for name, value in plain.items()}
        kept = {n: v for n, v in os.environ.items() if not n.startswith("RAPPORT_")}
        yield kept | variables | {"PYTHONUNBUFFERED": "1"}


@contextmanager
def running_process(variables: dict[str, str], log: Path) -> Iterator[StreamProcess]:
    """The process, once it is ready."""
    running = StreamProcess(variables, log)
    try:
        eventually(running.is_ready, 60)
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


@pytest.fixture(scope="session")
def stream(
    stream_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StreamProcess]:
    """A process that is quick to show that it lives, and to lose its patience."""
    quick = {"RAPPORT_STREAM_BEAT_SECONDS": "0.5", "RAPPORT_STREAM_PATIENCE_SECONDS": "1"}
    log = tmp_path_factory.mktemp("stream") / "log"
    with running_process(stream_variables | quick, log) as running:
        yield running


def _addresses(notifications: ServiceHarness[NotificationsTx]) -> TestDatabase:
    settings = notifications.service.settings
    return TestDatabase(
        owner_url="",
        runtime_url=settings.database_url.get_secret_value(),
        system_url=settings.database_system_url.get_secret_value(),
        admin_url="",
    )


class Reader:
    """A reader of a stream, as a program outside would be one."""

    def __init__(
        self, url: str, token: str, last_event_id: str | None = None, *, lazy: bool = False
    ) -> None:
        parts = httpx.URL(url)
        self._socket = socket.socket()
        if lazy:  # or the system would take in megabytes before anybody reads
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(10)
        self._socket.connect((parts.host, parts.port or 80))
        lines = [
            f"GET {parts.raw_path.decode()} HTTP/1.1",
            f"Host: {parts.netloc.decode()}",
            f"Authorization: Bearer {token}",
            "Accept: text/event-stream",
        ]
        if last_event_id is not None:
            lines.append(f"Last-Event-ID: {last_event_id}")
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers = dict(self._header_lines())
        self._rest = b""

    def _header_lines(self) -> Iterator[tuple[str, str]]:
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(":")
            yield name.lower(), value.strip()

    def blocks(self) -> Iterator[dict[str, str]]:
        """What comes, block by block, until the stream ends; comments are `comment`."""
        while (size := self._file.readline()) and (length := int(size, 16)):
            self._rest += self._file.read(length)
            self._file.readline()
            while b"\n\n" in self._rest:
                block, _, self._rest = self._rest.partition(b"\n\n")
                yield dict(_field(line) for line in block.decode().split("\n"))

    def events(self) -> Iterator[dict[str, str]]:
        """The events alone."""
        return (block for block in self.blocks() if "data" in block)

    def body(self) -> bytes:
        """The body of a refusal."""
        return self._file.read(int(self.headers["content-length"]))

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return (name or "comment"), value


Read = Callable[..., Reader]


@pytest.fixture
def read(stream: StreamProcess) -> Iterator[Read]:
    """Begins to read: `read(path, token, last_event_id)`; all readers hang up after the test."""
    readers: list[Reader] = []

    def begin(
        path: str, token: str, last_event_id: str | None = None, *, lazy: bool = False
    ) -> Reader:
        readers.append(Reader(stream.url + path, token, last_event_id, lazy=lazy))
        return readers[-1]

    yield begin
    for reader in readers:
        reader.close()
