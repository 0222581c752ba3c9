"""Which column is what: suggested, said, and refused where it cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.imports.domain import ImportState
from services.contacts.tests.imports.conftest import Importing
from services.contacts.tests.imports.tables import csv_of, numbered

FIELDS = "/v1/contacts/custom-fields"


def define(importing: Importing, key: str, kind: str, **more: Any) -> dict[str, Any]:
    field = {"object": "person", "key": key, "type": kind, "label": {"en": key}, **more}
    answer = importing.client.post(FIELDS, field)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json
    return created


def test_what_is_suggested_can_be_said_as_it_is(importing: Importing) -> None:
    header = ("Name", "E-Mail (work)", "Mobile", "Birthday", "Company", "Shoe size", "Customer No.")
    row = ("Anna Able", "anna@example.org", "+886912345678", "1990-03-04", "ACME", "42", "4711")
    address = importing.upload(csv_of([row], header))
    found = importing.get(address)
    suggested = found["analysis"]["suggestions"]
    assert found["mapping_is_suggested"] is True
    assert [(s["field"], s["label"]) for s in suggested] == [
        ("full_name", ""),
        ("emails", "work"),
        ("phones", "mobile"),
        ("birthday", ""),
        ("ignore", ""),
        ("ignore", ""),
        ("external_id:import", ""),
    ]
    assert "no custom field shoe_size" in suggested[5]["reason"]
    columns = [{k: s[k] for k in ("column", "field", "label")} for s in suggested]
    answer = importing.client.put(f"{address}/mapping", {"columns": columns})
    assert answer.status_code == 200
    assert answer.json["mapping"]["columns"] == columns
    assert answer.json["mapping_is_suggested"] is False
    assert importing.run(address)["created"] == 1


@pytest.mark.parametrize(
    ("columns", "pointer", "code"),
    [
        ([("nope", "full_name", "")], "/columns/0/column", "column_unknown"),
        ([("tags", "shoe_size", "")], "/columns/0/field", "field_unknown"),
        ([("tags", "custom.nope", "")], "/columns/0/field", "custom_field_unknown"),
        ([("tags", "external_id:", "")], "/columns/0/field", "system_invalid"),
        ([("tags", "company_name", "")], "/columns/0/field", "field_unknown"),
        ([("tags", "tags", ""), ("tags", "emails", "")], "/columns/1/column", "column_repeated"),
        (
            [("full_name", "full_name", ""), ("tags", "full_name", "")],
            "/columns/1/field",
            "field_repeated",
        ),
        (
            [("full_name", "city", "home"), ("tags", "city", "home")],
            "/columns/1/field",
            "field_repeated",
        ),
    ],
)
def test_a_mapping_that_cannot_be_names_the_column(
    importing: Importing, columns: list[tuple[str, str, str]], pointer: str, code: str
) -> None:
    address = importing.upload(csv_of(numbered(1)))
    stated = [dict(zip(("column", "field", "label"), each, strict=True)) for each in columns]
    answer = importing.client.put(f"{address}/mapping", {"columns": stated})
    assert answer.status_code == 422
    assert (answer.json["errors"][0]["pointer"], answer.json["errors"][0]["code"]) == (
        pointer,
        code,
    )


@pytest.mark.parametrize("key", ["name", "email", "external_id:crm", "external_id:"])
def test_a_key_needs_a_column_that_holds_it(importing: Importing, key: str) -> None:
    address = importing.upload(csv_of(numbered(1)))
    columns = [{"column": "full_name", "field": "full_name"}]
    answer = importing.client.put(f"{address}/mapping", {"columns": columns, "key": key})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/key"


def test_home_and_work_are_two_addresses(importing: Importing) -> None:
    header = ("name", "home street", "home city", "work street", "work city")
    address = importing.upload(csv_of([("Anna", "Elm 1", "Ulm", "Oak 2", "Bonn")], header))
    importing.run(address)
    (person,) = importing.people()
    assert [(a["label"], a["lines"], a["city"]) for a in person["postal_addresses"]] == [
        ("home", ["Elm 1"], "Ulm"),
        ("work", ["Oak 2"], "Bonn"),
    ]


def test_a_house_number_in_a_column_of_its_own_joins_its_street(importing: Importing) -> None:
    header = ("given_name", "street_number", "address_1", "address_2", "suburb")
    row = ("mitchell", "7", "wallaby place", "delmar", "cleveland")
    importing.run(importing.upload(csv_of([row], header)))
    (person,) = importing.people()
    assert person["postal_addresses"][0]["lines"] == ["7 wallaby place", "delmar"]


def test_custom_fields_are_read_as_people_write_them(importing: Importing) -> None:
    golf = {"key": "golf", "label": {"en": "Golf", "zh-Hant": "高爾夫"}}
    tea = {"key": "tea", "label": {"en": "Tea"}}
    define(importing, "points", "number")
    define(importing, "fee", "money")
    define(importing, "joined", "date")
    define(importing, "member", "boolean")
    define(importing, "hobbies", "multi_choice", choices=[golf, tea])
    header = ("name", "custom.points", "custom.fee", "custom.joined", "custom.member", "hobbies")
    rows = [
        ("Anna", "1,234.50", "NT$ 1,250", "2020/1/31", "是", "高爾夫; Tea"),
        ("Ben", "many", "1250 shells", "someday", "perhaps", "chess"),
    ]
    address = importing.upload(csv_of(rows, header))
    columns = {name: name for name in header if name.startswith("custom.")}
    importing.map(address, {"name": "full_name", **columns, "hobbies": "custom.hobbies"})
    assert importing.run(address)["created"] == 1
    (person,) = importing.people()
    assert person["custom_fields"] == {
        "points": "1234.5",
        "fee": {"amount": "1250", "currency": "TWD"},
        "joined": "2020-01-31",
        "member": True,
        "hobbies": ["golf", "tea"],
    }
    (failed,) = importing.rows(address, outcome="failed")
    assert {r["column"] for r in failed["reasons"]} >= {
        "custom.fee",
        "custom.joined",
        "custom.member",
    }


def test_custom_fields_that_are_required_are_asked_for(importing: Importing) -> None:
    define(importing, "store", "text", required=True)
    address = importing.upload(csv_of([("Anna", "north"), ("Ben", "")], ("name", "custom.store")))
    run = importing.run(address)
    assert (run["created"], run["failed"]) == (1, 1)
    assert importing.codes(address) == {3: ["custom_field_required"]}
    assert importing.people()[0]["custom_fields"] == {"store": "north"}
    assert len(importing.people(**{"custom.store": "north"})) == 1, "filters find it at once"


def test_a_custom_field_that_is_archived_since_stops_the_run(importing: Importing) -> None:
    field = define(importing, "store", "text")
    address = importing.upload(csv_of([("Anna", "north")], ("name", "custom.store")))
    assert importing.client.delete(f"{FIELDS}/{field['id']}").status_code == 204
    job = importing.work(importing.start(address))
    assert (job["state"], job["error"]["code"]) == ("failed", "custom_field_unknown")
    assert importing.get(address)["state"] == ImportState.STOPPED


def test_mapping_waits_for_the_file(importing: Importing) -> None:
    address = importing.begin()
    answer = importing.client.put(f"{address}/mapping", {})
    assert (answer.status_code, answer.json["code"]) == (409, "import_state")
    assert importing.client.post(f"{address}/run").status_code == 409
