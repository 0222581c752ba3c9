"""The facts on the site, and the AsyncAPI document: by the rules of AsyncAPI 3.0.0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.asyncapi import asyncapi_document
from portal.facts import Facts

RECORDED = "rapport.contacts.events.v1.InteractionRecorded"
NAME = re.compile(r"[a-zA-Z0-9.\-_]+\Z")
CATALOGUE = {
    "headers": [
        {"name": "ce-id", "type": "uuid", "required": True, "description": "Its id."},
        {"name": "traceparent", "type": "string", "required": False, "description": "Its trace."},
    ],
    "messages": [
        {
            "name": "rapport.sales.events.v1.QuoteSent",
            "message": "QuoteSent",
            "kind": "fact",
            "service": "sales",
            "file": "rapport/sales/events/v1/quote_events.proto",
            "description": "A quote <b>went out</b>. Nobody has answered.\n\nMore.",
            "aggregate": "the quote",
            "read_permission": "sales.quotes.read",
            "fields": [
                {"name": "quote_id", "type": "string", "description": "The quote."},
                {"name": "mood", "type": "rapport.sales.v1.Mood", "description": "How."},
                {"name": "lines", "type": "int64", "description": "Many.", "repeated": True},
                {"name": "words", "type": "string", "description": "By key.", "map": True},
                {"name": "a", "type": "string", "description": "Either.", "one_of": "choice"},
                {"name": "b", "type": "string", "description": "Or.", "one_of": "choice"},
            ],
        }
    ],
    "types": {
        "rapport.sales.v1.Mood": {
            "description": "A mood.",
            "values": [
                {"name": "MOOD_UNSPECIFIED", "description": "None."},
                {"name": "MOOD_GOOD", "description": "Good."},
            ],
        }
    },
}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    """The document as programs get it."""
    answer = client.get("/asyncapi.json")
    assert answer.status_code == 200
    assert isinstance(answer.json, dict)
    return answer.json


def references(part: object) -> Iterator[str]:
    """Every reference within a part of a document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def resolve(document: dict[str, Any], reference: str) -> Any:
    """What a reference leads to; KeyError if to nothing."""
    place: Any = document
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    return place


def test_the_document_has_what_asyncapi_3_asks_for(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= document["info"].keys()
    known = {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    assert document.keys() == known
    for section, entries in document["components"].items():
        assert [name for name in entries if not NAME.match(name)] == [], section


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = list(references(document))
    assert len(found) > 100
    for reference in found:
        assert resolve(document, reference), reference


def test_every_operation_sends_the_messages_of_its_own_channel(document: dict[str, Any]) -> None:
    assert len(document["operations"]) == len(document["channels"])
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]
        assert operation["action"] == "send"
        assert channel.startswith("#/channels/")
        assert all(one["$ref"].startswith(f"{channel}/messages/") for one in operation["messages"])
        (message,) = resolve(document, channel)["messages"].values()
        assert resolve(document, message["$ref"])["name"] == resolve(document, channel)["address"]


def test_the_envelope_is_described_once_for_all_messages(document: dict[str, Any]) -> None:
    headers = document["components"]["messageTraits"]["envelope"]["headers"]
    assert {"ce-id", "ce-type", "tenant-id", "aggregate-version"} <= set(headers["required"])
    assert "traceparent" not in headers["required"]
    for message in document["components"]["messages"].values():
        assert message["traits"] == [{"$ref": "#/components/messageTraits/envelope"}]


def test_fields_become_their_json_form() -> None:
    made = asyncapi_document(Facts.of(CATALOGUE), "1", "https://crm.example.com")
    schemas = made["components"]["schemas"]
    properties = schemas["rapport.sales.events.v1.QuoteSent"]["properties"]

    assert properties["quote_id"] == {"type": "string", "description": "The quote."}
    assert properties["mood"]["allOf"] == [{"$ref": "#/components/schemas/rapport.sales.v1.Mood"}]
    assert properties["lines"]["items"]["type"] == "string"  # JSON has no exact 64-bit numbers
    assert properties["words"]["additionalProperties"] == {"type": "string"}
    assert schemas["rapport.sales.v1.Mood"]["enum"] == ["MOOD_UNSPECIFIED", "MOOD_GOOD"]
    message = made["components"]["messages"]["rapport.sales.events.v1.QuoteSent"]
    assert message["x-read-permission"] == "sales.quotes.read"


def test_an_example_sets_one_of_the_fields_of_which_one_may_be_set() -> None:
    facts = Facts.of(CATALOGUE)
    example = facts.example(facts.messages["rapport.sales.events.v1.QuoteSent"].fields)
    assert example["mood"] == "MOOD_GOOD"
    assert example["lines"] == ["1"]
    assert example["words"] == {"key": "…"}
    assert "a" in example
    assert "b" not in example


def test_the_summary_is_the_first_sentence() -> None:
    (message,) = Facts.of(CATALOGUE).messages.values()
    assert message.summary == "A quote <b>went out</b>."
    assert message.paragraphs[1] == "More."


def test_the_page_of_facts_can_be_searched_by_what_the_messages_hold(client: FlaskClient) -> None:
    text = client.get("/docs/facts").text
    for message in Facts.of_the_contracts().messages.values():
        assert f'href="/docs/facts/{message.name}"' in text
        assert f"{message.name} {' '.join(field.name for field in message.fields)}" in text


def test_the_page_of_a_fact_tells_all_that_the_contract_says(client: FlaskClient) -> None:
    facts = Facts.of_the_contracts()
    text = unescape(client.get(f"/docs/facts/{RECORDED}").text).replace("\u200b", "")
    message = facts.messages[RECORDED]

    assert all(field.name in text and field.description in text for field in message.fields)
    assert message.read_permission in text
    assert 'href="#rapport.common.v1.Money"' in text
    assert 'id="rapport.common.v1.Money"' in text
    assert all(header["description"] in text for header in facts.headers)
