"""The trace that a request belongs to: taken from `Traceparent`, or begun here."""

from __future__ import annotations

import re
import secrets

from flask import Response, g, has_request_context, request

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?\Z"
)


def current_trace_id() -> str:
    """The trace id of the request at hand; the same at every call within it."""
    if not has_request_context():
        return secrets.token_hex(16)
    if "trace_id" not in g:
        match = _TRACEPARENT.match(request.headers.get("Traceparent", ""))
        g.trace_id = match["trace"] if match else secrets.token_hex(16)
    return str(g.trace_id)


def add_trace_id(response: Response) -> Response:
    """Name the trace in the response, for the access log and for whoever reports a problem."""
    response.headers["Trace-Id"] = current_trace_id()
    return response
