"""How large a request may be, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from chassis.http.body import MAX_BODY
from chassis.http.routes import Route
from deploy.tools.openapi_documents import routes_of
from rapport_local.services import SERVICES

from .stack import Gateway
from .upstream import Upstream

MIB = 1024 * 1024
PEOPLE = "/v1/contacts/people"
PARTS = "/v1/contacts/imports/0199/parts"
BATCH = "/v1/contacts/companies/batch"
INGEST = "/v1/contacts/people/ingest"
LEADS = "/v1/sales/leads"
MESSAGES = "/v1/notifications/messages"
BOUNCES = "/v1/notifications/bounces"
LARGE = [
    pytest.param(service.name, route, id=f"{route.method} {route.path}")
    for service in SERVICES
    for route in routes_of(service.name)
    if route.body_limit > MAX_BODY
]
"""Every route that takes more than an ordinary body, as the services declare them."""


def example_of(route: Route) -> str:
    """A path that the route takes."""
    return re.sub("<[^>]+>", "1", route.path)


def in_chunks(size: int) -> Iterator[bytes]:
    for start in range(0, size, 65536):
        yield bytes(min(65536, size - start))


@pytest.mark.parametrize(
    ("path", "size"),
    [
        (PEOPLE, 0),
        (PEOPLE, 1),
        (PEOPLE, MIB),
        (PARTS, MIB + 200_000),
        (PARTS, 16 * MIB + 4096),
        (BATCH, 8 * MIB),
        (INGEST, 16 * MIB),
        (f"{LEADS}/batch", 8_799_999),
    ],
)
def test_a_body_within_the_bound_reaches_the_service_whole(
    gateway: Gateway, services: Mapping[str, Upstream], path: str, size: int
) -> None:
    assert gateway.client.post(path, content=bytes(size)).status_code == 200

    service = services[path.split("/")[2]]
    assert [one.body_length for one in service.asked("POST", path)] == [size]


@pytest.mark.parametrize(("service", "route"), LARGE)
def test_whatever_a_service_takes_passes_up_to_the_bound_that_it_declares(
    gateway: Gateway, services: Mapping[str, Upstream], service: str, route: Route
) -> None:
    path, body = example_of(route), bytes(route.body_limit)

    assert gateway.client.request(route.method, path, content=body).status_code == 200

    heard = services[service].asked(route.method, path)
    assert [one.body_length for one in heard] == [route.body_limit]


@pytest.mark.parametrize(("service", "route"), LARGE)
def test_far_above_the_bound_that_a_service_declares_it_is_not_troubled(
    gateway: Gateway, services: Mapping[str, Upstream], service: str, route: Route
) -> None:
    body = bytes(18_000_000)

    response = gateway.client.request(route.method, example_of(route), content=body)

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert services[service].heard == []


@pytest.mark.parametrize(
    ("path", "size", "bound"),
    [
        (PEOPLE, 1_100_000, MIB),
        (PEOPLE, 30 * MIB, MIB),
        ("/v1/contacts/imports/0199", 2 * MIB, MIB),
        ("/v1/identity/users", 2 * MIB, MIB),
        (PARTS, 18_000_000, 16 * MIB),
        (INGEST, 18_000_000, 16 * MIB),
        (f"{INGEST}/more", 2 * MIB, MIB),
        (LEADS, 2 * MIB, MIB),
        (f"{LEADS}/batch", 8_800_000, 8 * MIB),
        (f"{LEADS}/import", 9_000_000, 8 * MIB),
        (f"{LEADS}/import", 10_000_000, 8 * MIB),
        (f"{LEADS}/import/more", 2 * MIB, MIB),
        (MESSAGES, 2 * MIB, MIB),
        (f"{MESSAGES}/batch", 8_800_000, 8 * MIB),
        (BOUNCES, 8_900_000, 8 * MIB),
        (f"{BOUNCES}/more", 2 * MIB, MIB),
    ],
)
def test_a_body_above_the_bound_is_refused_with_the_bound_in_the_message(
    gateway: Gateway, services: Mapping[str, Upstream], path: str, size: int, bound: int
) -> None:
    response = gateway.client.post(path, content=bytes(size))

    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert (document["code"], document["instance"]) == ("body_too_large", path)
    assert str(bound) in document["detail"]
    assert [name for name, one in services.items() if one.heard] == []


def test_a_body_of_unknown_length_passes_up_to_the_bound(
    gateway: Gateway, contacts: Upstream
) -> None:
    assert gateway.client.post(PEOPLE, content=in_chunks(MIB)).status_code == 200

    assert [one.body_length for one in contacts.asked("POST", PEOPLE)] == [MIB]


@pytest.mark.parametrize("path", [PEOPLE, PARTS, f"{LEADS}/batch", f"{MESSAGES}/batch"])
def test_a_body_of_unknown_length_above_the_bound_is_refused(
    gateway: Gateway, services: Mapping[str, Upstream], path: str
) -> None:
    response = gateway.client.post(path, content=in_chunks(MIB + 65536))

    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"
    assert [name for name, one in services.items() if one.heard] == []


def test_headers_above_the_bound_are_refused(gateway: Gateway, contacts: Upstream) -> None:
    response = gateway.client.get(PEOPLE, headers={"X-Long": "x" * 60_000})

    assert response.status_code == 431
    assert contacts.heard == []
