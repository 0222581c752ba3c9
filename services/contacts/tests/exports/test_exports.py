"""Exports: everybody within reach, in files that run nothing, come back in, and say when they break off."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from openpyxl import load_workbook

from chassis.domain import Unavailable
from chassis.testing.client import ApiAnswer, ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.exports import pages, writing
from contacts.exports.tables import PEOPLE as PEOPLE_COLUMNS
from contacts.exports.tables import Table
from contacts.imports.formats.vcard_reader import read_vcards
from contacts.transaction import ContactsTx
from services.contacts.tests.imports.conftest import Importing

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"
EXPORT = f"{PEOPLE}/export"


@pytest.fixture
def app(contacts: Contacts) -> ApiClient:
    return contacts.app_client(contacts.new_tenant())


def enter(client: ApiClient, **details: Any) -> dict[str, Any]:
    answer = client.post(PEOPLE, {"full_name": "王小明", **details})
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json
    return created


def full(client: ApiClient) -> dict[str, Any]:
    """Somebody of whom everything is known."""
    return enter(
        client,
        given_name="小明",
        family_name="王",
        emails=[{"address": "ming@example.com", "label": "work"}, {"address": "wang@example.org"}],
        phones=[{"number": "+886912345678", "label": "mobile"}],
        handles=[
            {"network": "line", "handle": "xiaoming"},
            {"network": "instagram", "handle": "ming"},
        ],
        postal_addresses=[
            {
                "lines": ["羅斯福路四段1號", "3樓"],
                "city": "大安區",
                "region": "臺北市",
                "postal_code": "106",
                "country": "TW",
            }
        ],
        tags=["vip", "會員"],
        source="=cmd|'/c calc'!A1",
        language="zh-Hant",
        time_zone="Asia/Taipei",
        important_dates=[{"kind": "birthday", "date": "1990-03-04"}],
        lifecycle_stage="customer",
        external_ids=[{"system": "erp", "id": "4711"}],
    )


def rows_of(answer: ApiAnswer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_exporting_needs_a_token_and_a_permission_of_its_own(contacts: Contacts) -> None:
    assert contacts.anonymous().get(EXPORT).status_code == 401
    reader = contacts.app_client(contacts.new_tenant(), "contacts.people.read")
    answer = reader.get(EXPORT)
    assert answer.status_code == 403
    assert "contacts.people.export" in answer.json["detail"]


def test_another_tenants_people_are_not_exported(contacts: Contacts, app: ApiClient) -> None:
    enter(app)
    stranger = contacts.app_client(contacts.new_tenant())
    for kind in ("csv", "ndjson", "vcf"):
        assert "小明" not in stranger.get(f"{EXPORT}?format={kind}").text


def test_whoever_sees_their_own_people_exports_those(contacts: Contacts) -> None:
    tenant, user = contacts.new_tenant(), uuid4()
    grants = {"contacts.people.export": "own", "contacts.people.write": "own"}
    seller = contacts.user_client(tenant, grants, user_id=user)
    enter(seller, full_name="我的客戶")
    enter(contacts.app_client(tenant), full_name="別人的客戶")
    assert [row["full_name"] for row in rows_of(seller.get(EXPORT))] == ["我的客戶"]


def test_a_table_has_everything_and_runs_nothing(app: ApiClient) -> None:
    person = full(app)
    answer = app.get(EXPORT)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="people.csv"'
    (row,) = rows_of(answer)
    assert row["id"] == person["id"]
    assert row["emails"] == "ming@example.com; wang@example.org"
    assert row["phones"] == "+886912345678"
    assert row["social_handles"] == "instagram:ming"
    assert row["street"] == "羅斯福路四段1號\n3樓"
    assert row["birthday"] == "1990-03-04"
    assert row["external_id:erp"] == "4711"
    assert row["source"] == "'=cmd|'/c calc'!A1"


def test_custom_fields_have_columns(app: ApiClient) -> None:
    for key, kind in (("points", "number"), ("fee", "money"), ("hobbies", "multi_choice")):
        choices = [{"key": "golf", "label": {"en": "Golf"}}, {"key": "tea", "label": {"en": "Tea"}}]
        field = {"object": "person", "key": key, "type": kind, "label": {"en": key}}
        more = {"choices": choices} if kind == "multi_choice" else {}
        assert app.post("/v1/contacts/custom-fields", {**field, **more}).status_code == 201
    values = {"points": "12.5", "fee": {"amount": "1.00", "currency": "TWD"}, "hobbies": ["tea"]}
    enter(app, custom_fields=values)
    (row,) = rows_of(app.get(EXPORT))
    assert (row["custom.points"], row["custom.fee"], row["custom.hobbies"]) == (
        "12.5",
        "1.00 TWD",
        "tea",
    )


def test_filters_and_order_are_those_of_the_list(app: ApiClient) -> None:
    for name, stage in (("甲", "lead"), ("乙", "customer"), ("丙", "customer")):
        enter(app, full_name=name, lifecycle_stage=stage)
    query = "lifecycle_stage=customer&sort=full_name"
    listed = [p["full_name"] for p in app.get(f"{PEOPLE}?{query}").json["items"]]
    assert [r["full_name"] for r in rows_of(app.get(f"{EXPORT}?{query}"))] == listed
    assert len(listed) == 2


@pytest.mark.parametrize(
    "query", ["page_size=5", "page_token=x", "count=true", "format=pdf", "x=1"]
)
def test_parameters_that_mean_nothing_are_refused(app: ApiClient, query: str) -> None:
    answer = app.get(f"{EXPORT}?{query}")
    assert answer.status_code == 400
    assert answer.json["errors"][0]["pointer"] == query.partition("=")[0]


def test_an_export_goes_on_over_all_pages(app: ApiClient) -> None:
    count = pages.PAGE + 3
    items = [{"full_name": f"人{number:04d}"} for number in range(count)]
    assert app.post(f"{PEOPLE}/batch", {"items": items}).json["succeeded"] == count
    names = [row["full_name"] for row in rows_of(app.get(f"{EXPORT}?sort=full_name"))]
    assert names == [item["full_name"] for item in items]


def test_lines_of_json_are_people_as_the_api_shows_them(app: ApiClient) -> None:
    person = full(app)
    answer = app.get(f"{EXPORT}?format=ndjson")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    (line,) = [orjson.loads(line) for line in answer.data.splitlines()]
    assert line == app.get(f"{PEOPLE}/{person['id']}").json


def test_a_workbook_holds_the_same_table(app: ApiClient) -> None:
    full(app)
    answer = app.get(f"{EXPORT}?format=xlsx")
    assert "spreadsheetml" in answer.headers["Content-Type"]
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    header, row = ([cell.value for cell in line] for line in sheet.iter_rows())
    found = dict(zip(header, row, strict=False))
    assert found["phones"] == "+886912345678"
    assert found["source"] == "=cmd|'/c calc'!A1"
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_cards_can_be_read_again(app: ApiClient) -> None:
    person = full(app)
    for answer in (app.get(f"{EXPORT}?format=vcf"), app.get(f"{PEOPLE}/{person['id']}/vcard")):
        assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
        (card,) = read_vcards(io.BytesIO(answer.data))
        assert not card.problems
        assert card.entry.full_name == "王小明"
        assert card.entry.line_ids == ("xiaoming",)
        assert card.entry.external_ids == (("vcard", person["id"]),)


def test_a_card_of_somebody_elses_person_is_not_found(contacts: Contacts, app: ApiClient) -> None:
    person = enter(app)
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.get(f"{PEOPLE}/{person['id']}/vcard").status_code == 404


def test_companies_are_exported_too(app: ApiClient) -> None:
    company = {"name": "台積電", "domain": "tsmc.com", "employee_count": 70000}
    assert app.post("/v1/contacts/companies", company).status_code == 201
    (row,) = rows_of(app.get("/v1/contacts/companies/export"))
    assert (row["name"], row["domain"], row["employee_count"]) == ("台積電", "tsmc.com", "70000")
    assert app.get("/v1/contacts/companies/export?format=vcf").status_code == 400


def test_an_exported_table_comes_back_in_as_it_was(contacts: Contacts, app: ApiClient) -> None:
    person = full(app)
    table = app.get(EXPORT).data
    other = Importing(contacts, contacts.app_client(contacts.new_tenant()))
    address = other.upload(table)
    assert other.run(address)["created"] == 1
    (copy,) = other.people()
    same = (
        "full_name given_name family_name phones handles postal_addresses tags source language"
        " time_zone important_dates lifecycle_stage"
    ).split()
    for name in same:
        assert _unlabelled(copy[name]) == _unlabelled(person[name]), name
    assert {"system": "erp", "id": "4711"} in copy["external_ids"]


def _unlabelled(value: Any) -> Any:
    """A table has no room for the labels of several addresses in one cell."""
    if isinstance(value, list):
        return [_unlabelled(item) for item in value]
    return {k: v for k, v in value.items() if k != "label"} if isinstance(value, dict) else value


@pytest.mark.parametrize("kind", list(writing.ExportFormat))
def test_an_export_that_breaks_off_says_so(kind: writing.ExportFormat) -> None:
    def broken() -> Any:
        yield [person_of(uuid4())] * 3
        raise Unavailable("The database cannot be reached.")

    table = Table(PEOPLE_COLUMNS, (), ())
    stream = writing.export_stream(kind, "people", lambda: table, broken())
    content = b"".join(stream.chunks)
    assert writing.BROKEN_OFF.encode() in content.splitlines()[-1]
    if kind is writing.ExportFormat.XLSX:
        with pytest.raises(Exception, match="zip"):
            load_workbook(io.BytesIO(content))


def person_of(person_id: UUID) -> dict[str, Any]:
    """A person as lists give one."""
    lists = ("emails", "phones", "handles", "postal_addresses", "tags", "important_dates")
    texts = ("given_name", "family_name", "full_name", "language", "time_zone", "source")
    others = ("lifecycle_stage", "owner_id", "quality_score", "created_at", "updated_at")
    return {
        "id": person_id,
        **{name: [] for name in (*lists, "life_events", "external_ids")},
        **dict.fromkeys((*texts, *others, "archived_at"), ""),
        "custom_fields": {},
    }
