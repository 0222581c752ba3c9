"""What identity tells of a person to whoever answers that person: all there is, and nothing of others (CO-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from chassis.context import Caller
from chassis.domain import Forbidden
from chassis.embedded.postgres import PostgresServer
from chassis.rpc.client import Peer
from chassis.testing.access import FakeAccessSource
from chassis.testing.harness import TestDatabase, migrated_database, settings_for
from chassis.testing.personal_data import fill, reached, told, untold
from chassis.testing.tokens import TestTokens
from identity.app import build
from identity.description import DESCRIPTION
from identity.personal_data import KEPT, NOT_TOLD, PERSONAL_DATA
from identity.settings import IdentitySettings
from rapport.common.v1.personal_data_service_pb2 import ListPersonalDataRequest
from rapport.common.v1.personal_data_service_pb2_grpc import PersonalDataServiceStub

OWN = {"key_encryption_secret": "a key of the tests that is long enough", "service_clients": "{}"}
TABLES = [one.table for one in KEPT]


@pytest.fixture(scope="module")
def filled(postgres: PostgresServer) -> TestDatabase:
    """A database of its own."""
    return migrated_database(postgres, "identity", DESCRIPTION.migrations, "identity_told")


@pytest.fixture(scope="module")
def peer(filled: TestDatabase, tokens: TestTokens, access: FakeAccessSource) -> Iterator[Peer]:
    """Identity as contacts reaches it."""
    settings = IdentitySettings(**settings_for(filled, **OWN))
    service = build(settings, keys=tokens.key_source(), access=access)
    with reached(service, PERSONAL_DATA, tokens) as peer:
        yield peer
    service.stop()


def fill_all(filled: TestDatabase, tenant_id: UUID) -> UUID:
    """Have somebody be in every table; gives who."""
    person = uuid4()
    fill(filled.admin_url, TABLES, tenant_id, person, given(person))
    return person


def given(_person: UUID) -> dict[str, Any]:
    """What columns need that others do not."""
    return {}


def all_of(peer: Peer, tenant_id: UUID, *people: UUID) -> dict[str, list[bytes]]:
    """What identity tells contacts, as lines."""
    files = told(peer, PersonalDataServiceStub, ListPersonalDataRequest, tenant_id, people)
    return {name: content.splitlines() for name, content in files.items()}


def test_every_table_that_tells_of_people_is_told_or_set_apart(filled: TestDatabase) -> None:
    assert untold(filled.admin_url, KEPT, NOT_TOLD) == set()


def test_a_person_is_told_what_every_table_has_of_them(filled: TestDatabase, peer: Peer) -> None:
    tenant_id = uuid4()
    person, merged, _other = (fill_all(filled, tenant_id) for _ in range(3))
    files = all_of(peer, tenant_id, person, merged)
    assert {name: len(lines) for name, lines in files.items()} == {one.file: 2 for one in KEPT}
    assert all_of(peer, tenant_id, person).keys() == files.keys()
    for kept in KEPT:
        for line in files[kept.file]:
            record = orjson.loads(line)
            assert record.keys().isdisjoint({"tenant_id", *kept.without})
            assert b"secret" not in line
    assert "王小明" in b"".join(line for lines in files.values() for line in lines).decode()


def test_of_somebody_else_and_to_another_tenant_nothing_is_told(
    filled: TestDatabase, peer: Peer
) -> None:
    tenant_id = uuid4()
    person = fill_all(filled, tenant_id)
    assert all_of(peer, tenant_id, uuid4()) == {}
    assert all_of(peer, uuid4(), person) == {}


def test_only_services_are_told(peer: Peer, tokens: TestTokens) -> None:
    tenant_id = uuid4()
    user = Caller(tenant_id, "user", token=tokens.client(tenant_id, "*"))
    method = peer.stub(PersonalDataServiceStub).ListPersonalData
    with pytest.raises(Forbidden):
        peer.ask(method, ListPersonalDataRequest(person_ids=[str(uuid4())]), user, timeout=30)
