"""Policies of service levels over REST, and the one that every tenant starts with (DE-3)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from chassis.context import service_caller
from chassis.testing.client import ApiClient
from desk.service_levels.operations import give_first_service_level
from rapport.desk.events.v1 import service_level_events_pb2 as events
from services.desk.tests.builders import Desk, at_once, facts, good, open_ticket, places, refused
from services.desk.tests.promising import (
    CALENDARS,
    LEVELS,
    alike,
    at,
    clocks_of,
    make_calendar,
    make_level,
    minutes,
)

VOCABULARY = "/v1/desk/ticket-vocabulary"


@pytest.mark.parametrize("path", [LEVELS, f"{LEVELS}/{UUID(int=1)}", VOCABULARY])
def test_reading_policies_needs_a_token(desk: Desk, path: str) -> None:
    assert refused(desk.anonymous().get(path)) == (401, "token_missing")


def test_who_may_read_policies_may_not_write_them(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.service_levels.read")
    assert good(reader.get(LEVELS))["items"] == []
    assert reader.post(LEVELS, {"name": "A", "resolution": alike(5)}).status_code == 403


def test_another_tenants_policies_are_invisible(desk: Desk, app: ApiClient) -> None:
    level = make_level(app)
    stranger = desk.app_client(desk.new_tenant())
    assert good(stranger.get(LEVELS))["items"] == []
    assert stranger.get(f"{LEVELS}/{level['id']}").status_code == 404
    assert stranger.post(f"{LEVELS}/{level['id']}/archive").status_code == 404


def test_policies_are_listed_in_the_order_in_which_they_are_tried(
    desk: Desk, app: ApiClient
) -> None:
    last = make_level(app, name="All", position=500)
    first = make_level(app, name="Vip", position=3, condition="tier == 'gold'")
    assert good(app.get(LEVELS))["items"] == [first, last]
    told = facts(desk, app, events.ServiceLevelCreated)
    assert [one.service_level.position for one in told] == [500, 3]


def test_a_patch_changes_what_it_mentions(app: ApiClient) -> None:
    level = make_level(app, warn={"at_percent": 80})
    path = f"{LEVELS}/{level['id']}"
    changed = good(app.patch(path, {"name": "New", "next_response": {"urgent": 5}}))
    assert changed["warn"] == {"at_percent": 80, "minutes_before": None}
    assert changed["next_response"] == {"low": None, "normal": None, "high": None, "urgent": 5}
    assert changed["first_response"] == alike(60)


def test_an_archived_policy_holds_for_nothing_new(app: ApiClient) -> None:
    level = make_level(app)
    good(app.post(f"{LEVELS}/{level['id']}/archive"))
    assert clocks_of(app, open_ticket(app)) == {}
    good(app.post(f"{LEVELS}/{level['id']}/restore"))
    assert len(clocks_of(app, open_ticket(app))) == 2


@pytest.mark.parametrize(
    ("more", "pointer", "code"),
    [
        ({"condition": "colour == 'red'"}, "/condition", "name_unknown"),
        ({"condition": "priority =="}, "/condition", "token_unexpected"),
        ({"business_calendar_id": str(uuid4())}, "/business_calendar_id", None),
        ({"warn": {"at_percent": 75, "minutes_before": 5}}, "/warn", "warned_twice"),
        ({"resolution": {}, "first_response": {}}, "/first_response", "targets_missing"),
        ({"escalation": {"queue_id": str(uuid4())}}, "/escalation/queue_id", "queue_unknown"),
        ({"escalation": {"assignee_id": str(uuid4())}}, "/escalation/assignee_id", "user_unknown"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_where_it_does_not(
    app: ApiClient, more: dict[str, object], pointer: str, code: str | None
) -> None:
    body = {"name": "Hours", "resolution": alike(60), **more}
    answer = app.post(LEVELS, body)
    expected = code or "business_calendar_unknown"
    assert (answer.status_code, places(answer)) == (422, [(pointer, expected)])


def test_an_archived_calendar_is_chosen_for_nothing_new_and_goes_on_where_it_is(
    app: ApiClient,
) -> None:
    calendar = make_calendar(app)
    level = make_level(app, business_calendar_id=calendar["id"])
    good(app.post(f"{CALENDARS}/{calendar['id']}/archive"))
    good(app.patch(f"{LEVELS}/{level['id']}", {"name": "Still"}))
    body = {"name": "B", "resolution": alike(5), "business_calendar_id": calendar["id"]}
    answer = app.post(LEVELS, body)
    assert places(answer) == [("/business_calendar_id", "business_calendar_archived")]


def test_a_tenant_starts_with_three_minutes_and_twelve_hours_once(
    desk: Desk, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    for _ in range(2):
        desk.service.operations.run(service_caller("desk", app.tenant_id), give_first_service_level)
    assert len(good(app.get(LEVELS))["items"]) == 1
    ticket = open_ticket(app)
    found, opened = clocks_of(app, ticket), at(ticket["opened_at"])
    assert opened is not None
    assert at(found["first_response"]["due_at"]) == opened + minutes(3)
    assert at(found["resolution"]["due_at"]) == opened + minutes(12 * 60)


def test_the_vocabulary_says_what_conditions_can_ask(app: ApiClient) -> None:
    known = {one["name"]: one["kind"] for one in good(app.get(VOCABULARY))["variables"]}
    assert (known["priority"], known["tags"], known["value"]) == ("text", "texts", "integer")
    condition = "'vip' in tags && value > 100 && custom.floor == '3' && waiting_hours >= 0"
    make_level(app, condition=condition)


def test_of_two_who_archive_a_policy_at_once_both_succeed_and_it_is_told_once(
    desk: Desk, app: ApiClient
) -> None:
    level = make_level(app)
    path = f"{LEVELS}/{level['id']}/archive"
    assert at_once(lambda: app.post(path), lambda: app.post(path)) == [200, 200]
    assert len(facts(desk, app, events.ServiceLevelArchived)) == 1
