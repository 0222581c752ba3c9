"""Undoing takes back exactly what an import did, and says whom it has left alone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from contacts.people.storage import person_external_ids, person_keys
from rapport.contacts.events.v1 import import_events_pb2 as import_events
from rapport.contacts.events.v1 import person_events_pb2 as person_events
from services.contacts.tests.imports.conftest import PEOPLE, Contacts, Importing
from services.contacts.tests.imports.tables import NAMES, csv_of, numbered


def imported(importing: Importing, count: int, **plan: Any) -> str:
    address = importing.upload(csv_of(numbered(count)))
    if plan:
        importing.map(address, {name: name for name in NAMES}, **plan)
    importing.run(address)
    return address


def kept(importing: Importing, address: str) -> dict[str, str]:
    items = importing.client.get(f"{address}/kept").json["items"]
    return {item["person_id"]: item["code"] for item in items}


@pytest.mark.parametrize("batch", [2, 1000])
def test_whoever_came_with_the_import_goes_with_it(contacts: Contacts, batch: int) -> None:
    importing = Importing(contacts, contacts.app_client(contacts.new_tenant()), batch=batch)
    importing.client.post(PEOPLE, {"full_name": "早就在了"})
    address = imported(importing, 5)
    assert len(importing.people()) == 6
    job = importing.undo(address)
    assert job["state"] == "succeeded"
    assert job["result"] == {"removed": 5, "reverted": 0, "kept": 0}
    assert [person["full_name"] for person in importing.people()] == ["早就在了"]
    assert importing.get(address)["state"] == "undone"
    assert importing.people(email="ming1@example.com.tw") == []


def test_nothing_of_them_stays_behind(importing: Importing) -> None:
    importing.undo(imported(importing, 3))
    tenant = importing.client.tenant_id
    with importing.contacts.service.database.tenant_transaction(tenant) as connection:
        for table in (person_keys, person_external_ids):
            count = sa.select(sa.func.count()).select_from(table)
            assert connection.execute(count.where(table.c.tenant_id == tenant)).scalar_one() == 0
        terms = sa.text("SELECT count(*) FROM person_search_terms WHERE tenant_id = :tenant")
        assert connection.execute(terms, {"tenant": tenant}).scalar_one() == 0


def test_the_facts_tell_who_is_gone_and_why(importing: Importing) -> None:
    address = imported(importing, 2)
    ids = {person["id"] for person in importing.people()}
    importing.undo(address)
    deleted = [person_events.PersonDeleted.FromString(p) for p in importing.facts("PersonDeleted")]
    assert {fact.person_id for fact in deleted} == ids
    import_id = address.rpartition("/")[2]
    assert {(fact.reason, fact.import_id) for fact in deleted} == {
        (person_events.DELETION_REASON_IMPORT_UNDONE, import_id)
    }
    (undone,) = map(import_events.ImportUndone.FromString, importing.facts("ImportUndone"))
    assert undone == import_events.ImportUndone(import_id=import_id, removed_count=2)


def test_whoever_was_changed_or_used_since_stays_and_is_named(importing: Importing) -> None:
    address = imported(importing, 6)
    changed, archived, met, employed, asked, _ = (person["id"] for person in importing.people())
    client = importing.client
    assert client.patch(f"{PEOPLE}/{changed}", {"source": "x"}).status_code == 200
    assert client.delete(f"{PEOPLE}/{archived}").status_code == 204
    visit = {"kind": "visit", "channel": "shop", "occurred_at": "2026-05-01T00:00:00Z"}
    answer = client.post("/v1/contacts/interactions", {"person": {"id": met}, **visit})
    assert answer.status_code == 201, answer.text
    company = client.post("/v1/contacts/companies", {"name": "ACME"}).json["id"]
    hired = client.post(f"{PEOPLE}/{employed}/employments", {"company_id": company})
    assert hired.status_code == 201, hired.text
    no = {"state": "withdrawn", "source": "telephone"}
    said = client.put(f"{PEOPLE}/{asked}/consents/newsletter/email", no)
    assert said.status_code == 200, said.text
    assert importing.undo(address)["result"] == {"removed": 1, "reverted": 0, "kept": 5}
    assert kept(importing, address) == {
        changed: "changed_since",
        archived: "changed_since",
        met: "in_use",
        employed: "in_use",
        asked: "in_use",
    }


def test_whoever_was_changed_is_as_before(importing: Importing) -> None:
    before = importing.client.post(
        PEOPLE,
        {
            "full_name": "舊名",
            "emails": [{"address": "ming0@example.com.tw", "label": "work"}],
            "tags": ["old"],
            "custom_fields": {},
        },
    ).json
    address = imported(importing, 2, key="email", tags=["fair"])
    assert importing.last_run(address)["updated"] == 1
    result = importing.undo(address)["result"]
    assert result == {"removed": 1, "reverted": 1, "kept": 0}
    (person,) = importing.people()
    same = before.keys() - {"version", "updated_at", "duplicates", "last_seen_at"}
    assert {name: person[name] for name in same} == {name: before[name] for name in same}
    assert person["version"] == 3
    facts = [person_events.PersonChanged.FromString(p) for p in importing.facts("PersonChanged")]
    assert [fact.import_id for fact in facts] == [address.rpartition("/")[2]] * 2


@pytest.mark.parametrize("batch", [2, 1000])
def test_whoever_was_merged_since_stays_merged_and_is_named(contacts: Contacts, batch: int) -> None:
    importing = Importing(contacts, contacts.app_client(contacts.new_tenant()), batch=batch)
    client = importing.client
    known, keeper = (
        client.post(PEOPLE, {"full_name": name, "emails": [{"address": address}]}).json["id"]
        for name, address in (("舊名", "ming0@example.com.tw"), ("早就在了", "old@example.com"))
    )
    address = imported(importing, 4, key="email")
    brought = [p["id"] for p in importing.people() if p["id"] not in (known, keeper)]
    merges = []
    for survivor, merged in ((keeper, known), (keeper, brought[0]), (brought[1], brought[2])):
        answer = client.post(f"{PEOPLE}/{survivor}/merge", {"person_id": merged})
        assert answer.status_code == 201, answer.text
        merges.append(answer.json["id"])
    result = importing.undo(address)["result"]
    assert result == {"removed": 0, "reverted": 0, "kept": 4}
    assert kept(importing, address) == {
        known: "already_merged",
        brought[0]: "already_merged",
        brought[1]: "changed_since",
        brought[2]: "already_merged",
    }
    for merge in merges:
        assert client.post(f"/v1/contacts/merges/{merge}/undo").status_code == 200
    assert len(importing.people()) == 5


def test_whoever_was_changed_again_since_stays_as_they_are(importing: Importing) -> None:
    known = importing.client.post(
        PEOPLE, {"full_name": "舊名", "emails": [{"address": "ming0@example.com.tw"}]}
    ).json["id"]
    address = imported(importing, 1, key="email")
    importing.client.patch(f"{PEOPLE}/{known}", {"source": "by hand"})
    assert importing.undo(address)["result"] == {"removed": 0, "reverted": 0, "kept": 1}
    assert kept(importing, address) == {known: "changed_since"}
    assert importing.people()[0]["source"] == "by hand"


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_changes_of_several_rows_are_undone_together(contacts: Contacts, batch: int) -> None:
    importing = Importing(contacts, contacts.app_client(contacts.new_tenant()), batch=batch)
    importing.client.post(
        PEOPLE, {"full_name": "舊名", "external_ids": [{"system": "erp", "id": "old"}]}
    )
    rows = [(f"名{n}", "", f"+88691234567{n}", key, "") for n in range(3) for key in ("old", "new")]
    address = importing.upload(csv_of(rows))
    names = ("full_name", "phones", "external_id:erp")
    importing.map(address, {name: name for name in names}, key="external_id:erp")
    run = importing.run(address)
    assert (run["created"], run["updated"]) == (1, 5)
    assert importing.undo(address)["result"] == {"removed": 1, "reverted": 1, "kept": 0}
    (person,) = importing.people()
    assert (person["full_name"], person["phones"]) == ("舊名", [])


def test_a_dry_run_before_is_no_change_to_be_undone(importing: Importing) -> None:
    importing.client.post(
        PEOPLE, {"full_name": "舊名", "emails": [{"address": "ming0@example.com.tw"}]}
    )
    address = importing.upload(csv_of(numbered(2)))
    importing.map(address, {name: name for name in NAMES}, key="email")
    importing.run(address, dry=True)
    importing.run(address)
    assert importing.undo(address)["result"] == {"removed": 1, "reverted": 1, "kept": 0}
    assert [person["full_name"] for person in importing.people()] == ["舊名"]


def test_undoing_that_was_cancelled_before_it_began_can_be_asked_for_again(
    contacts: Contacts,
) -> None:
    importing = Importing(contacts, contacts.app_client(contacts.new_tenant()), batch=2)
    address = imported(importing, 6)
    answer = importing.client.post(f"{address}/undo")
    job = answer.headers["Location"]
    assert importing.client.post(f"{job}/cancel").status_code == 200
    assert importing.work(job)["state"] == "cancelled"
    assert importing.get(address)["state"] == "finished"
    assert importing.undo(address)["result"]["removed"] == 6


def test_an_import_is_undone_once_and_not_before_it_ran(importing: Importing) -> None:
    address = importing.upload(csv_of(numbered(1)))
    assert importing.client.post(f"{address}/undo").status_code == 409
    importing.run(address)
    importing.undo(address)
    assert importing.client.post(f"{address}/undo").status_code == 409
    assert importing.client.post(f"{address}/run").status_code == 409
    assert importing.client.delete(address).status_code == 204


def test_undoing_needs_the_permission_to_delete_people(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    address = imported(Importing(contacts, contacts.app_client(tenant)), 1)
    clerk = contacts.app_client(tenant, "contacts.imports.*", "contacts.people.write")
    answer = clerk.post(f"{address}/undo")
    assert (answer.status_code, answer.json["code"]) == (403, "permission_missing")
