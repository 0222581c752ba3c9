"""What sales tells of a person to whoever answers that person: all there is, and nothing of others (CO-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from chassis.context import Caller, service_caller
from chassis.domain import Forbidden, Invalid
from chassis.embedded.postgres import PostgresServer
from chassis.personal_data.pages import PAGE, Pages, Place
from chassis.rpc.client import Peer
from chassis.testing.access import FakeAccessSource
from chassis.testing.harness import TestDatabase, migrated_database, settings_for
from chassis.testing.personal_data import fill, reached, told, untold
from chassis.testing.tokens import TestTokens
from rapport.common.v1.personal_data_service_pb2 import ListPersonalDataRequest
from rapport.common.v1.personal_data_service_pb2_grpc import PersonalDataServiceStub
from sales.app import build
from sales.description import DESCRIPTION
from sales.people.following import FOLLOWING
from sales.personal_data import KEPT, NOT_TOLD, PERSONAL_DATA
from sales.settings import SalesSettings

HARMLESS = {"leads.postal_code"}
TABLES = [one.table for one in KEPT]


@pytest.fixture(scope="module")
def filled(postgres: PostgresServer) -> TestDatabase:
    """A database of its own."""
    return migrated_database(postgres, "sales", DESCRIPTION.migrations, "sales_told")


@pytest.fixture(scope="module")
def peer(filled: TestDatabase, tokens: TestTokens, access: FakeAccessSource) -> Iterator[Peer]:
    """Sales as contacts reaches it."""
    settings = SalesSettings(**settings_for(filled, contacts_grpc="127.0.0.1:1"))
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
    """What sales tells contacts, as lines."""
    files = told(peer, PersonalDataServiceStub, ListPersonalDataRequest, tenant_id, people)
    return {name: content.splitlines() for name, content in files.items()}


def test_every_table_that_tells_of_people_is_told_or_set_apart(filled: TestDatabase) -> None:
    assert untold(filled.admin_url, KEPT, NOT_TOLD, FOLLOWING, HARMLESS) == set()


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
    assert "王小明" in files["order.ndjson"][0].decode()
    assert orjson.loads(files["order.ndjson"][0])["total"] == "1250.0000"


def test_of_somebody_else_and_to_another_tenant_nothing_is_told(
    filled: TestDatabase, peer: Peer
) -> None:
    tenant_id = uuid4()
    person = fill_all(filled, tenant_id)
    assert all_of(peer, tenant_id, uuid4()) == {}
    assert all_of(peer, uuid4(), person) == {}


def test_records_larger_than_a_page_are_told_whole(filled: TestDatabase, peer: Peer) -> None:
    tenant_id = uuid4()
    people = [uuid4() for _ in range(3)]
    large = orjson.dumps({"conditions": "長" * (PAGE // 2)}).decode()
    for one in people:
        fill(filled.admin_url, ["orders"], tenant_id, one, {"orders.content": large})
    files = all_of(peer, tenant_id, *people)
    assert {orjson.loads(line)["id"] for line in files["order.ndjson"]} == set(map(str, people))


def test_only_services_are_told(peer: Peer, tokens: TestTokens) -> None:
    tenant_id = uuid4()
    user = Caller(tenant_id, "user", token=tokens.client(tenant_id, "*"))
    method = peer.stub(PersonalDataServiceStub).ListPersonalData
    with pytest.raises(Forbidden):
        peer.ask(method, ListPersonalDataRequest(person_ids=[str(uuid4())]), user, timeout=30)


@pytest.mark.parametrize(
    ("people", "token", "code"),
    [
        ([], "", "count_out_of_bounds"),
        (["王小明"], "", "uuid_malformed"),
        ([str(UUID(int=1))], "x", "page_token_malformed"),
        ([str(UUID(int=1))], Pages(KEPT).token(Place("order", ("x",))), "page_token_malformed"),
        ([str(UUID(int=1))], Pages(KEPT).token(Place("order", ("1", "2"))), "page_token_malformed"),
        ([str(UUID(int=1))], Pages(KEPT).token(Place("person")), "page_token_malformed"),
        ([str(UUID(int=1))], "WyJvbGRlciIsIm9yZGVyIl0", "page_token_outdated"),
    ],
)
def test_what_makes_no_sense_is_refused(
    peer: Peer, people: list[str], token: str, code: str
) -> None:
    method = peer.stub(PersonalDataServiceStub).ListPersonalData
    request = ListPersonalDataRequest(person_ids=people, page_token=token)
    with pytest.raises(Invalid) as refused:
        peer.ask(method, request, service_caller("contacts", uuid4()), timeout=30)
    assert code in {refused.value.code, *(one.code for one in refused.value.violations)}
