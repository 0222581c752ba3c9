"""The comparison of two REST contracts finds what breaks an app, and nothing else."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from deploy.tools.openapi_changes import breaking_changes
from deploy.tools.openapi_documents import dump, load

Document = dict[str, Any]
Change = Callable[[Document], object]

DOCUMENT: Document = {
    "paths": {
        "/v1/sales/quotes": {
            "post": {
                "summary": "Write a quote",
                "x-permission": "sales.quotes.write",
                "parameters": [
                    {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string"}},
                    {"in": "query", "name": "expand", "schema": {"type": "string", "maxLength": 9}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/New"}}
                    },
                },
                "responses": {
                    "201": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Quote"}}
                        }
                    },
                    "422": {"content": {}},
                },
            },
            "get": {"x-permission": "sales.quotes.read", "responses": {"200": {}}},
        }
    },
    "components": {
        "schemas": {
            "New": {
                "type": "object",
                "additionalProperties": False,
                "required": ["title"],
                "properties": {
                    "title": {"type": "string", "maxLength": 200, "description": "What for."},
                    "kind": {"type": "string", "enum": ["fixed", "open"]},
                    "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                },
            },
            "Line": {
                "type": "object",
                "properties": {"count": {"type": ["integer", "null"], "minimum": 1}},
            },
            "Quote": {
                "type": "object",
                "required": ["id", "title"],
                "properties": {
                    "id": {"type": "string"},
                    "title": {"type": "string"},
                    "previous": {
                        "anyOf": [{"$ref": "#/components/schemas/Quote"}, {"type": "null"}]
                    },
                    "owner": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "null"}]},
                },
            },
            "Owner": {"type": "object", "properties": {"name": {"type": "string"}}},
        }
    },
}


def changed(change: Change) -> Document:
    """The document after a change."""
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return document


def post(document: Document) -> Document:
    operation: Document = document["paths"]["/v1/sales/quotes"]["post"]
    return operation


def properties(document: Document, schema: str) -> Document:
    found: Document = document["components"]["schemas"][schema]["properties"]
    return found


BREAKING: dict[str, tuple[Change, str]] = {
    "path removed": (lambda d: d["paths"].clear(), "POST /v1/sales/quotes: removed"),
    "method removed": (
        lambda d: d["paths"]["/v1/sales/quotes"].pop("get"),
        "GET /v1/sales/quotes: removed",
    ),
    "other permission": (
        lambda d: post(d).update({"x-permission": "sales.admin"}),
        "needs sales.admin",
    ),
    "parameter removed": (lambda d: post(d)["parameters"].pop(1), "query parameter expand is gone"),
    "parameter required": (
        lambda d: post(d)["parameters"][0].update(required=True),
        "Idempotency-Key is now required",
    ),
    "parameter shorter": (
        lambda d: post(d)["parameters"][1]["schema"].update(maxLength=5),
        "maxLength is now 5",
    ),
    "body of another kind": (
        lambda d: post(d)["requestBody"].update(content={}),
        "no longer accepts application/json",
    ),
    "property of a body removed": (
        lambda d: properties(d, "New").pop("kind"),
        "body/kind: is gone",
    ),
    "property of a body required": (
        lambda d: d["components"]["schemas"]["New"]["required"].append("kind"),
        "body/kind: is now required",
    ),
    "choice removed": (
        lambda d: properties(d, "New")["kind"]["enum"].remove("open"),
        "body/kind: no longer accepts open",
    ),
    "type narrowed below a list": (
        lambda d: properties(d, "Line")["count"].update(type="integer"),
        "body/lines/[]/count: no longer accepts null",
    ),
    "bound raised below a list": (
        lambda d: properties(d, "Line")["count"].update(minimum=2),
        "body/lines/[]/count: minimum is now 2",
    ),
    "status changed": (
        lambda d: post(d)["responses"].update({"200": post(d)["responses"].pop("201")}),
        "no longer answers 201",
    ),
    "property of an answer removed": (
        lambda d: properties(d, "Quote").pop("title"),
        "201/title: is gone",
    ),
    "property of an answer absent": (
        lambda d: d["components"]["schemas"]["Quote"]["required"].remove("id"),
        "201/id: may now be absent",
    ),
    "property of an answer null": (
        lambda d: properties(d, "Quote")["title"].update(type=["string", "null"]),
        "201/title: may now be null",
    ),
    "property of an optional answer removed": (
        lambda d: properties(d, "Owner").clear(),
        "201/owner/name: is gone",
    ),
}

HARMLESS: dict[str, Change] = {
    "nothing": lambda d: d,
    "another summary": lambda d: post(d).update(summary="Draft a quote"),
    "path added": lambda d: d["paths"].update({"/v1/sales/leads": {"get": {"responses": {}}}}),
    "optional parameter added": lambda d: post(d)["parameters"].append(
        {"in": "query", "name": "dry_run", "schema": {"type": "boolean"}}
    ),
    "optional property accepted": lambda d: properties(d, "New").update(note={"type": "string"}),
    "bound loosened": lambda d: properties(d, "New")["title"].update(maxLength=400),
    "choice added": lambda d: properties(d, "New")["kind"]["enum"].append("trial"),
    "property returned": lambda d: properties(d, "Quote").update(total={"type": "string"}),
    "another refusal": lambda d: post(d)["responses"].pop("422"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_change_that_breaks_an_app_is_found(name: str) -> None:
    change, finding = BREAKING[name]
    found = breaking_changes(DOCUMENT, changed(change))
    assert any(finding in line for line in found), found


@pytest.mark.parametrize("name", HARMLESS)
def test_a_change_that_breaks_no_app_is_let_through(name: str) -> None:
    assert breaking_changes(DOCUMENT, changed(HARMLESS[name])) == []


def test_what_is_kept_of_a_release_finds_the_same_changes() -> None:
    kept = load(dump(DOCUMENT))
    assert breaking_changes(kept, DOCUMENT) == []
    for name, (change, _) in BREAKING.items():
        after = changed(change)
        assert breaking_changes(kept, after) == breaking_changes(DOCUMENT, after), name


def test_a_property_that_is_called_title_is_kept() -> None:
    assert "title" in load(dump(DOCUMENT))["components"]["schemas"]["New"]["properties"]
