"""Fetching documents from a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chassis.clock import SystemClock
from portal import fetching
from portal.catalogue import Catalogue, Refresher
from portal.fetching import FetchFailed, HttpxFetch


class Source:
    """A server with one document; what it answers can be changed."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b'{"openapi": "3.1.0", "paths": {}}'
        self.etag = '"1"'
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = self.headers.get("If-None-Match") == source.etag
                status = 304 if known and source.status == 200 else source.status
                self.send_response(status)
                self.send_header("ETag", source.etag)
                self.end_headers()
                if status != 304:
                    self.wfile.write(source.body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """End."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def source() -> Iterator[Source]:
    """A server for one test."""
    source = Source()
    yield source
    source.stop()


def test_a_document_is_fetched_with_its_entity_tag(source: Source) -> None:
    fetched = HttpxFetch()(source.url, None)

    assert fetched is not None
    assert fetched.document == {"openapi": "3.1.0", "paths": {}}
    assert fetched.etag == '"1"'


def test_a_document_that_is_known_is_not_fetched_again(source: Source) -> None:
    assert HttpxFetch()(source.url, '"1"') is None
    assert HttpxFetch()(source.url, '"0"') is not None


def test_an_answer_that_is_no_document_is_refused_with_the_reason(source: Source) -> None:
    fetch = HttpxFetch()
    source.status = 503
    with pytest.raises(FetchFailed, match="status 503"):
        fetch(source.url, None)
    source.status, source.body = 200, b"<html>"
    with pytest.raises(FetchFailed, match="not JSON"):
        fetch(source.url, None)
    source.body = b" " * (fetching.MAX_BYTES + 1)
    with pytest.raises(FetchFailed, match="more than"):
        fetch(source.url, None)


def test_a_service_that_does_not_listen_is_a_failure_that_names_it(source: Source) -> None:
    source.stop()

    with pytest.raises(FetchFailed, match=f"{source.url}/openapi.json: ConnectError"):
        HttpxFetch()(source.url, None)


def test_the_background_refresh_begins_at_once_and_repeats(source: Source) -> None:
    asked = threading.Semaphore(0)

    class Counting(HttpxFetch):
        def __call__(self, base_url: str, known_etag: str | None) -> fetching.Fetched | None:
            try:
                return super().__call__(base_url, known_etag)
            finally:
                asked.release()

    catalogue = Catalogue({"contacts": source.url}, "http://x", Counting(), SystemClock().now)
    refresher = Refresher(catalogue, seconds=0.01)
    refresher.start()
    for _ in range(3):
        assert asked.acquire(timeout=10)
    refresher.stop()

    assert catalogue.snapshot.complete
