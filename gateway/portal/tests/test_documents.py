"""What programs get from the portal."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.app import build
from portal.catalogue import Catalogue
from portal.settings import PortalSettings

from .conftest import PUBLIC_URL
from .documents import document, operation
from .fetches import FakeFetch

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_the_merged_document_is_valid_and_names_the_public_address(client: FlaskClient) -> None:
    merged = client.get("/openapi.json").json

    assert merged is not None
    OpenAPIV31SpecValidator(merged).validate()
    assert merged["servers"] == [{"url": PUBLIC_URL}]


@pytest.mark.parametrize("path", ["/openapi.json", "/openapi/contacts.json"])
def test_a_document_that_the_caller_has_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    other = client.get(path, headers={"If-None-Match": '"other"'})

    assert (again.status_code, again.data) == (304, b"")
    assert other.data == first.data


def test_a_services_own_document_keeps_its_own_names(client: FlaskClient) -> None:
    own = client.get("/openapi/contacts.json").json

    assert own is not None
    assert set(own["components"]["schemas"]) == {"Problem", "Thing"}
    assert own["servers"] == [{"url": PUBLIC_URL}]


def test_a_service_that_was_never_seen_is_a_503(
    settings: PortalSettings, catalogue: Catalogue, fetch: FakeFetch
) -> None:
    del fetch.answers["http://contacts"]
    catalogue.refresh()
    response = build(settings, catalogue).test_client().get("/openapi/contacts.json")

    assert response.status_code == 503
    assert response.json is not None
    assert response.json["code"] == "contract_missing"
    assert "Retry-After" in response.headers


def test_documents_that_clash_from_the_beginning_are_a_503_that_names_both(
    settings: PortalSettings, catalogue: Catalogue, fetch: FakeFetch
) -> None:
    for service in ("identity", "contacts"):
        made = document(service)
        made["paths"]["/v1/both"] = {"get": operation(f"{service}_both")}
        fetch.answers[f"http://{service}"] = made
    client = build(settings, catalogue).test_client()
    catalogue.refresh()
    ready = client.get("/readyz")

    assert ready.status_code == 503
    assert ready.json == {
        "status": "not_ready",
        "checks": {"asked_every_service": True, "no_clash": False},
    }
    alert = client.get("/docs").text
    assert "/v1/both" in alert
    # What was known before the clash: nothing but the names of the services.
    assert client.get("/openapi.json").json["paths"] == {}  # type: ignore[index]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_refusal_of_the_gateway_answers_every_method(client: FlaskClient, method: str) -> None:
    response = client.open("/problems/gateway/503/v1/contacts/people?q=a", method=method, data=b"x")

    assert response.status_code == 503
    assert response.json is not None
    assert response.json["instance"] == "/v1/contacts/people"
    assert response.headers["Retry-After"] == "1"
    assert response.headers["Cache-Control"] == "no-store"


def test_the_query_of_the_refused_request_is_not_repeated(client: FlaskClient) -> None:
    asked = "/problems/gateway/502?url=http%3A%2F%2Fh%2Fv1%2Fpeople%3Femail%3Da%40example.com"
    response = client.get(asked)

    assert response.json is not None
    assert response.json["instance"] == "/v1/people"
    assert "example.com" not in response.text


@pytest.mark.parametrize("query", ["", "?limit=x", "?limit=", "?url=%00%01"])
def test_a_refusal_is_told_whatever_the_query(client: FlaskClient, query: str) -> None:
    response = client.get(f"/problems/gateway/413{query}")

    assert response.status_code == 413
    assert response.json is not None
    assert response.json["code"] == "body_too_large"


def test_a_status_that_the_gateway_never_answers_with_is_unknown(client: FlaskClient) -> None:
    assert client.get("/problems/gateway/200").status_code == 404


def test_every_type_of_the_gateway_is_documented(client: FlaskClient) -> None:
    for status in (404, 413, 502, 503, 504):
        document = client.get(f"/problems/gateway/{status}").json
        assert document is not None
        assert client.get(document["type"]).status_code == 200


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "nonsense",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
    ],
)
def test_without_a_usable_trace_a_new_one_is_begun(client: FlaskClient, traceparent: str) -> None:
    response = client.get("/nowhere", headers={"Traceparent": traceparent})

    assert response.json is not None
    trace = response.json["trace_id"]
    assert trace == response.headers["Trace-Id"]
    assert len(trace) == 32
    assert trace not in {TRACE, "0" * 32}


def test_the_callers_trace_is_continued(client: FlaskClient) -> None:
    parent = f"00-{TRACE}-00f067aa0ba902b7-01"

    assert client.get("/docs", headers={"Traceparent": parent}).headers["Trace-Id"] == TRACE


def test_a_method_that_is_not_allowed_is_a_problem_document(client: FlaskClient) -> None:
    response = client.post("/openapi.json")

    assert response.status_code == 405
    assert response.json is not None
    assert response.json["code"] == "method_not_allowed"
    assert "GET" in response.headers["Allow"]


def test_the_portal_is_ready_once_every_service_was_asked(
    settings: PortalSettings, catalogue: Catalogue, fetch: FakeFetch
) -> None:
    fetch.answers.clear()
    client = build(settings, catalogue).test_client()

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    catalogue.refresh()
    assert client.get("/readyz").status_code == 200


def test_the_metrics_tell_of_requests_and_of_services_that_are_away(
    client: FlaskClient, catalogue: Catalogue, fetch: FakeFetch
) -> None:
    del fetch.answers["http://contacts"]
    catalogue.refresh()
    client.get("/docs/services/contacts")
    text = client.get("/metrics").text

    assert 'portal_contract_current{service="contacts"} 0.0' in text
    assert 'portal_contract_current{service="identity"} 1.0' in text
    assert "portal_contracts_clash 0.0" in text
    assert 'route="/docs/services/<service>",status="200"' in text


def test_the_document_is_json_without_surprises(client: FlaskClient) -> None:
    assert json.loads(client.get("/openapi.json").data)["info"]["title"] == "Rapport"
