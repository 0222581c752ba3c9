"""An external app that receives webhooks: a real HTTP server that behaves as its paths are told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import orjson
from standardwebhooks import Webhook


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Its `webhook-id`."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The event, checked as a receiver checks it; raises when it is not from us."""
        return Webhook(secret).verify(self.body, dict(self.headers))

    @property
    def event(self) -> Any:
        """The event, unchecked."""
        return orjson.loads(self.body)


@dataclass
class Answer:
    """What a path answers with."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hold: threading.Event | None = None
    """Answered only when this is set."""
    drip: bool = False
    """One byte at a time, without end."""


class Receiver:
    """The server; every endpoint is a path of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._answers: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self.received: list[Received] = []
        self.closing = threading.Event()

    def path(self, answer: Answer | None = None) -> str:
        """The address of a new endpoint that answers so."""
        path = f"/{uuid4()}"
        self._answers[path] = answer or Answer()
        return f"http://127.0.0.1:{self._port}{path}"

    def answer(self, url: str, answer: Answer) -> None:
        """Have an endpoint answer in another way from now on."""
        self._answers[self._path_of(url)] = answer

    def at(self, url: str) -> list[Received]:
        """What arrived at an endpoint, in order."""
        with self._lock:
            return [one for one in self.received if one.path == self._path_of(url)]

    def take(self, request: Received) -> Answer:
        """Note a request; gives what to answer."""
        with self._lock:
            self.received.append(request)
        return self._answers.get(request.path, Answer(404))

    def _path_of(self, url: str) -> str:
        return url.removeprefix(f"http://127.0.0.1:{self._port}")


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """A receiver on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = receiver.take(Received(self.path, headers, self.rfile.read(length)))
            if answer.hold is not None:
                answer.hold.wait(30)
            _write(self, answer, receiver.closing)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _write(handler: BaseHTTPRequestHandler, answer: Answer, closing: threading.Event) -> None:
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if not answer.drip:
        handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    _quietly(lambda: handler.wfile.write(answer.body))
    while answer.drip and not closing.wait(0.2) and _quietly(lambda: handler.wfile.write(b".")):
        handler.wfile.flush()


def _quietly(write: Callable[[], object]) -> bool:
    """Whether the other side still listens."""
    try:
        write()
    except OSError:
        return False
    return True
