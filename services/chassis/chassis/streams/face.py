"""The ASGI application of the role `stream`: admits readers, keeps their streams, tells how it does."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.access.authenticator import Authenticator
from chassis.access.tokens import InvalidToken
from chassis.context import Caller
from chassis.domain import DomainError
from chassis.http.problem import HttpProblem, Problem, problem_document, problem_of
from chassis.http.rate_limit import RateLimiter
from chassis.http.routes import SIGNED_IN
from chassis.storage.database import Database
from chassis.streams.routes import Source, StreamCall, StreamRoute
from chassis.streams.stream import Ending, Receive, Send, Stream
from chassis.telemetry.metrics import streams_ended, streams_open
from chassis.telemetry.tracing import continued

log = logging.getLogger("chassis.streams")

Scope = MutableMapping[str, Any]

_MOST_STREAMS = 10_000
_MOST_PER_CALLER = 200
_LONGEST_QUERY = 8_192


class StreamFace:
    """Serves streams, and health and metrics beside them.

    `beat` is how often a silent stream shows that it lives, `patience` how long a reader may not
    take what it is given, both in seconds.
    """

    def __init__(
        self,
        routes: Iterable[StreamRoute],
        authenticator: Authenticator,
        limiter: RateLimiter,
        database: Database,
        *,
        beat: float,
        patience: float,
    ) -> None:
        self._routes = {route.path: route for route in routes}
        self._authenticator = authenticator
        self._limiter = limiter
        self._database = database
        self._beat = beat
        self._patience = patience
        self._draining = False
        self._operations: dict[str, Callable[[], tuple[int, bytes, str]]] = {
            "/healthz": self._is_alive,
            "/readyz": self._is_ready,
            "/metrics": self._metrics,
        }
        self._of_caller: Counter[str] = Counter()
        self.streams: set[Stream] = set()
        self.is_hearing: Callable[[], bool] = lambda: True

    def drain(self) -> None:
        """Admit nobody any more, and end all streams: their readers come again elsewhere."""
        self._draining = True
        for stream in list(self.streams):
            stream.end(Ending.RESTARTING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"only HTTP is spoken here, not {scope['type']}")
        operation = self._operations.get(scope["path"]) if scope["method"] == "GET" else None
        if operation is not None:
            status, body, media_type = await asyncio.to_thread(operation)
            await _say(send, status, body, [(b"content-type", media_type.encode())])
            return
        # What no route takes has one name: callers may invent paths.
        name = f"stream {scope['path']}" if scope["path"] in self._routes else "refusal"
        with continued(_header(scope, b"traceparent"), name, "server"):
            try:
                await self._answer(scope, receive, send)
            except DomainError as error:
                await _refuse(send, scope, problem_of(error))
            except Exception:
                log.exception("unexpected error", extra={"route": scope["path"]})
                message = "Something went wrong here; the trace id leads to it."
                await _refuse(send, scope, Problem(500, "internal_error", message))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope["path"])
        if route is None:
            raise HttpProblem(404, "route_unknown", "There is no operation at this address.")
        if scope["method"] != "GET":
            message = "A stream is read with GET."
            raise HttpProblem(405, "method_not_allowed", message, headers={"Allow": "GET"})
        await self._serve(route, scope, receive, send)

    async def _serve(self, route: StreamRoute, scope: Scope, receive: Receive, send: Send) -> None:
        token = _bearer(scope)
        caller, expires_at = await asyncio.to_thread(self._admit, token, route)
        query = _query(scope, route)
        stream = Stream(token, caller, expires_at, beat=self._beat, patience=self._patience)
        last_id = _header(scope, b"last-event-id")
        call = StreamCall(caller, query, last_id, stream.wake)
        name = f"{caller.tenant_id}/{caller.client_id or caller.subject}/{caller.user_id}"
        self._require_room(name)
        self._of_caller[name] += 1
        try:
            source = await route.open(call)
            await self._run(route, stream, source, receive, send)
        finally:
            self._of_caller[name] -= 1
            if not self._of_caller[name]:
                del self._of_caller[name]

    async def _run(
        self, route: StreamRoute, stream: Stream, source: Source, receive: Receive, send: Send
    ) -> None:
        """From here on the answer has begun, so what goes wrong can only end it."""
        why = Ending.FAILED
        self.streams.add(stream)
        streams_open.labels(route.path).inc()
        try:
            why = await stream.run(source, receive, send)
        except Exception:
            log.exception("a stream has failed", extra={"route": route.path})
        finally:
            self.streams.discard(stream)
            streams_open.labels(route.path).dec()
            streams_ended.labels(route.path, why).inc()

    def _admit(self, token: str, route: StreamRoute) -> tuple[Caller, float]:
        """Who it is, and until when; looks into the database, so it waits in a thread."""
        try:
            caller = self._authenticator.caller(token)
            expires_at = self._authenticator.expires_at(token)
        except InvalidToken as error:
            raise _unauthenticated("token_invalid", str(error)) from None
        if caller.tenant_id is None:
            raise HttpProblem(403, "tenant_needed", "This needs a token of a tenant.")
        if route.permission != SIGNED_IN and caller.reach(route.permission) is None:
            raise HttpProblem(
                403, "permission_missing", f"This needs the permission {route.permission}."
            )
        self._limiter.take(f"{caller.tenant_id}/{caller.client_id or caller.subject}")
        return caller, expires_at

    def _require_room(self, name: str) -> None:
        if self._draining or len(self.streams) >= _MOST_STREAMS:
            raise HttpProblem(503, "unavailable", "No further stream can be had.", retry_after=2)
        if self._of_caller[name] >= _MOST_PER_CALLER:
            raise HttpProblem(
                429,
                "rate_limited",
                f"A caller has at most {_MOST_PER_CALLER} streams at a time.",
                retry_after=5,
            )

    def _is_alive(self) -> tuple[int, bytes, str]:
        return 200, b'{"status":"alive"}', "application/json"

    def _is_ready(self) -> tuple[int, bytes, str]:
        states = {
            "database": self._database.is_reachable(),
            "listener": self.is_hearing(),
            "serving": not self._draining,
        }
        ready = all(states.values())
        body = orjson.dumps({"status": "ready" if ready else "not_ready", "checks": states})
        return 200 if ready else 503, body, "application/json"

    def _metrics(self) -> tuple[int, bytes, str]:
        return 200, generate_latest(), CONTENT_TYPE_LATEST


def _bearer(scope: Scope) -> str:
    scheme, _, token = (_header(scope, b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthenticated("token_missing", "A bearer token is needed.")
    return token.strip()


def _unauthenticated(code: str, message: str) -> HttpProblem:
    return HttpProblem(401, code, message, headers={"WWW-Authenticate": "Bearer"})


def _header(scope: Scope, name: bytes) -> str | None:
    for known, value in scope["headers"]:
        if known == name:
            return str(value.decode("latin-1"))
    return None


def _query(scope: Scope, route: StreamRoute) -> Mapping[str, str]:
    raw: bytes = scope["query_string"]
    if len(raw) > _LONGEST_QUERY:
        raise HttpProblem(414, "query_too_long", f"The query is limited to {_LONGEST_QUERY} bytes.")
    values: dict[str, str] = {}
    for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
        if name not in route.parameters:
            raise HttpProblem(400, "unknown_parameter", f"{name} is not a parameter here.")
        if name in values:
            raise HttpProblem(400, "parameter_repeated", f"{name} may be given only once.")
        values[name] = value
    return values


async def _refuse(send: Send, scope: Scope, problem: Problem) -> None:
    headers = [(b"content-type", b"application/problem+json")]
    headers += [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    body = orjson.dumps(problem_document(problem, scope["path"]))
    await _say(send, problem.status, body, headers)


async def _say(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(body)).encode())
    started = {"type": "http.response.start", "status": status, "headers": [*headers, length]}
    await send(started)
    await send({"type": "http.response.body", "body": body})
