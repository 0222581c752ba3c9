"""Fields of tickets that a tenant defines: what they take, how they are found, what they ask for (DE-1)."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import definition_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.conversing import act, reply

FIELDS = "/v1/desk/ticket-fields"
COLOURS = [{"key": key, "label": {"en": key.title()}} for key in ("red", "blue")]


def define(client: ApiClient, key: str, kind: str, **more: Any) -> dict[str, Any]:
    """A field of tickets."""
    body = {"key": key, "kind": kind, "label": {"en": key.title()}, **more}
    return good(client.post(FIELDS, body))


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("text", "A B", "A B"),
        ("number", "12.50", "12.5"),
        ("number", "-0", "0"),
        ("number", "1E3", "1000"),
        ("date", "2026-01-31", "2026-01-31"),
        ("boolean", False, False),
        ("choice", "red", "red"),
    ],
)
def test_a_value_is_kept_and_found(app: ApiClient, kind: str, given: Any, kept: Any) -> None:
    define(app, "extra", kind, choices=COLOURS if kind == "choice" else [])
    ticket = open_ticket(app, custom_fields={"extra": given})
    open_ticket(app)
    assert ticket["custom_fields"] == {"extra": kept}
    text = str(given).lower() if kind == "boolean" else given
    assert good(app.get(f"{TICKETS}?custom.extra={text}"))["items"] == [ticket]
    assert good(app.get(f"{TICKETS}?custom.extra[in]={text}"))["items"] == [ticket]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("text", True),
        ("text", " "),
        ("number", "NaN"),
        ("number", "1e999999999"),
        ("number", "twelve"),
        ("number", "9" * 40),
        ("date", "31.1.2026"),
        ("date", "10000-01-01"),
        ("boolean", "true"),
        ("choice", "green"),
    ],
)
def test_a_value_of_another_kind_is_refused(app: ApiClient, kind: str, given: Any) -> None:
    define(app, "extra", kind, choices=COLOURS if kind == "choice" else [])
    refusal = app.post(TICKETS, {"subject": "A", "custom_fields": {"extra": given, "more": "A"}})
    assert refusal.status_code == 422
    assert places(refusal) == [
        ("/custom_fields/extra", "value_not_of_kind"),
        ("/custom_fields/more", "field_unknown"),
    ]


def test_what_is_required_has_to_be_there_before_a_ticket_is_resolved(app: ApiClient) -> None:
    define(app, "cause", "text", required=True)
    ticket = open_ticket(app)
    for refusal in (act(app, ticket, "resolve"), reply(app, ticket, status="resolved")):
        assert refused(refusal) == (409, "ticket_fields_missing")
        assert places(refusal) == [("/custom_fields/cause", "field_missing")]
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"custom_fields": {"cause": "Seal"}}))
    assert good(act(app, ticket, "resolve"))["status"] == "resolved"


def test_an_archived_field_keeps_its_values_and_takes_no_new_ones(
    desk: Desk, app: ApiClient
) -> None:
    field = define(app, "cause", "text", required=True)
    ticket = open_ticket(app, custom_fields={"cause": "Seal"})
    path = f"{FIELDS}/{field['id']}"
    assert app.delete(path).status_code == 204
    assert app.delete(path).status_code == 204
    other = app.post(TICKETS, {"subject": "A", "custom_fields": {"cause": "Pump"}})
    assert (other.status_code, places(other)) == (422, [("/custom_fields/cause", "field_unknown")])
    assert good(act(app, open_ticket(app), "resolve"))["status"] == "resolved"
    assert good(app.get(f"{TICKETS}?custom.cause=Seal"))["items"] == [ticket]
    assert good(app.get(FIELDS))["items"] == []
    gone = good(app.patch(f"{TICKETS}/{ticket['id']}", {"custom_fields": {"cause": None}}))
    assert gone["custom_fields"] == {}
    good(app.post(f"{path}/restore"))
    assert refused(app.post(f"{path}/restore")) == (409, "ticket_field_not_archived")
    assert len(facts(desk, app, events.TicketFieldArchived)) == 1


def test_a_key_is_defined_once_also_by_two_at_once(app: ApiClient) -> None:
    body = {"key": "cause", "kind": "text", "label": {"en": "Cause"}}
    assert at_once(*[lambda: app.post(FIELDS, body)] * 2) == [201, 409]
    assert refused(app.post(FIELDS, body)) == (409, "ticket_field_exists")


def test_only_a_choice_has_choices(app: ApiClient) -> None:
    body = {"key": "extra", "label": {"en": "Extra"}}
    for more in ({"kind": "choice"}, {"kind": "text", "choices": COLOURS}):
        refusal = app.post(FIELDS, {**body, **more})
        assert places(refusal) == [("/choices", "choices_and_kind_differ")]
    twice = app.post(FIELDS, {**body, "kind": "choice", "choices": [COLOURS[0]] * 2})
    assert places(twice) == [("/choices", "choice_repeated")]


@pytest.mark.parametrize("query", ["custom.nothing=1", "custom.extra[lt]=1", "custom.extra=one"])
def test_a_filter_that_makes_no_sense_is_refused(app: ApiClient, query: str) -> None:
    define(app, "extra", "number")
    assert app.get(f"{TICKETS}?{query}").status_code == 400


def test_who_defines_nothing_reads_what_is_defined_in_the_own_tenant(
    desk: Desk, app: ApiClient
) -> None:
    field = define(app, "cause", "text")
    assert app.tenant_id is not None
    reader = desk.app_client(app.tenant_id, "desk.ticket_fields.read")
    path = f"{FIELDS}/{field['id']}"
    assert good(reader.get(path)) == field
    assert reader.patch(path, {"required": True}).status_code == 403
    assert desk.app_client(desk.new_tenant()).get(path).status_code == 404
    assert good(app.patch(path, {"required": True}))["required"] is True
