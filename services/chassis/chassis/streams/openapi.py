"""How a stream appears in a service's OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chassis.http.routes import SIGNED_IN
from chassis.streams.routes import StreamRoute

_REFUSALS = {400, 401, 403, 414, 429, 503}
_LAST_ID = "Where to go on: the id of the last event that was read. Readers send it by themselves."
_EVENTS = (
    "A stream that has no end: each event has an id and its data in JSON. A comment shows every few"
    " seconds that the stream lives. An event named `end` says why it ends: the reader comes again"
    " with the last id."
)


def stream_operation(
    service: str, route: StreamRoute, refusals: Callable[[Iterable[int]], dict[str, Any]]
) -> dict[str, Any]:
    """The operation; `x-stream` tells it from those that are answered at once.

    `refusals` describes the problems of some statuses.
    """
    events = {"text/event-stream": {"schema": {"type": "string"}}}
    success = {"200": {"description": _EVENTS, "content": events}}
    operation: dict[str, Any] = {
        "operationId": f"{service}_{route.name}",
        "summary": route.summary,
        "description": route.description,
        "tags": [route.tag],
        "parameters": [
            *(_parameter(name, "query", about) for name, about in route.parameters.items()),
            _parameter("Last-Event-ID", "header", _LAST_ID),
        ],
        "responses": {**success, **refusals(_REFUSALS | set(route.problems))},
        "x-permission": route.permission,
        "x-stream": True,
    }
    if route.permission != SIGNED_IN:
        operation["security"] = [{"oauth2": [route.permission]}]
    return operation


def _parameter(name: str, where: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": {"type": "string"}, "description": about}
