"""Sends traces to a collector over OTLP, when an address is configured."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from chassis.telemetry.tracing import use_tracer

if TYPE_CHECKING:
    from chassis.settings import ServiceSettings

_EXPORT_SECONDS = 5
_provider: TracerProvider | None = None


def start_tracing(service: str, settings: ServiceSettings) -> None:
    """Record spans from now on; without an `otlp_endpoint` nothing is done.

    To be called in the process that serves, after any fork: the exporter has threads and a
    connection. A trace that came in is recorded if its sender records it; of those that begin
    here, `trace_sample_ratio`.
    """
    global _provider  # noqa: PLW0603 - one provider a process, set at its start
    if settings.otlp_endpoint is None or _provider is not None:
        return
    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: service}),
        sampler=ParentBased(TraceIdRatioBased(settings.trace_sample_ratio)),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(
        settings.otlp_endpoint,
        insecure=not settings.otlp_endpoint.startswith("https://"),
        timeout=_EXPORT_SECONDS,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    use_tracer(provider.get_tracer("chassis"))
    _provider = provider


def stop_tracing(timeout: float = _EXPORT_SECONDS) -> None:
    """Send what is left and stop; after `timeout` seconds without what the collector did not take.

    Must be called before the process ends: Granian's workers run no atexit hooks.
    """
    global _provider
    provider, _provider = _provider, None
    if provider is None:
        return
    use_tracer(None)
    # The library's own bounds add up to half a minute when nobody listens.
    flushing = threading.Thread(target=provider.shutdown, name="flush-traces", daemon=True)
    flushing.start()
    flushing.join(timeout)
