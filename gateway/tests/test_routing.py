"""Where requests go."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
import yaml

from .stack import GATEWAY, Gateway
from .upstream import Upstream


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/identity/users", "identity"),
        ("/oauth/token", "identity"),
        ("/.well-known/openid-configuration", "identity"),
        ("/p/identity/sign-in", "identity"),
        ("/scim/v2/Users", "identity"),
        ("/v1/contacts/people", "contacts"),
        ("/p/contacts/preferences", "contacts"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_request_reaches_the_service_that_claims_its_prefix(
    gateway: Gateway, services: Mapping[str, Upstream], method: str, path: str, service: str
) -> None:
    assert gateway.client.request(method, path).status_code == 200

    reached = {name for name, one in services.items() if one.asked(method, path)}
    assert reached == {service}


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/v1/contacts",
        "/v1/contactsx/people",
        "/v2/contacts/people",
        "/metrics",
        "/readyz",
    ],
)
def test_an_address_that_nobody_claims_is_a_problem_document(
    gateway: Gateway, services: Mapping[str, Upstream], path: str
) -> None:
    response = gateway.client.get(path, headers={"Accept": "application/json"})

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert (document["code"], document["status"], document["instance"]) == (
        "route_unknown",
        404,
        path,
    )
    assert document["trace_id"] == response.headers["Trace-Id"]
    assert not any(one.heard for one in services.values())


def test_a_person_who_asks_for_an_unknown_address_gets_a_page(gateway: Gateway) -> None:
    response = gateway.client.get("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


def test_the_first_page_leads_to_the_documentation(gateway: Gateway) -> None:
    response = gateway.client.get("/")

    assert response.status_code == 302
    assert response.headers["Location"] == "/docs"
    assert "Rapport" in gateway.client.get("/docs").text


def test_the_merged_document_is_served_with_an_entity_tag(gateway: Gateway) -> None:
    first = gateway.client.get("/openapi.json")
    again = gateway.client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert {"/v1/identity/probe", "/v1/contacts/probe"} <= set(first.json()["paths"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["/v1/contacts/..%2f..%2freadyz", "/v1/contacts/a%5cb", "/v1/contacts/%00"]
)
def test_a_path_that_could_mean_two_things_is_refused(
    gateway: Gateway, contacts: Upstream, path: str
) -> None:
    assert gateway.client.get(path).status_code == 400
    assert contacts.heard == []


def test_dots_in_a_path_are_resolved_before_it_is_routed(
    gateway: Gateway, contacts: Upstream
) -> None:
    gateway.client.get("/v1/contacts/../../readyz")

    assert contacts.heard == []


def test_every_service_has_the_same_kinds_of_routes() -> None:
    shapes = {}
    for path in sorted((GATEWAY / "routes").glob("[!_]*.yml")):
        if path.stem == "portal":
            continue
        plain = re.sub(r"(?m)^\{\{-.*\n", "", path.read_text(encoding="utf-8"))
        text = re.sub(r'"?\{\{.*?\}\}[^\n]*', '"filled in"', plain)
        routers = yaml.safe_load(text)["http"]["routers"]
        shapes[path.stem] = {name.removeprefix(path.stem) for name in routers}

    common = {"", "-reads", "-too-large", "-unsized-writes", "-writes"}
    assert shapes, "no service has routes"
    assert all(shape >= common for shape in shapes.values()), shapes
