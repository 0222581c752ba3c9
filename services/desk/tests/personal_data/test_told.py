"""What desk tells of a person to whoever answers that person: all there is, and nothing of others (CO-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from chassis.context import Caller
from chassis.domain import Forbidden
from chassis.embedded.postgres import PostgresServer
from chassis.personal_data.pages import PAGE
from chassis.rpc.client import Peer
from chassis.testing.access import FakeAccessSource
from chassis.testing.harness import TestDatabase, migrated_database, settings_for
from chassis.testing.personal_data import fill, reached, told, untold
from chassis.testing.tokens import TestTokens
from desk.app import build
from desk.attachments.files import FolderFileStore
from desk.description import DESCRIPTION
from desk.people.following import FOLLOWING
from desk.personal_data import KEPT, NOT_TOLD, desk_personal_data
from desk.settings import DeskSettings
from rapport.common.v1.personal_data_service_pb2 import ListPersonalDataRequest
from rapport.common.v1.personal_data_service_pb2_grpc import PersonalDataServiceStub

TABLES = [one.table for one in KEPT]


@pytest.fixture(scope="module")
def filled(postgres: PostgresServer) -> TestDatabase:
    """A database of its own."""
    return migrated_database(postgres, "desk", DESCRIPTION.migrations, "desk_told")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FolderFileStore:
    """Where the files are."""
    return FolderFileStore(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="module")
def peer(
    filled: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    own: dict[str, str],
    store: FolderFileStore,
) -> Iterator[Peer]:
    """Desk as contacts reaches it."""
    settings = DeskSettings(**settings_for(filled, **own))
    service = build(settings, keys=tokens.key_source(), access=access)
    with reached(service, desk_personal_data(store), tokens) as peer:
        yield peer
    service.stop()


def fill_all(filled: TestDatabase, tenant_id: UUID) -> UUID:
    """Have somebody be in every table; gives who."""
    person = uuid4()
    fill(filled.admin_url, TABLES, tenant_id, person, given(person))
    return person


def given(_person: UUID) -> dict[str, Any]:
    """What columns need that others do not."""
    return {"attachments.removed_at": None}


def all_of(peer: Peer, tenant_id: UUID, *people: UUID) -> dict[str, bytes]:
    """What desk tells contacts."""
    return told(peer, PersonalDataServiceStub, ListPersonalDataRequest, tenant_id, people)


def test_every_table_that_tells_of_people_is_told_or_set_apart(filled: TestDatabase) -> None:
    assert untold(filled.admin_url, KEPT, NOT_TOLD, FOLLOWING) == set()


def test_a_person_is_told_what_every_table_has_of_them_and_their_files(
    filled: TestDatabase, peer: Peer, store: FolderFileStore
) -> None:
    tenant_id = uuid4()
    person, merged, _other = (fill_all(filled, tenant_id) for _ in range(3))
    content = {person: bytes(2 * PAGE + 7), merged: bytes(PAGE)}
    for one, file in content.items():
        store.write(tenant_id, one, file)
    files = all_of(peer, tenant_id, person, merged)
    told_files = {f"files/{one}": content for one, content in content.items()}
    assert {name: files.pop(name) for name in told_files} == told_files
    lines = {name: content.splitlines() for name, content in files.items()}
    assert {name: len(some) for name, some in lines.items()} == {one.file: 2 for one in KEPT}
    assert {orjson.loads(line)["file"] for line in lines["attachment.ndjson"]} == told_files.keys()
    for kept in KEPT:
        for line in lines[kept.file]:
            record = orjson.loads(line)
            assert record.keys().isdisjoint({"tenant_id", *kept.without})
            assert b"secret" not in line
    assert "王小明" in b"".join(files.values()).decode()


def test_of_somebody_else_and_to_another_tenant_nothing_is_told(
    filled: TestDatabase, peer: Peer
) -> None:
    tenant_id = uuid4()
    person = fill_all(filled, tenant_id)
    assert all_of(peer, tenant_id, uuid4()) == {}
    assert all_of(peer, uuid4(), person) == {}


def test_of_a_file_that_is_gone_from_the_disk_nothing_is_told_but_its_name(
    filled: TestDatabase, peer: Peer
) -> None:
    tenant_id = uuid4()
    person = fill_all(filled, tenant_id)
    files = all_of(peer, tenant_id, person)
    assert files[f"files/{person}"] == b""
    assert b"files/" in files["attachment.ndjson"]


def test_what_came_from_their_addresses_is_told_though_nobody_knew_whose_they_were(
    filled: TestDatabase, peer: Peer
) -> None:
    tenant_id, stranger = uuid4(), uuid4()
    person = fill_all(filled, tenant_id)
    nobodys = {
        "ticket_id": uuid4(),
        "person_id": None,
        "origin_ticket_id": uuid4(),
        "sender": f"王小明 {person}",
        "sender_address": f"王小明 {person}",
        "address": f"王小明 {person}",
    }
    tables = ("messages", "inbound_mails", "outbound_mails", "ticket_followers")
    known = {f"{table}.{name}": value for table in tables for name, value in nobodys.items()}
    fill(filled.admin_url, tables, tenant_id, stranger, known)
    files = all_of(peer, tenant_id, person)
    for kind in ("message", "inbound_mail", "outbound_mail", "ticket_follower"):
        assert str(stranger).encode() in files[f"{kind}.ndjson"], kind


def test_only_services_are_told(peer: Peer, tokens: TestTokens) -> None:
    tenant_id = uuid4()
    user = Caller(tenant_id, "user", token=tokens.client(tenant_id, "*"))
    method = peer.stub(PersonalDataServiceStub).ListPersonalData
    with pytest.raises(Forbidden):
        peer.ask(method, ListPersonalDataRequest(person_ids=[str(uuid4())]), user, timeout=30)
