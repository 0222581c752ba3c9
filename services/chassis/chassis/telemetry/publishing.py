"""The spans of facts on their way from the outbox to the broker."""

from __future__ import annotations

from collections.abc import Iterable

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.telemetry.tracing import recording_tracer

_propagator = TraceContextTextMapPropagator()


class Publishing:
    """One relay's spans, each open from when a fact is handed to the broker until its answer."""

    def __init__(self) -> None:
        self._open: dict[int, trace.Span] = {}

    @property
    def is_recorded(self) -> bool:
        """Whether spans are recorded at all; otherwise facts go out as they were stored."""
        return recording_tracer() is not None

    def begin(self, key: int, subject: str, traceparent: str | None) -> str | None:
        """Open a span below the one in which the fact was stored; gives what the message is to carry."""
        tracer = recording_tracer()
        if tracer is None or traceparent is None:
            return traceparent
        stored_in = _propagator.extract({"traceparent": traceparent}, Context())
        about = {"messaging.system": "nats", "messaging.destination.name": subject}
        opened = tracer.start_span(
            f"publish {subject}", stored_in, kind=SpanKind.PRODUCER, attributes=about
        )
        carrier: dict[str, str] = {}
        _propagator.inject(carrier, trace.set_span_in_context(opened, Context()))
        self._open[key] = opened
        return carrier.get("traceparent", traceparent)

    def end(self, published: Iterable[int]) -> None:
        """Close all that are open; those that the broker does not have have failed."""
        opened, self._open = self._open, {}
        for key in published:
            one = opened.pop(key, None)
            if one is not None:
                one.end()
        for one in opened.values():
            one.set_status(Status(StatusCode.ERROR))
            one.end()
