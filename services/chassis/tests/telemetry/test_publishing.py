"""The spans of facts on their way to the broker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from chassis.telemetry.publishing import Publishing
from chassis.telemetry.tracing import use_tracer

STORED_IN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SUBJECT = "rapport.contacts.events.v1.PersonCreated"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Records spans in memory."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    use_tracer(provider.get_tracer("test"))
    yield exporter
    use_tracer(None)


def test_without_a_tracer_facts_carry_what_they_were_stored_with() -> None:
    publishing = Publishing()
    assert not publishing.is_recorded
    assert publishing.begin(1, SUBJECT, STORED_IN) == STORED_IN
    publishing.end([1])


def test_a_message_carries_the_span_of_its_publication_which_is_below_that_of_its_transaction(
    spans: InMemorySpanExporter,
) -> None:
    publishing = Publishing()
    carried = publishing.begin(1, SUBJECT, STORED_IN)
    assert spans.get_finished_spans() == (), "it is open until the broker has answered"
    publishing.end([1])

    (span,) = spans.get_finished_spans()
    assert span.name == f"publish {SUBJECT}"
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == STORED_IN[36:52]
    assert span.context is not None
    assert carried == f"{STORED_IN[:36]}{span.context.span_id:016x}-01"


def test_what_the_broker_does_not_have_has_failed(spans: InMemorySpanExporter) -> None:
    publishing = Publishing()
    for key in (1, 2):
        publishing.begin(key, SUBJECT, STORED_IN)
    publishing.end([2])

    codes = [span.status.status_code for span in spans.get_finished_spans()]
    assert sorted(code.name for code in codes) == [StatusCode.ERROR.name, StatusCode.UNSET.name]


def test_a_fact_that_was_stored_outside_of_any_trace_has_no_span(
    spans: InMemorySpanExporter,
) -> None:
    publishing = Publishing()
    assert publishing.begin(1, SUBJECT, None) is None
    publishing.end([1])
    assert spans.get_finished_spans() == ()
