"""A running platform: one request is one trace to its last effect, and nothing is emitted that is not declared."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import httpx
import pytest

from chassis.testing.waiting import eventually
from deploy.observability.registry import load_registry
from tests.telemetry.conftest import Observed
from tests.telemetry.receiver import Span
from tests.telemetry.scrapes import Scrape, addresses, missing

PEOPLE = "/v1/contacts/people"
PATH = (
    ("traefik", "server", "PUT"),
    ("traefik", "client", "ReverseProxy"),
    ("contacts", "server", f"PUT {PEOPLE}/<uuid:person_id>/consents/<purpose>/<channel>"),
    ("contacts", "internal", "record_consent"),
    ("contacts", "producer", "publish rapport.contacts.requests.v1.SendMessage"),
    ("notifications", "consumer", "rapport.contacts.requests.v1.SendMessage"),
    ("notifications", "consumer", "message"),
    ("notifications", "internal", "conclude"),
    ("notifications", "producer", "publish rapport.notifications.events.v1.MessageSent"),
    ("contacts", "consumer", "rapport.notifications.events.v1.MessageSent"),
)
"""From an app's request over a mail that asks for a yes to the entry in the person's timeline."""
QUESTION = (
    ("notifications", "consumer", "message"),
    ("notifications", "client", "contacts/GetRecipient"),
    ("contacts", "server", "rapport.contacts.v1.ContactsService/GetRecipient"),
)
"""On the way, a question that needs an answer now."""

Step = tuple[str, str, str]


def follow(spans: Sequence[Span], path: Sequence[Step], begin: Span | None = None) -> Step | None:
    """The first step that is not below the one before; None when all are."""
    parents = {begin.span_id} if begin else {""}
    for service, kind, name in path:
        here = (service, kind, name)
        found = [s for s in spans if (s.service, s.kind, s.name) == here and s.parent_id in parents]
        if not found:
            return here
        parents = {one.span_id for one in found}
    return None


@pytest.fixture(scope="module")
def trace(observed: Observed) -> list[Span]:
    """The trace of one request: an app says that somebody wants the newsletter."""
    app = observed.world.organisation().app("contacts.*", "notifications.*")
    address = f"{uuid4().hex}@customers.example"
    person = app.post(PEOPLE, {"given_name": "Anna", "emails": [{"address": address}]})["id"]
    consent = {"state": "granted", "source": "web form"}
    answer = app.send("PUT", f"{PEOPLE}/{person}/consents/newsletter/email", json=consent)
    trace_id = answer.headers["Trace-Id"]

    def whole() -> list[Span]:
        spans = observed.traces.of_trace(trace_id)
        return spans if follow(spans, PATH) is None else []

    # Exporters send every five seconds, and each process has its own.
    eventually(whole, 60)
    return observed.traces.of_trace(trace_id)


def test_one_request_is_one_trace_from_the_gateway_to_its_last_effect(trace: list[Span]) -> None:
    assert follow(trace, PATH) is None
    roots = [span for span in trace if not span.parent_id]
    assert [(root.service, root.kind) for root in roots] == [("traefik", "server")]


def test_no_span_of_it_hangs_in_the_air(trace: list[Span]) -> None:
    known = {span.span_id for span in trace}
    assert [span for span in trace if span.parent_id and span.parent_id not in known] == []


def test_a_question_over_grpc_is_part_of_it(trace: list[Span]) -> None:
    (message,) = [span for span in trace if span.name == "message"]
    (sent,) = [span for span in trace if span.span_id == message.parent_id]
    assert follow(trace, QUESTION, sent) is None


def test_the_spans_of_requests_say_what_was_asked_and_how_it_was_answered(
    trace: list[Span],
) -> None:
    (request,) = [span for span in trace if (span.service, span.kind) == ("contacts", "server")][:1]
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["http.request.method"] == "PUT"
    assert str(request.attributes["http.route"]).startswith(PEOPLE)


def test_a_step_that_is_missing_is_found() -> None:
    spans = [
        Span("a", "one", "server", "", "1", "", {}),
        Span("b", "two", "client", "", "2", "9", {}),
    ]
    assert follow(spans, [("a", "server", "one")]) is None
    two = ("b", "client", "two")
    assert follow(spans, [("a", "server", "one"), two]) == two, "its parent is another"


@pytest.mark.usefixtures("trace")
def test_every_span_is_declared_with_its_attributes(observed: Observed) -> None:
    registry = load_registry()
    spans = observed.traces.spans
    unknown, lacking = set(), set()
    for span in spans:
        emitter = "gateway" if span.service == "traefik" else span.service
        pattern = registry.pattern_of(emitter, span.kind, span.name)
        if pattern is None:
            unknown.add((emitter, span.kind, span.name))
        else:
            lacking |= {(span.name, a) for a in pattern.attributes if a not in span.attributes}
    assert not unknown
    assert not lacking
    names = {service.name for service in observed.world.platform.services}
    assert {span.service for span in spans} == names | {"traefik"}


@pytest.mark.usefixtures("trace")
def test_metrics_are_those_that_are_declared(observed: Observed) -> None:
    registry = load_registry()
    for name, (url, *emitters) in addresses(observed.world.platform).items():
        scrape, declared = Scrape.of(url), registry.of(*emitters)
        assert scrape.contradictions(declared) == [], name
        assert missing([scrape], declared) == [], name
        if "gateway" not in emitters:  # of Traefik's own only those that are used are declared
            assert sorted(scrape.types.keys() - declared.keys()) == [], name
        assert scrape.ids == [], f"{name} has labels that grow with records"


def test_no_metric_is_declared_with_a_label_that_grows_with_use() -> None:
    growing = {
        "tenant",
        "tenant_id",
        "user",
        "user_id",
        "client",
        "client_id",
        "path",
        "trace_id",
        "id",
    }
    assert [m.name for m in load_registry().metrics if growing & set(m.labels)] == []


def test_paths_that_callers_invent_do_not_make_series(observed: Observed) -> None:
    url = observed.world.platform.service_url("contacts")
    for _ in range(3):
        assert httpx.get(f"{url}/v1/contacts/{uuid4()}/nothing").status_code == 404
        assert (
            httpx.request(f"X{uuid4().hex[:6].upper()}", f"{url}/v1/contacts/").status_code >= 400
        )
    text = httpx.get(f"{url}/metrics").text
    invented = [line for line in text.splitlines() if 'route="none"' in line and "_count" in line]
    assert {line.split("{")[1].split(",")[0] for line in invented} <= {
        f'method="{method}"' for method in ("GET", "other")
    }
