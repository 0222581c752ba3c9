"""The keys that tokens are checked with: whoever publishes them may be away, or silent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest
from joserfc.jwk import ECKey, KeySet

from chassis.access.tokens import HttpKeys
from chassis.domain import Unavailable

KEY = ECKey.generate_key("P-256", parameters={"kid": "known"})
DOCUMENT = orjson.dumps(KeySet([KEY]).as_dict(private=False))


class Publisher(ThreadingHTTPServer):
    """Publishes the keys, as long as it is not silent: then it takes requests, and never answers."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.times_asked = 0
        self.silent = False
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Where it publishes."""
        return f"http://127.0.0.1:{self.server_address[1]}/jwks.json"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        publisher = self.server
        assert isinstance(publisher, Publisher)
        publisher.times_asked += 1
        publisher.asked.release()
        if publisher.silent:
            publisher.over.wait(60)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(DOCUMENT)))
        self.end_headers()
        self.wfile.write(DOCUMENT)

    def log_message(self, *_arguments: object) -> None:
        """Tests say what went wrong."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A server with the keys."""
    with Publisher() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


def test_nobody_whose_key_is_known_waits_while_another_looks_for_new_ones(
    publisher: Publisher,
) -> None:
    keys = HttpKeys(publisher.url, refresh_seconds=-1, timeout=30)
    keys.keys("known")
    assert publisher.asked.acquire(timeout=10)
    publisher.silent = True
    with ThreadPoolExecutor(2) as threads:
        looking = threads.submit(keys.keys, "known")
        for _ in range(200):  # the next look is two seconds after the first
            if publisher.asked.acquire(timeout=0.1):
                break
            looking = threads.submit(keys.keys, "known") if looking.done() else looking
        found = threads.submit(keys.keys, "known").result(timeout=10)
        assert not looking.done()
        publisher.over.set()
        assert looking.result(timeout=10) is found


def test_whoever_waited_in_vain_does_not_ask_anew_one_after_the_other(publisher: Publisher) -> None:
    publisher.silent = True
    keys = HttpKeys(publisher.url, timeout=0.5)

    def look(_number: int) -> str:
        with pytest.raises(Unavailable) as refused:
            keys.keys("known")
        return refused.value.code

    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(look, range(8)))) == 8
    assert publisher.times_asked == 1
