"""What the gateway records: access log, metrics, traces."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures

import grpc
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from .conftest import StartGateway
from .stack import Gateway
from .upstream import Upstream
from .waiting import wait_for

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_the_access_log_holds_what_it_takes_to_find_a_request(gateway: Gateway) -> None:
    gateway.client.get("/v1/contacts/recorded", headers={"Traceparent": TRACEPARENT})

    line = gateway.logged("/v1/contacts/recorded")
    assert line["request_Traceparent"] == TRACEPARENT
    assert line["downstream_Trace-Id"] == "0af7651916cd43dd8448eb211c80319c"
    assert (line["RequestMethod"], line["DownstreamStatus"]) == ("GET", 200)
    assert line["ClientHost"] == "127.0.0.1"
    assert str(line["RouterName"]).endswith("contacts-reads@file")
    assert {"time", "Duration", "OriginDuration", "ServiceAddr"} <= set(line)


def test_the_access_log_holds_the_trace_of_the_gateways_own_refusal(gateway: Gateway) -> None:
    response = gateway.client.get("/v1/nobody/here")

    assert gateway.logged("/v1/nobody/here")["downstream_Trace-Id"] == response.json()["trace_id"]


def test_the_access_log_holds_no_token_and_nothing_personal(gateway: Gateway) -> None:
    gateway.client.post(
        "/v1/contacts/discreet?email=mei@example.com&code=s3cret",
        content=b'{"name": "Mei"}',
        headers={
            "Authorization": "Bearer eyJhbGciOi",
            "Cookie": "session=c00kie",
            "Idempotency-Key": "k3y",
        },
    )

    gateway.logged("/v1/contacts/discreet")
    text = gateway.access_log.read_text()
    assert not [
        word
        for word in ("eyJhbGciOi", "c00kie", "k3y", "mei@", "s3cret", "Mei", "email=")
        if word in text
    ]


def test_the_access_log_can_be_kept_to_what_failed(start_gateway: StartGateway) -> None:
    gateway = start_gateway(
        RAPPORT_GATEWAY_ACCESS_LOG_STATUSES='"400-599"',
        RAPPORT_GATEWAY_ACCESS_LOG_SLOWER_THAN="20s",
    )
    gateway.client.get("/v1/contacts/fine")
    gateway.client.get("/v1/contacts/status/422")

    gateway.logged("/v1/contacts/status/422")
    assert "/v1/contacts/fine" not in gateway.access_log.read_text()


def test_metrics_and_liveness_are_on_an_entry_point_of_their_own(gateway: Gateway) -> None:
    gateway.client.get("/v1/contacts/people")
    text = httpx.get(f"{gateway.metrics_url}/metrics", trust_env=False).text

    assert 'traefik_service_requests_total{code="200",method="GET"' in text
    assert 'service="contacts-ready@file"' in text
    assert "traefik_service_server_up{" in text
    assert 'traefik_entrypoint_request_duration_seconds_bucket{code="200",entrypoint="web"' in text
    assert httpx.get(f"{gateway.metrics_url}/ping", trust_env=False).text == "OK"


class Collector:
    """An OTLP collector that keeps the spans it is sent."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._server = grpc.server(futures.ThreadPoolExecutor(2))
        service = "opentelemetry.proto.collector.trace.v1.TraceService"
        export = grpc.unary_unary_rpc_method_handler(
            self._export,
            request_deserializer=ExportTraceServiceRequest.FromString,
            response_serializer=ExportTraceServiceResponse.SerializeToString,
        )
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, {"Export": export}),)
        )
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def _export(
        self, request: ExportTraceServiceRequest, _context: grpc.ServicerContext
    ) -> ExportTraceServiceResponse:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        return ExportTraceServiceResponse()

    def stop(self) -> None:
        """End."""
        self._server.stop(0).wait()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector for one test."""
    collector = Collector()
    yield collector
    collector.stop()


def test_with_tracing_on_the_service_continues_the_gateways_span(
    start_gateway: StartGateway, contacts: Upstream, collector: Collector
) -> None:
    tracing = f'{{otlp: {{grpc: {{endpoint: "127.0.0.1:{collector.port}", insecure: true}}}}}}'
    gateway = start_gateway(RAPPORT_GATEWAY_TRACING=tracing)

    gateway.client.get("/v1/contacts/traced", headers={"Traceparent": TRACEPARENT})

    (heard,) = contacts.asked("GET", "/v1/contacts/traced")
    _, trace, parent, _ = heard.headers["Traceparent"].split("-")
    assert trace == TRACE
    assert gateway.logged("/v1/contacts/traced")["TraceId"] == TRACE
    (span,) = wait_for(
        lambda: [span for span in collector.spans if span.span_id.hex() == parent],
        "the span that the service was told of",
    )
    assert span.trace_id.hex() == TRACE
