"""A receiver of traces as a collector is one: takes OTLP over gRPC and keeps the spans."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as collector_grpc
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage


@dataclass(frozen=True, slots=True)
class Span:
    """One span as it was received; ids are hexadecimal, `parent_id` is empty where there is none."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: Mapping[str, str | int]


class Receiver(collector_grpc.TraceServiceServicer):
    """Keeps what was sent to it."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._lock = threading.Lock()
        self.address = ""

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Take spans, as the protocol has it."""
        del context
        received = [
            _span(_values(resource.resource.attributes), one)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for one in scope.spans
        ]
        with self._lock:
            self._spans += received
        return pb.ExportTraceServiceResponse()

    @property
    def spans(self) -> list[Span]:
        """All that came until now."""
        with self._lock:
            return list(self._spans)

    def of_trace(self, trace_id: str) -> list[Span]:
        """Those of one trace."""
        return [span for span in self.spans if span.trace_id == trace_id]


def _span(resource: Mapping[str, str | int], span: SpanMessage) -> Span:
    return Span(
        service=str(resource.get("service.name", "")),
        name=span.name,
        kind=SpanMessage.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=_values(span.attributes),
    )


def _values(attributes: Any) -> dict[str, str | int]:
    return {one.key: _value(one) for one in attributes}


def _value(one: KeyValue) -> str | int:
    kind = one.value.WhichOneof("value")
    return int(one.value.int_value) if kind == "int_value" else str(one.value.string_value)


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    """A receiver at a free port of this machine."""
    server = grpc.server(ThreadPoolExecutor(4))
    receiver = Receiver()
    collector_grpc.add_TraceServiceServicer_to_server(receiver, server)  # type: ignore[no-untyped-call]
    receiver.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield receiver
    finally:
        server.stop(0).wait(5)
