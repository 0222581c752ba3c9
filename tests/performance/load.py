"""A load generator of plain sockets: cheap enough to share two cores with what it measures.

It speaks HTTP/1.1 with keep-alive, one request at a time on each of a few connections, in one
thread over a selector. Every run is bounded in time and in count.
"""

from __future__ import annotations

import heapq
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

RequestMaker = Callable[[int], bytes]


@dataclass(slots=True)
class LoadResult:
    """What a run measured. Latencies are in seconds, from when a request was due."""

    seconds: float
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Successful answers a second."""
        good = sum(n for status, n in self.statuses.items() if 200 <= status < 300)
        return good / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of requests stayed within."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request_bytes(
    method: str, url: str, *, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """A whole HTTP request."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass(slots=True)
class _Connection:
    sock: socket.socket
    received: bytearray = field(default_factory=bytearray)
    due: float = 0.0
    expected: int | None = None
    status: int = 0


class LoadRun:
    """One bounded run against one server."""

    def __init__(self, url: str, make: RequestMaker, *, connections: int = 16) -> None:
        parts = urlsplit(url)
        if parts.hostname != "127.0.0.1":
            raise ValueError("load goes to this machine only")
        self._address = (parts.hostname, parts.port or 80)
        self._make = make
        self._count = connections
        self._selector = selectors.DefaultSelector()
        self._sent = 0

    def saturate(self, seconds: float, *, at_most: int = 1_000_000) -> LoadResult:
        """Send the next request as soon as the answer to the last is there."""
        return self._run(seconds, at_most, rate=None)

    def at_rate(self, rate: float, seconds: float) -> LoadResult:
        """Send `rate` requests a second, whether or not answers come in time."""
        return self._run(seconds, int(rate * seconds), rate=rate)

    def _run(self, seconds: float, at_most: int, rate: float | None) -> LoadResult:
        started = time.perf_counter()
        result = LoadResult(seconds)
        idle = [self._open() for _ in range(self._count)]
        waiting: list[float] = []
        if rate is not None:
            waiting = [started + n / rate for n in range(at_most)]
            heapq.heapify(waiting)
        end, busy = started + seconds, 0
        while (now := time.perf_counter()) < end or busy:
            while idle and now < end and self._sent < at_most:
                if rate is not None and (not waiting or waiting[0] > now):
                    break
                self._send(idle.pop(), heapq.heappop(waiting) if rate is not None else now)
                busy += 1
            if not busy and self._sent >= at_most:
                break
            done = self._receive(result, 0.001 if rate is not None else 0.05)
            busy -= len(done)
            idle += done
            if now > end + 30:
                raise TimeoutError("answers are missing")
        result.seconds = time.perf_counter() - started
        self._close()
        return result

    def _open(self) -> _Connection:
        sock = socket.create_connection(self._address, timeout=5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(0)
        connection = _Connection(sock)
        self._selector.register(sock, selectors.EVENT_READ, connection)
        return connection

    def _send(self, connection: _Connection, due: float) -> None:
        data = self._make(self._sent)
        self._sent += 1
        connection.due = due
        connection.received.clear()
        connection.expected = None
        connection.sock.settimeout(5)
        connection.sock.sendall(data)
        connection.sock.settimeout(0)

    def _receive(self, result: LoadResult, timeout: float) -> list[_Connection]:
        done = []
        for key, _ in self._selector.select(timeout):
            connection: _Connection = key.data
            data = connection.sock.recv(262_144)
            if not data:
                raise ConnectionError("the server closed a connection in the middle of an answer")
            connection.received += data
            if self._is_complete(connection):
                result.latencies.append(time.perf_counter() - connection.due)
                status = connection.status
                result.statuses[status] = result.statuses.get(status, 0) + 1
                done.append(connection)
        return done

    @staticmethod
    def _is_complete(connection: _Connection) -> bool:
        received = connection.received
        if connection.expected is None:
            end = received.find(b"\r\n\r\n")
            if end < 0:
                return False
            connection.status = int(received[9:12])
            connection.expected = _length(bytes(received[:end])) + end + 4
        return len(received) >= connection.expected

    def _close(self) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()


def _length(head: bytes) -> int:
    """The length of the body that a head announces; 0 for none."""
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            raise ValueError("answers without a length are not measured here")
    return 0
