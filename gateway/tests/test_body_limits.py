"""How large a request may be, and where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .stack import Gateway
from .upstream import Upstream

MIB = 1024 * 1024
PEOPLE = "/v1/contacts/people"
PARTS = "/v1/contacts/imports/0199/parts"
BATCH = "/v1/contacts/companies/batch"
INGEST = "/v1/contacts/people/ingest"


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
    ],
)
def test_a_body_within_the_bound_reaches_the_service_whole(
    gateway: Gateway, contacts: Upstream, path: str, size: int
) -> None:
    assert gateway.client.post(path, content=bytes(size)).status_code == 200

    assert [one.body_length for one in contacts.asked("POST", path)] == [size]


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
    ],
)
def test_a_body_above_the_bound_is_refused_with_the_bound_in_the_message(
    gateway: Gateway, contacts: Upstream, path: str, size: int, bound: int
) -> None:
    response = gateway.client.post(path, content=bytes(size))

    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"
    document = response.json()
    assert (document["code"], document["instance"]) == ("body_too_large", path)
    assert str(bound) in document["detail"]
    assert contacts.heard == []


def test_a_body_of_unknown_length_passes_up_to_the_bound(
    gateway: Gateway, contacts: Upstream
) -> None:
    assert gateway.client.post(PEOPLE, content=in_chunks(MIB)).status_code == 200

    assert [one.body_length for one in contacts.asked("POST", PEOPLE)] == [MIB]


@pytest.mark.parametrize("path", [PEOPLE, PARTS])
def test_a_body_of_unknown_length_above_the_bound_is_refused(
    gateway: Gateway, contacts: Upstream, path: str
) -> None:
    response = gateway.client.post(path, content=in_chunks(MIB + 65536))

    assert response.status_code == 413
    assert response.json()["code"] == "body_too_large"
    assert contacts.heard == []


def test_headers_above_the_bound_are_refused(gateway: Gateway, contacts: Upstream) -> None:
    response = gateway.client.get(PEOPLE, headers={"X-Long": "x" * 60_000})

    assert response.status_code == 431
    assert contacts.heard == []
