"""For every stream: nobody without a token, an operator, a wrong parameter; the document has them all.

That a reader never gets another tenant's events, and none that it may not read, is shown where streams
run as a process: services/notifications/tests/stream.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from chassis.http.rate_limit import RateLimiter
from chassis.service import Service
from chassis.streams.face import StreamFace
from chassis.testing.tokens import TestTokens
from rapport_local.services import SERVICES

from .estate import Estate, Services
from .surface import Operation, all_streams, document

STREAMS = all_streams()
every_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda each: each.id)


@dataclass(frozen=True)
class Answer:
    """What a stream that is refused answers."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """Which problem it is."""
        assert self.headers["content-type"] == "application/problem+json"
        return str(orjson.loads(self.body)["code"])


def asked(
    service: Service[Any],
    stream: Operation,
    token: str | None,
    query: str = "",
    method: str = "GET",
) -> Answer:
    """Ask for a stream over ASGI, and hang up at once when it begins."""
    assert service.streams is not None
    limiter = RateLimiter(1_000_000, time.monotonic)
    face = StreamFace(
        service.streams.routes, service.authenticator, limiter, service.database, beat=1, patience=1
    )
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if token is None else [(b"authorization", f"Bearer {token}".encode())]
    scope = {
        "type": "http",
        "method": method,
        "path": stream.path,
        "query_string": query.encode(),
        "headers": headers,
    }
    asyncio.run(asyncio.wait_for(face(scope, receive, send), timeout=10))
    started = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], started, b"".join(each.get("body", b"") for each in sent[1:]))


def service_of(services: Services, stream: Operation) -> Service[Any]:
    """The service that offers it."""
    return services[stream.service].harness.service


@pytest.mark.parametrize("name", [service.name for service in SERVICES])
def test_the_document_has_every_stream_and_no_other(name: str, services: Services) -> None:
    streams = services[name].harness.service.streams
    offered = set() if streams is None else {route.path for route in streams.routes}
    assert {each.path for each in STREAMS if each.service == name} == offered


@every_stream
def test_the_document_says_how_a_stream_is_read(stream: Operation) -> None:
    described = document()["paths"][stream.path]["get"]
    assert set(described["responses"]["200"]["content"]) == {"text/event-stream"}
    assert {"400", "401", "403", "410", "429", "503"} < set(described["responses"])
    named = {(each["in"], each["name"]) for each in described["parameters"]}
    assert {("header", "Last-Event-ID"), ("query", "last_event_id")} <= named
    assert all(len(each["description"].split()) > 3 for each in described["parameters"])


@every_stream
def test_without_a_good_token_nobody_gets_in(
    stream: Operation, services: Services, owned: Estate
) -> None:
    service, stranger = service_of(services, stream), TestTokens()
    assert (asked(service, stream, None).status, asked(service, stream, None).code) == (
        401,
        "token_missing",
    )
    for token in ("nonsense", stranger.client(owned.tenant_id, "*")):
        answer = asked(service, stream, token)
        assert (answer.status, answer.code) == (401, "token_invalid")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@every_stream
def test_whoever_may_read_nothing_and_operators_are_refused(
    stream: Operation, services: Services, owned: Estate, tokens: TestTokens
) -> None:
    service = service_of(services, stream)
    answer = asked(service, stream, tokens.client(owned.tenant_id, "elsewhere.*"))
    assert (answer.status, answer.code in {"permission_missing", "user_needed"}) == (403, True)
    answer = asked(service, stream, tokens.operator("*"))
    assert (answer.status, answer.code) == (403, "tenant_needed")


@every_stream
def test_bad_parameters_and_methods_are_refused(
    stream: Operation, services: Services, owned: Estate, tokens: TestTokens
) -> None:
    service, token = service_of(services, stream), tokens.client(owned.tenant_id, "*")
    for query, status in (
        ("colour=red", 400),
        ("last_event_id=1&last_event_id=2", 400),
        ("last_event_id=" + "9" * 9_000, 414),
    ):
        assert asked(service, stream, token, query).status == status
    refused = asked(service, stream, token, method="POST")
    assert (refused.status, refused.headers["allow"]) == (405, "GET")


def test_a_reader_who_may_read_gets_in(
    services: Services, owned: Estate, tokens: TestTokens
) -> None:
    """Else all the refusals above would prove nothing."""
    [feed] = [each for each in STREAMS if each.path.endswith("/facts/stream")]
    answer = asked(service_of(services, feed), feed, tokens.client(owned.tenant_id, "*"))
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
