"""People keep to the fields that the tenant has defined, whichever way they come in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx

from .conftest import FIELDS, Define

Contacts = ServiceHarness[ContactsTx]
PEOPLE = "/v1/contacts/people"


def enter(app: ApiClient, **custom: Any) -> dict[str, Any]:
    response = app.post(PEOPLE, {"full_name": "王小明", "custom_fields": custom})
    assert response.status_code == 201, response.text
    person: dict[str, Any] = response.json
    return person


def wrong(app: ApiClient, **custom: Any) -> dict[str, str]:
    """The codes by pointer with which such a person is refused."""
    response = app.post(PEOPLE, {"full_name": "A", "custom_fields": custom})
    assert response.status_code == 422, response.text
    return {error["pointer"]: error["code"] for error in response.json["errors"]}


def test_values_are_stored_in_normal_form_and_shown(app: ApiClient, define: Define) -> None:
    define("size", "number")
    define("budget", "money")
    person = enter(app, size="042.50", budget={"amount": "5.00", "currency": "TWD"})
    expected = {"size": "42.5", "budget": {"amount": "5.00", "currency": "TWD"}}
    assert person["custom_fields"] == expected
    assert app.get(f"{PEOPLE}/{person['id']}").json["custom_fields"] == expected


def test_everything_wrong_is_named_at_its_place(app: ApiClient, define: Define) -> None:
    define("size", "number")
    define("since", "date")
    assert wrong(app, size=5, since="soon", colour="red", **{"a/b": 1}) == {
        "/custom_fields/size": "not_a_decimal",
        "/custom_fields/since": "not_a_date",
        "/custom_fields/colour": "custom_field_unknown",
        "/custom_fields/a~1b": "custom_field_unknown",
    }
    assert app.get(PEOPLE).json["items"] == []


def test_a_tenant_without_fields_takes_no_values(app: ApiClient) -> None:
    enter(app)
    assert wrong(app, size="1") == {"/custom_fields/size": "custom_field_unknown"}


def test_a_new_person_has_defaults_and_needs_what_is_required(
    app: ApiClient, define: Define
) -> None:
    enter(app)
    define("size", "number", required=True)
    define("vip", "boolean", default=False, required=True)
    assert wrong(app) == {"/custom_fields/size": "custom_field_required"}
    assert wrong(app, size=None) == {"/custom_fields/size": "custom_field_required"}
    assert wrong(app, size="") == {"/custom_fields/size": "custom_field_required"}
    assert enter(app, size="1")["custom_fields"] == {"size": "1", "vip": False}
    assert enter(app, size="1", vip=True)["custom_fields"] == {"size": "1", "vip": True}


def test_a_change_is_merged_and_null_takes_a_value_away(app: ApiClient, define: Define) -> None:
    define("size", "number")
    define("since", "date")
    url = f"{PEOPLE}/{enter(app, size='1', since='2026-01-31')['id']}"
    changed = app.patch(url, {"custom_fields": {"size": "2"}}).json
    assert changed["custom_fields"] == {"size": "2", "since": "2026-01-31"}
    changed = app.patch(url, {"custom_fields": {"since": None}}).json
    assert changed["custom_fields"] == {"size": "2"}
    assert app.get(url).json == changed


def test_a_required_value_may_be_lacking_from_before_but_not_be_taken_away(
    app: ApiClient, define: Define
) -> None:
    define("size", "number")
    old = f"{PEOPLE}/{enter(app)['id']}"
    complete = f"{PEOPLE}/{enter(app, size='1')['id']}"
    (field,) = app.get(FIELDS).json["items"]
    app.patch(f"{FIELDS}/{field['id']}", {"required": True})
    assert app.patch(old, {"custom_fields": {}, "source": "fair"}).status_code == 200
    taken = app.patch(complete, {"custom_fields": {"size": None}})
    assert taken.json["errors"][0]["code"] == "custom_field_required"


def test_what_a_record_holds_stays_when_the_field_changes(app: ApiClient, define: Define) -> None:
    size = f"{FIELDS}/{define('size', 'number')['id']}"
    note = f"{FIELDS}/{define('note', 'text')['id']}"
    url = f"{PEOPLE}/{enter(app, size='100', note='hello')['id']}"
    assert app.patch(size, {"validation": {"maximum": "10"}}).status_code == 200
    assert app.delete(note).status_code == 204
    same = {"size": "100", "note": "hello"}
    changed = app.patch(url, {"source": "fair", "custom_fields": same})
    assert (changed.status_code, changed.json["custom_fields"]) == (200, same)
    assert app.patch(url, {"custom_fields": {"size": "101"}}).status_code == 422
    refused = app.patch(url, {"custom_fields": {"note": "bye"}})
    assert refused.json["errors"][0]["code"] == "custom_field_archived"
    assert app.patch(url, {"custom_fields": {"note": None}}).json["custom_fields"] == {
        "size": "100"
    }


def test_a_reference_points_to_somebody_within_reach(contacts: Contacts) -> None:
    tenant, me = contacts.new_tenant(), uuid4()
    admin = contacts.app_client(tenant)
    for target in ("person", "company", "user"):
        field = {"object": "person", "key": target, "type": "reference", "reference_to": target}
        assert admin.post(FIELDS, {**field, "label": {"en": target}}).status_code == 201
    theirs = enter(admin)["id"]
    mine = admin.post(PEOPLE, {"full_name": "B", "owner_id": str(me)}).json["id"]
    grants = {"contacts.people.write": "own", "contacts.people.read": "own"}
    user = contacts.user_client(tenant, grants, user_id=me)
    assert enter(user, person=mine, user=str(me))["custom_fields"]["person"] == mine
    assert wrong(user, person=theirs) == {"/custom_fields/person": "reference_unknown"}
    assert wrong(admin, person=str(uuid4())) == {"/custom_fields/person": "reference_unknown"}
    assert wrong(admin, company=theirs) == {"/custom_fields/company": "reference_unknown"}
    stranger = contacts.app_client(contacts.new_tenant())
    stranger.post(
        FIELDS,
        {
            "object": "person",
            "key": "person",
            "type": "reference",
            "reference_to": "person",
            "label": {"en": "x"},
        },
    )
    assert wrong(stranger, person=theirs) == {"/custom_fields/person": "reference_unknown"}


def test_a_batch_and_an_upsert_are_checked_too(app: ApiClient, define: Define) -> None:
    define("size", "number", required=True)
    items = [
        {"full_name": "A", "custom_fields": {"size": "1"}},
        {"full_name": "B"},
        {"full_name": "C", "custom_fields": {"size": "big"}},
    ]
    answer = app.post(f"{PEOPLE}/batch", {"items": items}).json
    assert [item["status"] for item in answer["items"]] == [201, 422, 422]
    assert answer["items"][2]["problem"]["errors"][0]["pointer"] == "/custom_fields/size"
    url = f"{PEOPLE}/by-external-id/erp/1"
    assert app.put(url, {"full_name": "D"}).status_code == 422
    assert app.put(url, {"full_name": "D", "custom_fields": {"size": "3"}}).status_code == 201
    assert app.put(url, {"full_name": "E"}).json["custom_fields"] == {"size": "3"}


@pytest.mark.parametrize("name", ["custom_fields.size"])
def test_a_fact_names_the_field_that_changed(
    contacts: Contacts, app: ApiClient, define: Define, name: str
) -> None:
    define("size", "number")
    url = f"{PEOPLE}/{enter(app)['id']}"
    assert app.patch(url, {"custom_fields": {"size": "2"}}).headers["ETag"] == '"2"'
    assert app.tenant_id is not None
    kind, payload = contacts.facts(app.tenant_id)[-1]
    assert kind.endswith("PersonChanged")
    assert name.encode() in payload
