"""How a well-behaved client behaves: it renews tokens in time, tries again where that is safe, and gives up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest

from deploy.demo.external_app import ExternalApp, FixedToken, Patience, Refused
from deploy.demo.oauth import ClientCredentials, Credentials, TokenEndpoint, UserTokens

Answers = Callable[[int, "Asked"], tuple[int, dict[str, str], bytes]]


class Asked:
    """A request as it arrived."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method, self.path, self.headers, self.body = method, path, headers, body


class Platform:
    """Answers as a test says, and remembers what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []


@contextmanager
def platform(answer: Answers) -> Iterator[Platform]:
    """An HTTP server on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
            running.asked.append(asked)
            status, headers, body = answer(len(running.asked), asked)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - as http.server calls them

        def log_message(self, *_: Any) -> None:
            """Tests have nothing to log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Platform(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}


def calling(url: str, pauses: list[float], attempts: int = 6) -> ExternalApp:
    """An app that notes how long it would have waited."""
    return ExternalApp(
        url, FixedToken("t"), patience=Patience(attempts=attempts, pause=pauses.append)
    )


def test_a_write_is_sent_again_with_the_same_key_as_often_as_it_takes() -> None:
    def answer(turn: int, _: Asked) -> tuple[int, dict[str, str], bytes]:
        return (503, {**PROBLEM, "Retry-After": "3"}, b"{}") if turn < 3 else (201, JSON, b"{}")

    pauses: list[float] = []
    with platform(answer) as there:
        calling(there.url, pauses).post("/v1/things", {"a": 1})
    assert len({asked.headers["Idempotency-Key"] for asked in there.asked}) == 1
    assert {asked.body for asked in there.asked} == {b'{"a":1}'}
    assert pauses == [3.0, 3.0]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422, 500])
def test_what_waiting_does_not_settle_is_not_tried_again(status: int) -> None:
    problem = b'{"code": "no", "detail": "No.", "errors": [{"pointer": "/a", "message": "wrong"}]}'
    with (
        platform(lambda *_: (status, PROBLEM, problem)) as there,
        pytest.raises(Refused) as refused,
    ):
        calling(there.url, []).post("/v1/things", {})
    assert len(there.asked) == 1
    assert (refused.value.status, refused.value.code) == (status, "no")
    assert "/a: wrong" in str(refused.value)


def test_a_key_that_is_still_in_use_is_waited_for() -> None:
    def answer(turn: int, _: Asked) -> tuple[int, dict[str, str], bytes]:
        return (409, {**PROBLEM, "Retry-After": "1"}, b"{}") if turn == 1 else (201, JSON, b"{}")

    pauses: list[float] = []
    with platform(answer) as there:
        calling(there.url, pauses).post("/v1/things", {})
    assert pauses == [1.0]


def test_it_gives_up_after_so_many_attempts_and_says_what_was_answered() -> None:
    with platform(lambda *_: (502, {}, b"bad gateway")) as there, pytest.raises(Refused) as refused:
        calling(there.url, [], attempts=4).get("/v1/things")
    assert len(there.asked) == 4
    assert "502" in str(refused.value)


def test_a_lost_connection_is_tried_again_and_reported_in_the_end() -> None:
    pauses: list[float] = []
    with pytest.raises(httpx.ConnectError):
        calling("http://127.0.0.1:1", pauses, attempts=3).get("/v1/things")
    assert len(pauses) == 2
    assert all(0 < pause <= 10 for pause in pauses)


def test_a_list_is_read_to_its_end_with_the_tokens_of_its_pages() -> None:
    def answer(turn: int, _: Asked) -> tuple[int, dict[str, str], bytes]:
        following = b'"t%d"' % turn if turn < 3 else b"null"
        return 200, JSON, b'{"items": [{"n": %d}], "next_page_token": %s}' % (turn, following)

    with platform(answer) as there:
        items = list(calling(there.url, []).items("/v1/things", q="a b"))
    assert [item["n"] for item in items] == [1, 2, 3]
    assert [asked.path.rpartition("page_token=")[2] for asked in there.asked[1:]] == ["t1", "t2"]
    assert all("q=a+b" in asked.path or "q=a%20b" in asked.path for asked in there.asked)


class Time:
    """A clock for tokens."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def tokens(turn: int, _: Asked) -> tuple[int, dict[str, str], bytes]:
    """What the token endpoint answers: a token for five minutes, a refresh token that rotates."""
    body = b'{"access_token": "a%d", "refresh_token": "r%d", "expires_in": 300}' % (turn, turn)
    return 200, JSON, body


def test_a_token_is_kept_and_renewed_half_way_to_its_end() -> None:
    time = Time()
    with platform(tokens) as there:
        source = ClientCredentials(there.url, Credentials("app", "secret"), monotonic=time)
        assert [source.token(), source.token()] == ["a1", "a1"]
        time.now = 149.0
        assert source.token() == "a1"
        time.now = 150.0
        assert source.token() == "a2"
    assert all(asked.headers["Authorization"].startswith("Basic ") for asked in there.asked)


def not_ready_after_the_first(turn: int, asked: Asked) -> tuple[int, dict[str, str], bytes]:
    """A token, and then that nobody is there."""
    return tokens(turn, asked) if turn == 1 else (503, JSON, b'{"code": "service_unavailable"}')


def test_while_no_other_is_to_be_had_a_token_is_used_until_its_end() -> None:
    time = Time()
    with platform(not_ready_after_the_first) as there:
        source = ClientCredentials(there.url, Credentials("app", "secret"), monotonic=time)
        for time.now in (0.0, 150.0, 150.5, 299.0):
            assert source.token() == "a1"
        assert len(there.asked) == 3
        time.now = 300.0
        with pytest.raises(Refused):
            source.token()


def test_a_token_that_was_refused_is_replaced_once_however_many_noticed() -> None:
    with platform(tokens) as there:
        source = ClientCredentials(there.url, Credentials("app", "secret"))
        first = source.token()
        assert [source.renewed(first), source.renewed(first)] == ["a2", "a2"]
    assert len(there.asked) == 2


def test_a_users_refresh_token_is_used_once_and_the_next_one_kept() -> None:
    with platform(tokens) as there:
        endpoint = TokenEndpoint(there.url, Credentials("cli"))
        first = {"access_token": "a0", "refresh_token": "r0", "expires_in": 300}
        source = UserTokens(endpoint, first)
        assert source.token() == "a0"
        assert source.renewed("a0") == "a1"
        assert source.renewed("a1") == "a2"
    sent = [asked.body.decode() for asked in there.asked]
    assert ["refresh_token=r0" in sent[0], "refresh_token=r1" in sent[1]] == [True, True]
    assert all("client_id=cli" in body for body in sent)


def test_a_refused_call_is_made_again_with_another_token() -> None:
    def answer(turn: int, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.path == "/oauth/token":
            return tokens(turn, asked)
        is_new = asked.headers["Authorization"] != "Bearer a1"
        return (200, JSON, b'{"ok": true}') if is_new else (401, PROBLEM, b"{}")

    with platform(answer) as there:
        app = ExternalApp(there.url, ClientCredentials(there.url, Credentials("app", "secret")))
        assert app.get("/v1/things") == {"ok": True}
        app.close()
