"""What becomes of rows about people who are known: by the key, by the policy, and each only once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.contacts.tests.imports.conftest import PEOPLE, Contacts, Importing
from services.contacts.tests.imports.tables import csv_of

MAPPED = {
    "full_name": "full_name",
    "emails": "emails",
    "phones": "phones",
    "external_id:erp": "external_id:erp",
    "tags": "tags",
}


def enter(importing: Importing, **details: Any) -> dict[str, Any]:
    answer = importing.client.post(PEOPLE, details)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json
    return created


def imported(importing: Importing, *rows: tuple[str, ...], **plan: Any) -> str:
    address = importing.upload(csv_of(rows))
    importing.map(address, MAPPED, **plan)
    importing.run(address)
    return address


def outcomes(importing: Importing, address: str) -> tuple[int, int, int, int]:
    run = importing.last_run(address)
    return run["created"], run["updated"], run["skipped"], run["failed"]


KEYS = [("email", "a@example.com", ""), ("phone", "", "+886912345678"), ("external_id:erp", "", "")]


@pytest.mark.parametrize(("key", "email", "phone"), KEYS)
def test_a_known_person_is_changed_by_the_key(
    importing: Importing, key: str, email: str, phone: str
) -> None:
    known = enter(
        importing,
        full_name="舊名",
        source="fair",
        tags=["old"],
        emails=[{"address": "a@example.com"}],
        phones=[{"number": "+886912345678"}],
        external_ids=[{"system": "erp", "id": "e1"}],
    )
    row = ("新名", email, phone, "e1" if key.startswith("external") else "", "new")
    address = imported(importing, row, key=key)
    assert outcomes(importing, address) == (0, 1, 0, 0)
    (person,) = importing.people()
    assert (person["id"], person["version"]) == (known["id"], 2)
    assert (person["full_name"], person["source"]) == ("新名", "fair")
    assert person["tags"] == ["old", "new"]


def test_contact_points_are_added_and_the_primary_one_stays(importing: Importing) -> None:
    enter(
        importing,
        full_name="王小明",
        emails=[{"address": "old@example.com", "label": "work"}],
        external_ids=[{"system": "erp", "id": "e1"}],
    )
    row = ("", "New@Example.com; OLD@example.com", "+886912345678", "e1", "")
    imported(importing, row, key="external_id:erp")
    (person,) = importing.people()
    assert [(e["address"], e["label"], e["primary"]) for e in person["emails"]] == [
        ("old@example.com", "work", True),
        ("New@example.com", "", False),
    ]
    assert person["phones"][0]["primary"] is True
    assert person["full_name"] == "王小明", "what a row leaves blank stays"


def test_a_row_that_changes_nothing_is_skipped(importing: Importing) -> None:
    row = ("王小明", "a@example.com", "", "e1", "vip")
    imported(importing, row)
    address = imported(importing, row, key="email")
    assert outcomes(importing, address) == (0, 0, 1, 0)
    assert importing.codes(address) == {2: ["unchanged"]}
    assert importing.people()[0]["version"] == 1


def test_rows_without_the_key_fail(importing: Importing) -> None:
    address = imported(importing, ("王小明", "", "+886912345678", "", ""), key="email")
    assert importing.codes(address) == {2: ["key_missing"]}


def test_a_key_that_several_have_changes_nobody(importing: Importing) -> None:
    for name in ("甲", "乙"):
        enter(importing, full_name=name, emails=[{"address": "shared@example.com"}])
    address = imported(importing, ("丙", "shared@example.com", "", "", ""), key="email")
    assert importing.codes(address) == {2: ["key_ambiguous"]}
    assert {person["version"] for person in importing.people()} == {1}


def test_duplicates_are_created_with_a_word_about_it(importing: Importing) -> None:
    known = enter(importing, full_name="甲", emails=[{"address": "a@example.com"}])
    address = imported(importing, ("乙", "A@example.com", "", "", ""))
    assert outcomes(importing, address) == (1, 0, 0, 0)
    assert importing.last_run(address)["suspected"] == 1
    (row,) = importing.rows(address)
    assert (row["outcome"], row["reasons"][0]["code"]) == ("created", "duplicate")
    assert known["id"] in row["reasons"][0]["message"]


def test_duplicates_are_skipped_if_so_wanted(importing: Importing) -> None:
    enter(importing, full_name="甲", emails=[{"address": "a@example.com"}])
    rows = (("乙", "a@example.com", "", "", ""), ("丙", "c@example.com", "", "", ""))
    address = imported(importing, *rows, ("丁", "c@example.com", "", "", ""), duplicates="skip")
    assert outcomes(importing, address) == (1, 0, 2, 0)
    assert importing.codes(address) == {2: ["duplicate"], 4: ["duplicate"]}


def test_duplicates_are_changed_if_so_wanted(importing: Importing) -> None:
    enter(importing, full_name="甲", phones=[{"number": "+886912345678"}])
    rows = (("乙", "b@example.com", "+886912345678", "", ""), ("丙", "b@example.com", "", "", ""))
    address = imported(importing, *rows, duplicates="update")
    assert outcomes(importing, address) == (0, 2, 0, 0)
    (person,) = importing.people()
    assert (person["full_name"], person["version"]) == ("丙", 3)


def test_several_duplicates_change_nobody(importing: Importing) -> None:
    enter(importing, full_name="甲", phones=[{"number": "+886912345678"}])
    enter(importing, full_name="乙", emails=[{"address": "b@example.com"}])
    row = ("丙", "b@example.com", "+886912345678", "", "")
    address = imported(importing, row, duplicates="update")
    assert importing.codes(address) == {2: ["duplicate_ambiguous"]}


def test_an_external_id_of_somebody_else_fails_the_row(importing: Importing) -> None:
    enter(importing, full_name="甲", external_ids=[{"system": "erp", "id": "e1"}])
    enter(importing, full_name="乙", emails=[{"address": "b@example.com"}])
    rows = (("丙", "", "", "e1", ""), ("乙", "b@example.com", "", "e1", ""))
    address = imported(importing, *rows, key="email")
    assert importing.codes(address) == {2: ["key_missing"], 3: ["external_id_taken"]}
    address = imported(importing, *rows)
    assert importing.codes(address) == {2: ["external_id_taken"], 3: ["external_id_taken"]}


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_rows_about_one_person_become_one_however_they_are_batched(
    contacts: Contacts, batch: int
) -> None:
    importing = Importing(contacts, contacts.app_client(contacts.new_tenant()), batch=batch)
    rows = [(f"名{n}", f"m{n}@example.com", "", "e1", f"t{n}") for n in range(5)]
    address = imported(importing, *rows, key="external_id:erp")
    assert outcomes(importing, address) == (1, 4, 0, 0)
    (person,) = importing.people()
    assert person["tags"] == [f"t{n}" for n in range(5)]
    assert len(person["emails"]) == 5
    assert len(importing.facts("PersonCreated")) == 1


def test_an_archived_person_is_not_changed(importing: Importing) -> None:
    known = enter(importing, full_name="甲", external_ids=[{"system": "erp", "id": "e1"}])
    assert importing.client.delete(f"{PEOPLE}/{known['id']}").status_code == 204
    address = imported(importing, ("乙", "", "", "e1", ""), key="external_id:erp")
    assert importing.codes(address) == {2: ["archived"]}


def test_tags_owner_source_and_stage_are_given_to_new_people(importing: Importing) -> None:
    owner = str(uuid4())
    enter(importing, full_name="舊", source="old", emails=[{"address": "a@example.com"}])
    plan = {"tags": ["fair"], "owner_id": owner, "source": "expo", "lifecycle_stage": "prospect"}
    rows = (("新", "n@example.com", "", "", "vip"), ("", "a@example.com", "", "", ""))
    imported(importing, *rows, key="email", **plan)
    new, old = sorted(importing.people(), key=lambda person: str(person["source"]))
    assert (new["owner_id"], new["source"]) == (owner, "expo")
    assert (new["lifecycle_stage"], new["tags"]) == ("prospect", ["vip", "fair"])
    assert (old["owner_id"], old["source"], old["lifecycle_stage"]) == (None, "old", "lead")
    assert old["tags"] == ["fair"]


def test_wrong_values_are_left_out_if_so_wanted(importing: Importing) -> None:
    rows = (
        ("王小明", "not an address", "+886912345678", "", ""),
        ("", "nobody", "123", "", "vip"),
    )
    address = imported(importing, *rows, invalid_values="leave_out")
    assert outcomes(importing, address) == (1, 0, 0, 1)
    (person,) = importing.people()
    assert (person["emails"], len(person["phones"])) == ([], 1)
    assert importing.codes(address) == {
        2: ["email_without_at"],
        3: ["email_without_at", "phone_country_missing", "identity_missing"],
    }


def test_whoever_sees_their_own_people_changes_no_others(contacts: Contacts) -> None:
    tenant, user = contacts.new_tenant(), uuid4()
    app = Importing(contacts, contacts.app_client(tenant))
    enter(app, full_name="別人的", external_ids=[{"system": "erp", "id": "e1"}])
    grants = {"contacts.imports.*": "own", "contacts.people.*": "own"}
    seller = Importing(contacts, contacts.user_client(tenant, grants, user_id=user))
    rows = (("我的", "", "", "e1", ""), ("新的", "", "", "e2", ""))
    address = imported(seller, *rows, key="external_id:erp")
    assert seller.codes(address) == {2: ["person_out_of_reach"]}
    assert [(p["full_name"], p["owner_id"]) for p in seller.people()] == [("新的", str(user))]
    assert app.people(full_name="別人的")[0]["version"] == 1


def test_running_needs_the_permission_to_enter_people(contacts: Contacts) -> None:
    tenant = contacts.new_tenant()
    clerk = Importing(contacts, contacts.app_client(tenant, "contacts.imports.*"))
    address = clerk.upload(csv_of([("王小明", "", "", "", "")]))
    answer = clerk.client.post(f"{address}/run")
    assert (answer.status_code, answer.json["code"]) == (403, "permission_missing")
    assert clerk.get(address)["state"] == "ready"
