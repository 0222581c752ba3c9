"""Somebody is erased: nothing that names them is left, and it is known that it happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.erasures.reactions import on_person_erased
from contacts.search.operations import prune_words
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import person_events_pb2 as events
from services.contacts.tests.builders import PEOPLE, company, person
from services.contacts.tests.imports.conftest import Importing
from services.contacts.tests.imports.tables import csv_of

Contacts = ServiceHarness[ContactsTx]
ERASURES = "/v1/contacts/erasures"
MARK = "Amphitrite"
ADDRESS = "amphitrite@sea.example"
TABLES = (
    "SELECT DISTINCT table_name FROM information_schema.columns"
    " WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1"
)


def mentioned(contacts: Contacts, tenant_id: UUID | None) -> set[str]:
    """The tables of the tenant that contain the person's name or address, be it in binary."""
    texts = [MARK.lower(), *(text.encode().hex() for text in (MARK, MARK.lower()))]
    with contacts.service.database.tenant_transaction(tenant_id) as connection:
        tables = connection.exec_driver_sql(TABLES).scalars().all()
        found = set()
        for table in tables:
            rows = connection.exec_driver_sql(f'SELECT lower(t::text) FROM "{table}" t').scalars()  # noqa: S608
            if any(text in row for row in rows for text in texts):
                found.add(table)
    return found


def prune(contacts: Contacts, tenant_id: UUID) -> None:
    """Have the search forget the words that no name has any more, at a second look."""
    caller = service_caller("contacts", tenant_id)
    now = contacts.service.clock.now() + timedelta(days=1)
    for _ in range(2):
        contacts.service.operations.run(caller, prune_words, now)


def erase(client: ApiClient, person_id: str, reason: str = "asked by letter") -> dict[str, Any]:
    answer = client.post(f"{PEOPLE}/{person_id}/erase", {"reason": reason})
    assert answer.status_code == 200, answer.text
    erasure: dict[str, Any] = answer.json
    return erasure


def file_of_her(key: str) -> bytes:
    """A row that brings or changes her, one that changes her again, and one that fails with her."""
    return csv_of(
        [
            (MARK, ADDRESS, "+886912345678", key, "sea"),
            (f"{MARK} Nereid", ADDRESS, "", key, "wave"),
            ("Poseidon", f"{ADDRESS};no address", "", f"{key}-other", ""),
        ]
    )


@pytest.fixture
def everywhere(importing: Importing) -> str:
    """Somebody who is named in every corner of contacts; gives the id."""
    client = importing.client
    field = {"object": "person", "key": "isle", "type": "text", "label": {"en": "Isle"}}
    assert client.post("/v1/contacts/custom-fields", field).status_code == 201
    address = importing.upload(file_of_her("e-1"))
    columns = {name: name for name in ("full_name", "emails", "phones", "external_id:erp", "tags")}
    importing.map(address, columns, key="external_id:erp")
    importing.run(address, dry=True)
    importing.run(address)
    (her,) = [one["id"] for one in importing.people(email=ADDRESS)]
    headers = {"Idempotency-Key": "twin"}
    twin = client.post(PEOPLE, {"full_name": f"{MARK} II"}, headers=headers).json["id"]
    friend = person(client, "Poseidon")
    work = {"company_id": company(client, "Sea"), "title": f"Queen {MARK}"}
    relation = {"person_id": friend, "kind": "spouse", "note": f"of {MARK}"}
    visit = {"kind": "visit", "channel": "web", "properties": {"page": MARK}}
    for one in (her, twin):
        for path, body in (
            (f"{PEOPLE}/{one}/employments", work),
            (f"{PEOPLE}/{one}/relations", relation),
            ("/v1/contacts/interactions", {**visit, "person": {"id": one}}),
        ):
            answer = client.post(path, body)
            assert answer.status_code == 201, answer.text
    change = {"custom_fields": {"isle": MARK}}
    assert client.patch(f"{PEOPLE}/{her}", change).status_code == 200
    merge = client.post(f"{PEOPLE}/{her}/merge", {"person_id": twin})
    assert merge.status_code == 201, merge.text
    return str(her)


def test_nothing_that_names_the_person_is_left(
    contacts: Contacts, importing: Importing, everywhere: str
) -> None:
    tenant_id = importing.client.tenant_id
    assert tenant_id is not None
    before = mentioned(contacts, tenant_id)
    assert before >= {
        "people",
        "person_keys",
        "person_custom_values",
        "person_search_terms",
        "interactions",
        "employments",
        "relations",
        "merges",
        "merged_records",
        "imports",
        "import_pieces",
        "import_rows",
        "import_keys",
        "idempotency_keys",
        "search_words",
    }
    assert "outbox" not in before
    erase(importing.client, everywhere)
    prune(contacts, tenant_id)
    assert mentioned(contacts, tenant_id) == set()
    assert importing.client.get(f"{PEOPLE}?full_name=Poseidon").json["items"]


def test_it_is_known_who_was_erased_and_whoever_keeps_something_is_told(
    importing: Importing, everywhere: str
) -> None:
    client = importing.client
    (merge,) = client.get("/v1/contacts/merges").json["items"]
    erasure = erase(client, everywhere)
    assert erasure["merged_person_ids"] == [merge["merged_id"]]
    assert (erasure["person_id"], erasure["reason"]) == (everywhere, "asked by letter")
    assert erasure["erased_by"].startswith("client:")
    for asked in (everywhere, merge["merged_id"]):
        assert client.get(f"{ERASURES}?person_id={asked}").json["items"] == [erasure]
        assert client.get(f"{PEOPLE}/{asked}").status_code == 404
        report = {"kind": "visit", "channel": "web", "person": {"id": asked}}
        assert client.post("/v1/contacts/interactions", report).status_code == 422
    assert client.get(f"{ERASURES}?person_id={uuid4()}").json["items"] == []
    assert client.get("/v1/contacts/merges").json["items"] == []
    assert client.post(f"/v1/contacts/merges/{merge['id']}/undo").status_code == 404
    (fact,) = map(events.PersonErased.FromString, importing.facts("PersonErased"))
    assert fact == events.PersonErased(person_id=everywhere, merged_person_ids=[merge["merged_id"]])


def test_a_repeated_request_does_not_bring_anybody_back(
    importing: Importing, everywhere: str
) -> None:
    client, headers = importing.client, {"Idempotency-Key": "twin"}
    erase(client, everywhere)
    answer = client.post(PEOPLE, {"full_name": f"{MARK} II"}, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert MARK not in answer.text


def test_imports_go_on_without_the_person(importing: Importing, everywhere: str) -> None:
    (imported,) = importing.client.get("/v1/contacts/imports").json["items"]
    address = f"/v1/contacts/imports/{imported['id']}"
    erase(importing.client, everywhere)
    assert importing.client.get(f"{address}/errors").status_code == 200
    undone = importing.undo(address)
    assert (undone["state"], undone["result"]["removed"]) == ("succeeded", 0)
    assert importing.people(email=ADDRESS) == []


def test_whoever_is_brought_back_with_an_older_state_is_erased_again(
    contacts: Contacts, importing: Importing
) -> None:
    client, tenant_id = importing.client, importing.client.tenant_id
    assert tenant_id is not None
    her, twin, other = (person(client, name) for name in (MARK, f"{MARK} II", "Poseidon"))
    now = contacts.service.clock.now()
    envelope = Envelope(uuid4(), "x", tenant_id, UUID(her), 9, "user:ada", now, None)
    erased = events.PersonErased(person_id=her, merged_person_ids=[twin, str(uuid4())])
    caller = service_caller("contacts", tenant_id)
    for _ in range(2):
        contacts.service.operations.run(caller, on_person_erased, erased, envelope)
    prune(contacts, tenant_id)
    assert mentioned(contacts, tenant_id) == set()
    assert [one["id"] for one in client.get(PEOPLE).json["items"]] == [other]
    (kept,) = client.get(ERASURES).json["items"]
    assert (kept["person_id"], kept["erased_by"]) == (her, "user:ada")
    assert importing.facts("PersonErased") == []


def test_an_archived_person_can_be_erased_and_a_merged_one_only_with_the_survivor(
    importing: Importing,
) -> None:
    client = importing.client
    archived, kept, gone = (person(client, name) for name in "ABC")
    assert client.delete(f"{PEOPLE}/{archived}").status_code == 204
    erase(client, archived)
    assert client.get(f"{PEOPLE}/{archived}").status_code == 404
    merge = client.post(f"{PEOPLE}/{kept}/merge", {"person_id": gone})
    refused = client.post(f"{PEOPLE}/{gone}/erase", {"reason": "x"})
    assert (refused.status_code, refused.json["code"]) == (404, "person_merged")
    assert client.post(f"/v1/contacts/merges/{merge.json['id']}/undo").status_code == 200
    assert erase(client, kept)["merged_person_ids"] == []
    assert client.get(f"{PEOPLE}/{gone}").json["full_name"] == "C"
    assert client.get("/v1/contacts/merges").json["items"] == []


@pytest.mark.parametrize(
    "reason", [f"{MARK} asked", "she wrote from amphitrite@SEA.example", "call +886912345678"]
)
def test_a_reason_that_names_the_person_is_refused(importing: Importing, reason: str) -> None:
    her = person(
        importing.client,
        MARK,
        emails=[{"address": ADDRESS}],
        phones=[{"number": "+886912345678"}],
    )
    answer = importing.client.post(f"{PEOPLE}/{her}/erase", {"reason": reason})
    assert answer.status_code == 422
    assert [e["code"] for e in answer.json["errors"]] == ["reason_names_person"]
    assert importing.client.get(f"{PEOPLE}/{her}").status_code == 200


def test_who_may_not_erase(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    app = contacts.app_client(tenant)
    theirs = person(app, "A", owner_id=str(uuid4()))
    body = {"reason": "asked"}
    stale = app.post(f"{PEOPLE}/{theirs}/erase", body, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_mismatch")
    for client, status in (
        (contacts.anonymous(), 401),
        (contacts.app_client(tenant, "contacts.people.delete"), 403),
        (contacts.user_client(tenant, {"contacts.people.erase": "own"}, user_id=me), 404),
        (contacts.app_client(contacts.new_tenant()), 404),
    ):
        assert client.post(f"{PEOPLE}/{theirs}/erase", body).status_code == status
    for reason in ("", " \t "):
        assert app.post(f"{PEOPLE}/{theirs}/erase", {"reason": reason}).status_code == 422
    assert app.get(f"{PEOPLE}/{theirs}").json["version"] == 1
    erase(app, theirs)
    assert contacts.app_client(contacts.new_tenant()).get(ERASURES).json["items"] == []
    assert contacts.app_client(tenant, "contacts.people.erase").get(ERASURES).status_code == 403
    assert contacts.anonymous().get(ERASURES).status_code == 401
