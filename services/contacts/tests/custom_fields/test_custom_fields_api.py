"""Administrators define fields, and nothing they change later breaks what is stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from contacts.transaction import ContactsTx
from rapport.contacts.events.v1 import custom_field_events_pb2 as events

from .conftest import FIELDS, Define

Contacts = ServiceHarness[ContactsTx]


def body(**more: Any) -> dict[str, Any]:
    return {"object": "person", "key": "size", "type": "number", "label": {"en": "Size"}, **more}


def test_defining_needs_a_token_and_the_permission(contacts: Contacts) -> None:
    assert contacts.anonymous().get(FIELDS).status_code == 401
    reader = contacts.app_client(contacts.new_tenant(), "contacts.custom_fields.read")
    assert reader.get(FIELDS).json["items"] == []
    assert reader.post(FIELDS, body()).status_code == 403


def test_another_tenants_fields_are_invisible(
    contacts: Contacts, app: ApiClient, define: Define
) -> None:
    url = f"{FIELDS}/{define('size', 'number')['id']}"
    stranger = contacts.app_client(contacts.new_tenant())
    assert stranger.get(FIELDS).json["items"] == []
    assert stranger.get(url).status_code == 404
    assert stranger.patch(url, {"required": True}).status_code == 404
    assert stranger.delete(url).status_code == 404
    assert app.get(url).json["version"] == 1


def test_a_field_is_defined_and_said_so_in_the_outbox(contacts: Contacts, app: ApiClient) -> None:
    given = body(
        type="choice",
        label={"EN": " Size ", "zh_tw": "尺寸"},
        choices=[{"key": "s", "label": {"en": "Small"}}, {"key": "l", "label": {"en": "Large"}}],
        default="s",
        required=True,
    )
    response = app.post(FIELDS, given)
    assert response.status_code == 201, response.text
    field = response.json
    assert response.headers["Location"] == f"{FIELDS}/{field['id']}"
    assert field["label"] == {"en": "Size", "zh-TW": "尺寸"}
    assert app.get(f"{FIELDS}/{field['id']}").json == field
    assert app.get(FIELDS).json["items"] == [field]
    assert app.tenant_id is not None
    ((kind, payload),) = contacts.facts(app.tenant_id)
    assert kind == "rapport.contacts.events.v1.CustomFieldDefined"
    fact = events.CustomFieldDefined.FromString(payload)
    assert (fact.key, fact.type) == ("size", events.CUSTOM_FIELD_TYPE_CHOICE)
    assert (list(fact.choice_keys), fact.required) == (["s", "l"], True)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"label": {}}, "/label"),
        ({"label": {"klingonese": "x"}}, "/label/klingonese"),
        ({"key": "Shoe Size"}, "/key"),
        ({"type": "colour"}, "/type"),
        ({"validation": {"pattern": "a"}}, "/validation/pattern"),
        ({"validation": {"minimum": "x"}}, "/validation/minimum"),
        ({"validation": {"minimum": "2", "maximum": "1"}}, "/validation/minimum"),
        ({"validation": {"maximum": "1"}, "default": "2"}, "/default"),
        ({"default": 5}, "/default"),
        ({"type": "text", "validation": {"pattern": "(a"}}, "/validation/pattern"),
        ({"type": "text", "validation": {"max_length": 0}}, "/validation/max_length"),
        ({"type": "text", "validation": {"min_length": 3, "max_length": 2}}, "/validation/max_length"),
        ({"type": "date", "validation": {"minimum": "1"}}, "/validation/minimum"),
        ({"type": "choice"}, "/choices"),
        ({"choices": [{"key": "a", "label": {"en": "A"}}]}, "/choices"),
        ({"type": "choice", "choices": [{"key": "A b", "label": {"en": "A"}}]}, "/choices/0/key"),
        ({"type": "choice", "choices": [{"key": "a", "label": {}}]}, "/choices/0/label"),
        ({"type": "reference"}, "/reference_to"),
        ({"reference_to": "person"}, "/reference_to"),
        ({"object": "deal"}, "/object"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_is_refused_at_the_place_that_is_wrong(
    app: ApiClient, given: dict[str, Any], pointer: str
) -> None:
    response = app.post(FIELDS, body(**given))
    assert response.status_code == 422
    assert pointer in {error["pointer"] for error in response.json["errors"]}
    assert app.get(FIELDS).json["items"] == []


def test_a_key_is_taken_once_for_each_kind_of_record(app: ApiClient, define: Define) -> None:
    define("size", "number")
    again = app.post(FIELDS, body())
    assert (again.status_code, again.json["code"]) == (409, "custom_field_exists")
    assert app.post(FIELDS, body(object="company")).status_code == 201


def test_type_and_key_are_for_good(app: ApiClient, define: Define) -> None:
    url = f"{FIELDS}/{define('size', 'number')['id']}"
    for change in ({"type": "text"}, {"key": "width"}, {"object": "company"}):
        assert app.patch(url, change).status_code == 422
    assert app.get(url).json["version"] == 1


def test_a_change_touches_what_it_mentions(app: ApiClient, define: Define) -> None:
    field = define("size", "number", validation={"minimum": "1", "maximum": "9"}, default="3")
    url = f"{FIELDS}/{field['id']}"
    changed = app.patch(url, {"validation": {"maximum": None}, "help_text": {"en": "In cm"}}).json
    assert changed["validation"]["minimum"] == "1"
    assert changed["validation"]["maximum"] is None
    assert (changed["default"], changed["version"]) == ("3", 2)
    assert app.patch(url, {"default": None}).json["default"] is None
    assert app.patch(url, {"default": None}).headers["ETag"] == '"3"'
    stale = app.patch(url, {"required": True}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


def test_a_choice_is_renamed_or_archived_but_never_removed(app: ApiClient, define: Define) -> None:
    choices = [{"key": "s", "label": {"en": "Small"}}, {"key": "l", "label": {"en": "Large"}}]
    url = f"{FIELDS}/{define('size', 'choice', choices=choices)['id']}"
    removed = app.patch(url, {"choices": choices[:1]})
    assert removed.json["errors"][0]["code"] == "choice_removed"
    small, large = choices[0], {**choices[1], "archived": True}
    renamed = app.patch(url, {"choices": [{**small, "label": {"en": "Tiny"}}, large]}).json
    assert [c["label"]["en"] for c in renamed["choices"]] == ["Tiny", "Large"]
    assert [c["archived"] for c in renamed["choices"]] == [False, True]


def test_an_archived_field_is_put_away_and_comes_back(app: ApiClient, define: Define) -> None:
    url = f"{FIELDS}/{define('size', 'number')['id']}"
    assert app.delete(url).status_code == 204
    assert app.get(FIELDS).json["items"] == []
    assert len(app.get(f"{FIELDS}?archived=any&object=person&count=true").json["items"]) == 1
    assert app.patch(url, {"required": True}).json["code"] == "archived"
    assert app.post(f"{url}/restore").json["archived_at"] is None
    assert [f["key"] for f in app.get(f"{FIELDS}?type=number").json["items"]] == ["size"]


def test_there_is_an_end_to_the_number_of_fields_also_for_many_at_once(app: ApiClient) -> None:
    def define(number: int) -> int:
        return app.post(FIELDS, body(key=f"size_{number}")).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(define, range(206)))
    assert (statuses.count(201), statuses.count(409)) == (200, 6)
    refused = app.post(FIELDS, body())
    assert refused.json["code"] == "too_many_custom_fields"
    assert app.post(FIELDS, body(object="company")).status_code == 201
