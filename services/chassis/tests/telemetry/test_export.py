"""Trace export: to a real OTLP endpoint, sampled, flushed at the end, and never in the way."""

from __future__ import annotations

import multiprocessing
import multiprocessing.util
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as collector_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from chassis.embedded.processes import free_port
from chassis.settings import ServiceSettings
from chassis.telemetry.export import start_tracing, stop_tracing
from chassis.telemetry.tracing import continued, current_traceparent, span

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class Collector(collector_grpc.TraceServiceServicer):
    """Receives spans as a collector does."""

    def __init__(self) -> None:
        self.requests: list[pb.ExportTraceServiceRequest] = []
        self.port = 0

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802
        del context
        self.requests.append(request)
        return pb.ExportTraceServiceResponse()

    @property
    def spans(self) -> dict[str, Span]:
        """All spans that came, by name."""
        return {
            one.name: one
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for one in scope.spans
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = grpc.server(ThreadPoolExecutor(2))
    made = Collector()
    collector_grpc.add_TraceServiceServicer_to_server(made, server)  # type: ignore[no-untyped-call]
    made.port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield made
    stop_tracing()
    server.stop(0).wait(5)


def settings(port: int | None, ratio: float = 1.0) -> ServiceSettings:
    return ServiceSettings.model_construct(
        otlp_endpoint=None if port is None else f"http://127.0.0.1:{port}",
        trace_sample_ratio=ratio,
    )


def test_stopping_sends_the_spans_of_one_trace_with_the_services_name(
    collector: Collector,
) -> None:
    start_tracing("contacts", settings(collector.port))
    with continued(f"00-{TRACE}-{PARENT}-01", "GET /people", "server"), span("list", kind="query"):
        pass
    stop_tracing()

    outer, inner = collector.spans["GET /people"], collector.spans["list"]
    assert outer.trace_id.hex() == inner.trace_id.hex() == TRACE
    assert outer.parent_span_id.hex() == PARENT
    assert inner.parent_span_id == outer.span_id
    attributes = collector.requests[0].resource_spans[0].resource.attributes
    names = {one.key: one.value.string_value for one in attributes}
    assert names["service.name"] == "contacts"


def test_a_trace_that_begins_here_has_no_parent_and_is_handed_on(collector: Collector) -> None:
    start_tracing("contacts", settings(collector.port))
    with continued(None, "timer", "consumer") as trace_id:
        handed_on = current_traceparent()
    stop_tracing()

    (one,) = collector.spans.values()
    assert one.parent_span_id == b""
    assert one.trace_id.hex() == trace_id
    assert handed_on is not None
    assert handed_on.startswith(f"00-{trace_id}-{one.span_id.hex()}-")
    assert is_sampled(handed_on)


def test_the_ratio_counts_for_traces_that_begin_here_and_the_sender_for_others(
    collector: Collector,
) -> None:
    start_tracing("contacts", settings(collector.port, ratio=0))
    with continued(None, "unsampled", "server"):
        handed_on = current_traceparent()
        assert handed_on is not None
        assert not is_sampled(handed_on)
    with continued(f"00-{TRACE}-{PARENT}-01", "sampled by its sender", "server"):
        pass
    with continued(f"00-{TRACE}-{PARENT}-00", "unsampled by its sender", "server"):
        pass
    stop_tracing()

    assert set(collector.spans) == {"sampled by its sender"}


def is_sampled(traceparent: str) -> bool:
    """Whether whoever gets it records spans: the lowest of its flags."""
    return int(traceparent[-2:], 16) & 1 == 1


def test_without_an_endpoint_traces_are_carried_and_not_recorded() -> None:
    start_tracing("contacts", settings(None))
    with continued(f"00-{TRACE}-{PARENT}-01", "GET /people", "server") as trace_id:
        assert current_traceparent() == f"00-{TRACE}-{PARENT}-01"

    assert trace_id == TRACE


def test_a_collector_that_is_away_delays_the_end_no_longer_than_it_may() -> None:
    start_tracing("contacts", settings(free_port()))
    with span("nobody listens"):
        pass
    began = time.monotonic()
    stop_tracing(timeout=0.5)

    assert time.monotonic() - began < 5
    stop_tracing()  # again is no error


def _worker(port: int) -> None:
    """A process as Granian starts its workers: it ends without atexit hooks."""
    multiprocessing.util.Finalize(None, stop_tracing, exitpriority=100)
    start_tracing("contacts", settings(port))
    with span("the last thing it did"):
        pass


def test_a_process_that_ends_by_its_finalizers_flushes(collector: Collector) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_worker, args=(collector.port,))
    process.start()
    process.join(60)

    assert process.exitcode == 0
    assert "the last thing it did" in collector.spans
