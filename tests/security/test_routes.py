"""Every way into a service is declared: with a permission, or with the reason why it needs none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from chassis.http.operations_routes import add_operations_routes
from chassis.http.routes import PUBLIC, SIGNED_IN
from chassis.testing.harness import ServiceHarness
from rapport_local.services import SERVICES

from .estate import Services
from .surface import all_operations

INSIDE_ONLY = {
    "/healthz": "tells that the process lives, and nothing else; the gateway does not route it",
    "/readyz": "tells that the service can work; the gateway does not route it",
    "/readyz/<role>": "tells that of one role; the gateway asks it, and does not route it",
    "/metrics": "counts, of no tenant; the gateway does not route it",
    "/openapi.json": "is the published contract",
}
PERMISSION = re.compile(r"[a-z]+\.[a-z_]+\.[a-z_]+|[a-z]+\.tenant\.(read|write)")
NAMES = [service.name for service in SERVICES]


def ways_in(harness: ServiceHarness[Any]) -> set[tuple[str, str]]:
    """Method and path of all that Flask answers, HEAD and OPTIONS apart."""
    return {
        (method, rule.rule)
        for rule in harness.app.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_way_in_has_a_permission_or_a_reason(name: str, services: Services) -> None:
    harness = services[name].harness
    routes = {(each.method, each.path) for each in harness.service.http.routes if each.permission}
    pages = {
        (method, page.path)
        for page in harness.service.http.pages
        for method in page.methods
        if len(page.public_because.split()) > 3
    }
    inside = {("GET", path) for path in INSIDE_ONLY}
    assert ways_in(harness) - routes - pages - inside == set()


@pytest.mark.parametrize("name", NAMES)
def test_permissions_are_named_for_the_service_that_asks_for_them(
    name: str, services: Services
) -> None:
    for route in services[name].harness.service.http.routes:
        if route.permission in (PUBLIC, SIGNED_IN):
            continue
        assert PERMISSION.fullmatch(route.permission), route.permission
        assert route.permission.startswith(f"{name}."), route.permission


@pytest.mark.parametrize("name", NAMES)
def test_the_document_has_every_route_and_no_other(name: str, services: Services) -> None:
    declared = {
        (each.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", each.path))
        for each in services[name].harness.service.http.routes
    }
    documented = {(each.method, each.path) for each in all_operations() if each.service == name}
    assert documented == declared


def test_the_routes_that_stay_inside_are_the_ones_named_here() -> None:
    app = Flask("bare", static_folder=None)
    add_operations_routes(app, {}, dict)
    assert {rule.rule for rule in app.url_map.iter_rules()} == set(INSIDE_ONLY)


@pytest.mark.parametrize("name", NAMES)
def test_no_route_is_open_to_everybody(name: str, services: Services) -> None:
    """Pages are, each with its reason; the REST face has nothing without a token so far."""
    routes = services[name].harness.service.http.routes
    assert [each.name for each in routes if each.permission == PUBLIC] == []
