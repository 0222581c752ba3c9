"""What contacts tells of a person to whoever answers that person: all there is, and nothing of others (CO-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import psycopg
import pytest

from chassis.context import Caller, service_caller
from chassis.domain import Forbidden
from chassis.embedded.postgres import PostgresServer
from chassis.personal_data.pages import PAGE
from chassis.rpc.client import Peer
from chassis.testing.access import FakeAccessSource
from chassis.testing.harness import TestDatabase, migrated_database, settings_for
from chassis.testing.personal_data import fill, reached, told, untold
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.description import DESCRIPTION
from contacts.personal_data import KEPT, NOT_TOLD, PERSONAL_DATA
from contacts.settings import ContactsSettings
from rapport.common.v1.personal_data_service_pb2 import ListPersonalDataRequest
from rapport.common.v1.personal_data_service_pb2_grpc import PersonalDataServiceStub

HARMLESS = {"import_kept.code"}
TABLES = [one.table for one in KEPT]


@pytest.fixture(scope="module")
def filled(postgres: PostgresServer) -> TestDatabase:
    """A database of its own."""
    return migrated_database(postgres, "contacts", DESCRIPTION.migrations, "contacts_told")


@pytest.fixture(scope="module")
def peer(filled: TestDatabase, tokens: TestTokens, access: FakeAccessSource) -> Iterator[Peer]:
    """Contacts as it could be reached."""
    settings = ContactsSettings(**settings_for(filled))
    service = build(settings, keys=tokens.key_source(), access=access)
    with reached(service, PERSONAL_DATA, tokens) as peer:
        yield peer
    service.stop()


def fill_all(filled: TestDatabase, tenant_id: UUID) -> UUID:
    """Have somebody be in every table; gives who."""
    person = uuid4()
    fill(filled.admin_url, TABLES, tenant_id, person, given(person))
    return person


def given(person: UUID) -> dict[str, Any]:
    """What columns need that others do not."""
    details = {
        "emails": [{"address": f"Ming-{person}@example.com"}],
        "phones": [{"number": "+886912345678"}],
        "custom_fields": {"shoe_size": "42"},
    }
    return {"people.details": orjson.dumps(details).decode()}


def all_of(peer: Peer, tenant_id: UUID, *people: UUID) -> dict[str, list[bytes]]:
    """What contacts tells contacts, as lines."""
    files = told(peer, PersonalDataServiceStub, ListPersonalDataRequest, tenant_id, people)
    return {name: content.splitlines() for name, content in files.items()}


def test_every_table_that_tells_of_people_is_told_or_set_apart(filled: TestDatabase) -> None:
    assert untold(filled.admin_url, KEPT, NOT_TOLD, harmless=HARMLESS) == set()


def test_a_person_is_told_what_every_table_has_of_them(filled: TestDatabase, peer: Peer) -> None:
    tenant_id = uuid4()
    person, merged, _other = (fill_all(filled, tenant_id) for _ in range(3))
    files = all_of(peer, tenant_id, person, merged)
    assert {name: len(lines) for name, lines in files.items()} == {
        one.file: 2 for one in KEPT if one.kind != "failed_import_row"
    }
    assert all_of(peer, tenant_id, person).keys() == files.keys()
    for kept in KEPT:
        for line in files.get(kept.file, ()):
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


def test_a_row_of_an_import_that_failed_is_told_to_whom_it_has_the_address_of(
    filled: TestDatabase, peer: Peer
) -> None:
    tenant_id = uuid4()
    person, other = fill_all(filled, tenant_id), fill_all(filled, tenant_id)
    failed = {
        "import_rows.person_id": None,
        "import_rows.outcome": "failed",
        "import_rows.cells": orjson.dumps(["王小明", f"MING-{person}@EXAMPLE.COM"]).decode(),
    }
    fill(filled.admin_url, ["import_rows"], tenant_id, uuid4(), failed)
    (line,) = all_of(peer, tenant_id, person)["failed_import_row.ndjson"]
    assert orjson.loads(line)["cells"][0] == "王小明"
    assert "failed_import_row.ndjson" not in all_of(peer, tenant_id, other)


def test_a_person_is_told_in_the_words_of_the_api(filled: TestDatabase, peer: Peer) -> None:
    tenant_id = uuid4()
    (line,) = all_of(peer, tenant_id, fill_all(filled, tenant_id))["person.ndjson"]
    record = orjson.loads(line)
    assert record["emails"][0]["address"].startswith("Ming-")
    assert record["custom_fields"] == {"shoe_size": "42"}
    assert record["created_at"] == "2026-02-03T04:05:06Z"


def test_a_long_timeline_is_told_in_pages_that_are_small_and_leave_nothing_out(
    filled: TestDatabase, peer: Peer
) -> None:
    tenant_id = uuid4()
    person = fill_all(filled, tenant_id)
    with psycopg.connect(filled.admin_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(_MANY, {"tenant_id": tenant_id, "person_id": person})
    method, token = peer.stub(PersonalDataServiceStub).ListPersonalData, ""
    seen: list[str] = []
    while True:
        request = ListPersonalDataRequest(person_ids=[str(person)], page_token=token)
        page: Any = peer.ask(method, request, service_caller("contacts", tenant_id), timeout=30)
        assert sum(len(piece.content) for piece in page.pieces) <= PAGE
        for piece in page.pieces:
            if piece.file == "timeline_entry.ndjson":
                found = [orjson.loads(line)["id"] for line in piece.content.splitlines()]
                assert len(found) == piece.records
                seen += found
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == len(set(seen)) == 4001


# Many at the same time: the key goes on behind the time.
_MANY = (
    "INSERT INTO timeline_entries (tenant_id, id, person_id, occurred_at, recorded_at, channel, kind,"
    " service, fact_type, record_id, actor, details) SELECT %(tenant_id)s, gen_random_uuid(),"
    " %(person_id)s, date_trunc('hour', now()) - n %% 3 * interval '1 hour', now(), '', '說', 's',"
    " 'f', gen_random_uuid(), 'a', json_build_object('text', repeat('好', 400))"
    " FROM generate_series(1, 4000) AS n"
)
