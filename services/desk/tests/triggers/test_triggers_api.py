"""Triggers over REST: what administrators can do, what they are refused, and what nobody else sees."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import automation_events_pb2 as events
from services.desk.tests.automating import FIRINGS, TRIGGERS, make_trigger, raise_to, say, tag
from services.desk.tests.builders import Desk, at_once, facts, good, open_ticket, refused

SIMULATE = f"{TRIGGERS}/simulate"


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(TRIGGERS)) == (401, "token_missing")


def test_who_may_read_may_not_write(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.triggers.read")
    assert reader.get(TRIGGERS).json["items"] == []
    body = {"name": {"en": "A"}, "events": ["ticket_opened"], "actions": [tag("a")]}
    assert refused(reader.post(TRIGGERS, body)) == (403, "permission_missing")


def test_another_tenants_triggers_are_invisible(desk: Desk, app: ApiClient) -> None:
    trigger, ticket = make_trigger(app, "promise_broken", tag("a")), open_ticket(app)
    path, stranger = f"{TRIGGERS}/{trigger['id']}", desk.app_client(desk.new_tenant())
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"position": 2}),
        stranger.delete(path),
        *(stranger.post(f"{path}/{verb}") for verb in ("pause", "resume", "restore")),
        stranger.post(SIMULATE, {"ticket_id": ticket["id"], "event": "ticket_opened"}),
    ):
        assert refused(answer) == (404, "not_found")
    assert stranger.get(TRIGGERS).json["items"] == []
    assert stranger.get(FIRINGS).json["items"] == []
    assert app.get(path).json == trigger


def test_a_trigger_is_told_of_changed_paused_and_archived(desk: Desk, app: ApiClient) -> None:
    first = make_trigger(app, "promise_broken", tag("a"), condition="priority == 'high'")
    second = make_trigger(app, "promise_broken", tag("b"))
    assert (first["position"], second["position"], second["active"]) == (0, 1, True)
    path = f"{TRIGGERS}/{first['id']}"
    changed = good(app.patch(path, {"events": ["survey_answered"], "condition": "score < 3"}))
    assert (changed["events"], changed["condition"]) == (["survey_answered"], "score < 3")
    assert good(app.post(f"{path}/pause"))["active"] is False
    assert good(app.post(f"{path}/resume"))["active"] is True
    assert app.delete(path).status_code == 204
    assert refused(app.post(f"{path}/resume")) == (409, "trigger_archived")
    assert good(app.post(f"{path}/restore"))["active"] is False
    listed = good(app.get(TRIGGERS))["items"]
    assert [one["id"] for one in listed] == [first["id"], second["id"]]
    told = (
        events.TriggerDefined,
        events.TriggerPaused,
        events.TriggerResumed,
        events.TriggerArchived,
        events.TriggerRestored,
    )
    assert [len(facts(desk, app, kind)) for kind in told] == [3, 1, 1, 1, 1]


def test_a_change_that_changes_nothing_is_no_change(desk: Desk, app: ApiClient) -> None:
    trigger = make_trigger(app, "promise_broken", tag("a"))
    path = f"{TRIGGERS}/{trigger['id']}"
    assert good(app.patch(path, {"actions": [tag("a")]})) == trigger
    assert len(facts(desk, app, events.TriggerDefined)) == 1


def test_two_changes_at_once_keep_both_or_refuse_one(app: ApiClient) -> None:
    trigger = make_trigger(app, "promise_broken", tag("a"))
    path, same = f"{TRIGGERS}/{trigger['id']}", {"If-Match": f'"{trigger["version"]}"'}
    statuses = at_once(
        lambda: app.patch(path, {"position": 7}, headers=same),
        lambda: app.patch(path, {"position": 8}, headers=same),
    )
    assert statuses == [200, 412]
    assert good(app.get(path))["version"] == trigger["version"] + 1


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"condition": "priority = 'high'"}, "/condition"),
        ({"condition": "score"}, "/condition"),
        ({"condition": "secret == 1"}, "/condition"),
        ({"events": []}, "/events"),
        ({"events": ["ticket_opened", "ticket_opened"]}, "/events"),
        ({"actions": [raise_to("high"), raise_to("low")]}, "/actions/1"),
        ({"actions": [{"kind": "assign", "to_me": True}]}, "/actions/0/to_me"),
        ({"actions": [say("{{nothing}}")]}, "/actions/0/texts/en"),
        ({"actions": [{"kind": "move_to_queue", "queue_id": str(uuid4())}]}, "/actions/0/queue_id"),
    ],
)
def test_what_is_no_trigger_is_refused_where_it_is_wrong(
    app: ApiClient, more: dict[str, Any], pointer: str
) -> None:
    body = {"name": {"en": "A"}, "events": ["ticket_opened"], "actions": [tag("a")], **more}
    answer = app.post(TRIGGERS, body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert app.get(TRIGGERS).json["items"] == []


def test_a_simulation_says_which_would_fire_and_why_others_would_not(app: ApiClient) -> None:
    ticket = open_ticket(app, priority="high", tags=["a"])
    status = {"events": ["status_changed"], "name": {"en": "T"}}
    fires = make_trigger(
        app, "status_changed", say("{{number}}", "note"), condition="reopened == 0"
    )
    # Of what never happens to this ticket: that it was opened may still be told.
    make_trigger(app, "survey_answered", tag("b"))
    make_trigger(app, "status_changed", tag("b"), condition="from_status == 'open'")
    make_trigger(app, "status_changed", tag("b"), condition="custom.floor == '3'")
    make_trigger(app, "status_changed", tag("a"))
    good(app.post(TRIGGERS, {**status, "actions": [tag("b")], "active": False}))
    body = {"ticket_id": ticket["id"], "event": "status_changed", "from_status": "new"}
    found = good(app.post(SIMULATE, body))["triggers"]
    assert [one["reason"] for one in found] == [
        "",
        "other_event",
        "condition",
        "condition_unanswered",
        "nothing_to_do",
        "paused",
    ]
    assert [one["fires"] for one in found] == [True] + [False] * 5
    assert found[0]["trigger_id"] == fires["id"]
    assert found[0]["effects"][0]["text"] == ticket["number"]
    assert "floor" in found[3]["detail"]
    assert app.get(FIRINGS).json["items"] == []


def test_a_simulation_shows_nobody_a_ticket_out_of_reach(desk: Desk, app: ApiClient) -> None:
    assert app.tenant_id is not None
    ticket = open_ticket(app)
    grants = {"desk.triggers.read": "all", "desk.tickets.read": "own"}
    user = desk.user_client(app.tenant_id, grants)
    body = {"ticket_id": ticket["id"], "event": "ticket_opened"}
    assert refused(user.post(SIMULATE, body)) == (404, "not_found")


def test_the_vocabulary_says_what_every_variable_means(app: ApiClient) -> None:
    found = good(app.get("/v1/desk/trigger-vocabulary"))["variables"]
    known = {one["name"]: one["kind"] for one in found}
    assert (known["from_status"], known["changed"], known["score"]) == ("text", "texts", "integer")
    assert all(one["meaning"] for one in found)
