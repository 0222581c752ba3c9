"""A service as the gateway sees one: answers what the path asks for, and remembers who asked."""

from __future__ import annotations

import json
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_STATUS = re.compile(r"/status/(\d{3})\Z")
LONG_ANSWER = json.dumps([{"name": f"person {n}"} for n in range(500)]).encode()


@dataclass(frozen=True)
class Heard:
    """A request that reached the service."""

    method: str
    path: str
    headers: dict[str, str]
    body_length: int


@dataclass
class Upstream:
    """The last part of the path says how to answer; `ready` is what `/readyz/api` says.

    `…/status/NNN` answers with that status and a problem document of its own, `…/die` breaks off
    without an answer, `…/hang` answers when `let_go` is set, `…/long` gives a long JSON document,
    `…/events` an event stream; anything else 200.
    """

    document: dict[str, object] = field(default_factory=dict)
    ready: bool = True
    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The service's address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen: on a port of its own, and on the same one after a stop."""
        handler = type("Handler", (_Handler,), {"upstream": self})
        server = _Server(("127.0.0.1", self.port), handler)
        self.port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening and break every connection off, as a killed process does."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def asked(self, method: str, path: str) -> list[Heard]:
        """The requests that reached this path."""
        return [
            one for one in self.heard if (one.method, one.path.partition("?")[0]) == (method, path)
        ]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        self.connections: set[socket.socket] = set()
        super().server_bind()

    def process_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)
        self.connections.add(request)
        super().process_request(request, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that goes away is part of the trial."""

    def server_close(self) -> None:
        super().server_close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream: Upstream

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/readyz/api":
            self._send(200 if self.upstream.ready else 503, b"{}")
            return
        if path == "/openapi.json":
            self._send(200, json.dumps(self.upstream.document).encode())
            return
        length = self._read_body()
        self.upstream.heard.append(Heard(self.command, self.path, dict(self.headers), length))
        self._act(path)

    def _act(self, path: str) -> None:
        status = _STATUS.search(path)
        if status:
            own = json.dumps({"code": "own_code", "detail": "the service's own"}).encode()
            self._send(int(status[1]), own, "application/problem+json", {"Retry-After": "7"})
        elif path.endswith("/die"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif path.endswith("/hang"):
            self.upstream.let_go.wait(30)
            self._send(200, b"{}")
        elif path.endswith("/events"):
            self._send(200, b"data: x\n\n" * 1000, "text/event-stream")
        else:
            self._send(200, LONG_ANSWER if path.endswith("/long") else b'{"ok":true}')

    def _read_body(self) -> int:
        if self.headers.get("Transfer-Encoding") == "chunked":
            return self._read_chunks()
        return len(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _read_chunks(self) -> int:
        total = 0
        while True:
            size = int(self.rfile.readline(), 16)
            total += len(self.rfile.read(size))
            self.rfile.readline()
            if size == 0:
                return total

    def _send(
        self,
        status: int,
        body: bytes,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Trace-Id", "0af7651916cd43dd8448eb211c80319c")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    # The names that http.server looks for.
    do_GET = do_HEAD = do_OPTIONS = _answer  # noqa: N815
    do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815
