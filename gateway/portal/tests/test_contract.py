"""A service's document gets names of its own."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.contract import UnfitContract, prefixed, qualify

from .documents import document, operation


def with_schema(**schemas: Any) -> dict[str, Any]:
    made = document("contacts")
    made["components"]["schemas"].update(schemas)
    return made


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Person", "ContactsPerson"),
        ("ContactsPerson", "ContactsPerson"),
        ("list_people", "contacts_list_people"),
        ("contacts_list_people", "contacts_list_people"),
        ("contactsListPeople", "contactsListPeople"),
        ("contactstore", "contacts_contactstore"),
        ("contacts", "contacts"),
        ("", "contacts_"),
    ],
)
def test_a_name_gets_the_service_in_front_in_its_own_style(name: str, expected: str) -> None:
    assert prefixed("contacts", name) == expected


def test_a_service_of_two_words_keeps_the_style() -> None:
    assert prefixed("data-quality", "Report") == "DataQualityReport"


@given(st.text())
def test_a_prefix_is_added_once(name: str) -> None:
    once = prefixed("contacts", name)
    assert prefixed("contacts", once) == once


def test_components_operations_and_tags_get_the_prefix_and_references_follow() -> None:
    result = qualify("contacts", document("contacts")).document

    assert set(result["components"]["schemas"]) == {"ContactsProblem", "ContactsThing"}
    get = result["paths"]["/v1/contacts/things/{id}"]["get"]
    assert get["operationId"] == "contacts_get_thing"
    assert get["tags"] == ["contacts: things"]
    assert result["tags"] == [{"name": "contacts: things", "description": "What there is."}]
    schema = get["responses"]["default"]["content"]["application/problem+json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ContactsProblem"}
    parent = result["components"]["schemas"]["ContactsThing"]["properties"]["parent"]
    assert parent == {"$ref": "#/components/schemas/ContactsThing"}


def test_what_the_whole_document_demands_each_operation_demands_by_itself() -> None:
    made = document("contacts")
    made["paths"]["/p/contacts"] = {"get": operation("open_page", security=[])}
    paths = qualify("contacts", made).document["paths"]

    assert paths["/v1/contacts/things/{id}"]["get"]["security"] == [{"oauth2": []}]
    assert paths["/p/contacts"]["get"]["security"] == []


def test_the_document_given_is_left_as_it_was() -> None:
    made = document("contacts")
    before = json.dumps(made)
    qualify("contacts", made)
    assert json.dumps(made) == before


def test_words_in_data_are_not_taken_for_references() -> None:
    data = {"$ref": "#/components/schemas/Thing"}
    made = with_schema(
        Odd={
            "type": "object",
            "default": data,
            "const": data,
            "enum": [data],
            "examples": [data],
            "x-note": data,
            "properties": {
                # Names that mean something elsewhere are just names here.
                "default": data,
                "example": data,
                "examples": data,
                "properties": data,
                "x-thing": data,
                "$ref": {"type": "string"},
            },
        }
    )
    odd = qualify("contacts", made).document["components"]["schemas"]["ContactsOdd"]

    assert [odd["default"], odd["const"], odd["enum"], odd["examples"], odd["x-note"]] == [
        data,
        data,
        [data],
        [data],
        data,
    ]
    moved = {"$ref": "#/components/schemas/ContactsThing"}
    names = ("default", "example", "examples", "properties", "x-thing")
    assert [odd["properties"][name] for name in names] == [moved] * 5
    assert odd["properties"]["$ref"] == {"type": "string"}


def test_examples_links_and_discriminators_follow() -> None:
    made = with_schema(
        Animal={
            "oneOf": [{"$ref": "#/components/schemas/Thing"}],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {"a": "Thing", "b": "#/components/schemas/Thing"},
            },
        }
    )
    made["components"]["examples"] = {"one": {"value": {"$ref": "#/components/schemas/Thing"}}}
    answer = made["paths"]["/v1/contacts/things/{id}"]["get"]["responses"]["200"]
    answer["links"] = {
        "self": {"operationId": "get_thing", "parameters": {"id": "$response.body#/id"}}
    }
    answer["content"]["application/json"]["examples"] = {
        "one": {"$ref": "#/components/examples/one"}
    }
    result = qualify("contacts", made).document

    mapping = result["components"]["schemas"]["ContactsAnimal"]["discriminator"]["mapping"]
    assert mapping == dict.fromkeys(("a", "b"), "ContactsThing") | {
        "b": "#/components/schemas/ContactsThing"
    }
    answer = result["paths"]["/v1/contacts/things/{id}"]["get"]["responses"]["200"]
    assert answer["links"]["self"]["operationId"] == "contacts_get_thing"
    examples = answer["content"]["application/json"]["examples"]
    assert examples == {"one": {"$ref": "#/components/examples/contacts_one"}}
    kept = result["components"]["examples"]["contacts_one"]["value"]
    assert kept == {"$ref": "#/components/schemas/Thing"}


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ([], "not an object"),
        ({"openapi": "3.0.3"}, "3.1.x"),
        ({"openapi": "3.1.0", "paths": []}, "'paths' is not an object"),
        ({"openapi": "3.1.0", "components": {"schemas": []}}, "components/schemas"),
        (
            with_schema(Lost={"$ref": "#/components/schemas/Nowhere"}),
            "nothing is at '#/components/schemas/Nowhere'",
        ),
        (with_schema(Away={"$ref": "https://example.com/x.json"}), "leaves the document"),
        (with_schema(ContactsThing={"type": "object"}), "would both be called ContactsThing"),
        (
            {
                **document("contacts"),
                "paths": {"/a": {"get": operation("one")}, "/b": {"get": operation("one")}},
            },
            "contacts_one is used twice",
        ),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_the_reason(
    broken: Any, reason: str
) -> None:
    with pytest.raises(UnfitContract, match=re.escape(reason)) as refused:
        qualify("contacts", broken)
    assert str(refused.value).startswith("contacts: ")


NAMES = st.text(
    st.characters(codec="ascii", categories=("L", "N"), include_characters="._-"), min_size=1
)


@given(st.lists(NAMES, min_size=1, max_size=8, unique_by=lambda name: prefixed("contacts", name)))
def test_every_reference_still_leads_to_what_it_led_to(names: list[str]) -> None:
    schemas = {
        name: {"title": name, "not": {"$ref": f"#/components/schemas/{name}"}} for name in names
    }
    made = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}}

    result = qualify("contacts", made).document["components"]["schemas"]

    assert len(result) == len(names)
    for name, schema in result.items():
        assert schema["not"]["$ref"] == f"#/components/schemas/{name}"
        assert prefixed("contacts", schema["title"]) == name
