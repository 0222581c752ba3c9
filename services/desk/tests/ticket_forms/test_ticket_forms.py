"""Visitors open tickets by a form: what is taken, what is refused, and what is held back (DE-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiAnswer, ApiClient
from rapport.desk.events.v1 import definition_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    refused,
)
from services.desk.tests.conversing import conversation
from services.desk.tests.routing_builders import make_queue

FORMS = "/v1/desk/ticket-forms"
SUBMISSIONS = "/v1/desk/ticket-submissions"
SITE = "https://www.example.com"


def define(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A form of the tenant's website."""
    body = {"key": "contact", "name": "Contact", "allowed_origins": [SITE], **more}
    return good(client.post(FORMS, body))


def send(desk: Desk, form: dict[str, Any], origin: str | None = SITE, **more: Any) -> ApiAnswer:
    """What a visitor's browser sends."""
    body = {
        "name": "Ada",
        "email": "ada@example.com",
        "subject": "It leaks",
        "text": "My machine leaks.",
        **more,
    }
    headers = {} if origin is None else {"Origin": origin}
    return desk.anonymous().post(form["path"], body, headers=headers)


def opened(client: ApiClient) -> list[dict[str, Any]]:
    """The tickets that there are."""
    items: list[dict[str, Any]] = good(client.get(TICKETS))["items"]
    return items


def held(client: ApiClient) -> list[dict[str, Any]]:
    """What was held back."""
    items: list[dict[str, Any]] = good(client.get(SUBMISSIONS))["items"]
    return items


def test_a_visitor_opens_a_ticket_where_the_form_says(desk: Desk, app: ApiClient) -> None:
    queue = make_queue(app, method="manual")
    form = define(app, type="incident", queue_id=queue["id"], tags=["web"])
    answer = send(desk, form, language="zh-Hant")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (202, SITE)
    (ticket,) = opened(app)
    assert (ticket["channel"], ticket["type"], ticket["tags"]) == ("web_form", "incident", ["web"])
    assert (ticket["queue_id"], ticket["requester_address"]) == (queue["id"], "ada@example.com")
    (said,) = conversation(app, ticket)
    assert (said["text"], said["sender"]["name"]) == ("My machine leaks.", "Ada")


def test_what_is_sent_twice_with_one_key_opens_one_ticket(desk: Desk, app: ApiClient) -> None:
    form = define(app)
    assert at_once(*[lambda: send(desk, form, key="k-1")] * 3) == [202] * 3
    assert len(opened(app)) == 1
    assert send(desk, form, key="k-2").status_code == 202
    assert len(opened(app)) == 2


def test_a_page_that_the_form_does_not_list_is_refused(desk: Desk, app: ApiClient) -> None:
    form = define(app)
    assert refused(send(desk, form, "https://evil.example"))[0] == 403
    assert opened(app) == held(app) == []


@pytest.mark.parametrize(
    ("origin", "more", "reason"),
    [
        (SITE, {"website": "https://spam.example"}, "honeypot_filled"),
        (None, {}, "origin_missing"),
        (SITE, {"text": "http://a.b " * 4}, "many_links"),
    ],
)
def test_what_looks_like_abuse_is_held_back_and_answered_like_all_else(
    desk: Desk, app: ApiClient, origin: str | None, more: dict[str, str], reason: str
) -> None:
    form = define(app)
    assert send(desk, form, origin, **more).json == {"received": True}
    assert opened(app) == []
    (waiting,) = held(app)
    assert (waiting["state"], waiting["reasons"]) == ("quarantined", [reason])
    (told,) = facts(desk, app, events.TicketSubmissionQuarantined)
    assert list(told.reasons) == [reason]


def test_what_was_held_back_becomes_a_ticket_once_or_goes_away(desk: Desk, app: ApiClient) -> None:
    form = define(app)
    send(desk, form, website="x")
    send(desk, form, website="y")
    one, other = held(app)
    accept = f"{SUBMISSIONS}/{one['id']}/accept"
    assert at_once(*[lambda: app.post(accept)] * 2) == [200, 409]
    (ticket,) = opened(app)
    accepted = good(app.get(f"{SUBMISSIONS}/{one['id']}"))
    assert (accepted["ticket_id"], accepted["answers"]) == (ticket["id"], {})
    gone = good(app.post(f"{SUBMISSIONS}/{other['id']}/discard"))
    assert (gone["state"], gone["answers"]) == ("discarded", {})
    again = app.post(f"{SUBMISSIONS}/{other['id']}/accept")
    assert refused(again) == (409, "submission_reviewed")


def test_what_nobody_looks_at_is_forgotten_after_a_month(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    send(timed, define(app), website="x")
    clock.move(timedelta(days=29))
    fire(timed)
    assert held(app)[0]["state"] == "quarantined"
    clock.move(timedelta(days=1))
    fire(timed)
    (gone,) = held(app)
    assert (gone["state"], gone["answers"]) == ("discarded", {})


def test_an_archived_form_takes_nothing_and_neither_does_one_that_is_not_there(
    desk: Desk, app: ApiClient
) -> None:
    form = define(app)
    assert app.delete(f"{FORMS}/{form['id']}").status_code == 204
    assert refused(send(desk, form)) == (410, "ticket_form_archived")
    assert send(desk, {"path": f"/p/desk/forms/{uuid4()}"}).status_code == 404


def test_a_restored_form_takes_what_visitors_send_again_at_its_old_address(
    desk: Desk, app: ApiClient
) -> None:
    form = define(app)
    path = f"{FORMS}/{form['id']}"
    assert app.delete(path).status_code == 204
    assert desk.app_client(desk.new_tenant()).post(f"{path}/restore").status_code == 404
    reader = desk.app_client(desk.new_tenant(), "desk.ticket_forms.read")
    assert reader.post(f"{path}/restore").status_code == 403
    assert at_once(*[lambda: app.post(f"{path}/restore")] * 3) == [200] * 3
    assert len(facts(desk, app, events.TicketFormRestored)) == 1
    assert send(desk, form).status_code in (200, 201, 202)
    assert [one["subject"] for one in opened(app)] == ["It leaks"]


@pytest.mark.parametrize(
    "more",
    [
        {"email": "nobody"},
        {"text": "  "},
        {"subject": ""},
        {"text": "A" * 20_001},
        {"unasked": "A"},
        {"subject": "\x00"},
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, app: ApiClient, more: dict[str, str]) -> None:
    form = define(app)
    assert send(desk, form, **more).status_code == 422
    assert opened(app) == held(app) == []


def test_a_form_is_another_tenants_to_nobody(desk: Desk, app: ApiClient) -> None:
    form = define(app)
    assert refused(app.post(FORMS, {**form_body(), "name": "Again"})) == (409, "ticket_form_exists")
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.get(f"{FORMS}/{form['id']}").status_code == 404
    changed = good(app.patch(f"{FORMS}/{form['id']}", {"tags": ["new"]}))
    assert (changed["tags"], changed["name"]) == (["new"], "Contact")


def form_body() -> dict[str, Any]:
    """What defines the form of `define`."""
    return {"key": "contact", "allowed_origins": [SITE]}
