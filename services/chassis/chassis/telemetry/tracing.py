"""Traces: W3C trace context is always carried on; spans are recorded when an exporter is set."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_propagator = TraceContextTextMapPropagator()
_chance = random.Random()  # noqa: S311 - of its own: the shared one may be seeded alike in all processes
_carried: ContextVar[str | None] = ContextVar("traceparent", default=None)
_tracer: trace.Tracer | None = None
_NOTHING: AbstractContextManager[None] = nullcontext()

_KINDS = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}


def use_tracer(tracer: trace.Tracer | None) -> None:
    """Record spans with `tracer` from now on; None stops it."""
    global _tracer  # noqa: PLW0603 - one tracer a process, set at its start
    _tracer = tracer


def recording_tracer() -> trace.Tracer | None:
    """What records spans; None while none are recorded."""
    return _tracer


def span(name: str, kind: str = "internal", **attributes: Any) -> AbstractContextManager[Any]:
    """A span around a block; costs next to nothing when no spans are recorded."""
    if _tracer is None:
        return _NOTHING
    return _tracer.start_as_current_span(
        name, kind=_KINDS.get(kind, SpanKind.INTERNAL), attributes=attributes
    )


def continued(
    traceparent: str | None, name: str, kind: str, **attributes: Any
) -> AbstractContextManager[str]:
    """Go on with the trace that came in, or begin one; gives the trace id (32 hex digits)."""
    if traceparent is not None and not _TRACEPARENT.fullmatch(traceparent):
        traceparent = None
    if _tracer is not None:
        return _recorded(traceparent, name, kind, attributes)
    return _Carried(traceparent or _new_traceparent())


class _Carried:
    """Carries a trace on, and records nothing: every fact passes here, so it is no generator."""

    __slots__ = ("_token", "_traceparent")

    def __init__(self, traceparent: str) -> None:
        self._traceparent = traceparent

    def __enter__(self) -> str:
        self._token = _carried.set(self._traceparent)
        return self._traceparent[3:35]

    def __exit__(self, *_: object) -> None:
        _carried.reset(self._token)


def _new_traceparent() -> str:
    """A trace of its own: its ids have to be unique, not secret, and so need no system call each."""
    return f"00-{_chance.getrandbits(128) or 1:032x}-{_chance.getrandbits(64) or 1:016x}-01"


@contextmanager
def _recorded(
    traceparent: str | None, name: str, kind: str, attributes: dict[str, Any]
) -> Iterator[str]:
    """A span below the one that came in; without one, a trace of its own that may be sampled."""
    carrier = {} if traceparent is None else {"traceparent": traceparent}
    attached = otel_context.attach(_propagator.extract(carrier, otel_context.Context()))
    try:
        with span(name, kind, **attributes):
            yield f"{trace.get_current_span().get_span_context().trace_id:032x}"
    finally:
        otel_context.detach(attached)


def current_traceparent() -> str | None:
    """What to hand on to the next process; None outside of any trace."""
    if _tracer is not None:
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        if "traceparent" in carrier:
            return carrier["traceparent"]
    return _carried.get()


def current_trace_id() -> str | None:
    """The trace id for logs and problem documents."""
    carried = current_traceparent()
    return None if carried is None else carried[3:35]


def note(**attributes: Any) -> None:
    """Add attributes to the span of this block, if one is recorded."""
    if _tracer is not None:
        trace.get_current_span().set_attributes(attributes)


def note_answer(method: str, route: str, status: int) -> None:
    """Say what the request of this block's span was and how it was answered; from 500 on it has failed."""
    if _tracer is not None:
        current = trace.get_current_span()
        current.set_attributes(
            {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
            }
        )
        if status >= 500:
            current.set_status(Status(StatusCode.ERROR))


def note_failure(error: BaseException) -> None:
    """Mark the span of this block as failed."""
    if _tracer is not None:
        current = trace.get_current_span()
        current.record_exception(error)
        current.set_status(Status(StatusCode.ERROR))
