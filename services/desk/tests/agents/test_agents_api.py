"""Agents over REST: who they are, what they have on their hands, and whether they are there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import agent_events_pb2 as events
from services.desk.tests.builders import (
    Desk,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.routing_builders import AGENTS, known_user, make_agent, make_queue


def test_listing_needs_a_token(desk: Desk) -> None:
    assert refused(desk.anonymous().get(AGENTS)) == (401, "token_missing")


def test_who_may_read_may_not_write(desk: Desk) -> None:
    reader = desk.app_client(desk.new_tenant(), "desk.agents.read")
    assert reader.get(AGENTS).json["items"] == []
    assert reader.post(AGENTS, {"user_id": str(uuid4())}).status_code == 403


def test_another_tenants_agents_are_invisible(desk: Desk, app: ApiClient) -> None:
    agent = make_agent(desk, app)
    path = f"{AGENTS}/{agent['id']}"
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.get(AGENTS).json["items"] == []
    for answer in (
        stranger.get(path),
        stranger.patch(path, {"capacity": 2}),
        stranger.put(f"{path}/status", {"status": "away"}),
        stranger.delete(path),
        stranger.post(f"{path}/restore"),
    ):
        assert refused(answer) == (404, "not_found")
    assert app.get(path).json == agent


def test_an_agent_is_told_of_and_changed(desk: Desk, app: ApiClient) -> None:
    queue = make_queue(app)
    agent = make_agent(desk, app, queue, skills=[{"key": "grinders", "level": 4}])
    path = f"{AGENTS}/{agent['id']}"
    body = {"capacity": 3, "languages": ["zh-Hant", "en"], "queue_ids": []}
    changed = good(app.patch(path, body))
    assert changed["skills"] == [{"key": "grinders", "level": 4}]
    assert (changed["capacity"], changed["languages"]) == (3, ["zh-Hant", "en"])
    added, told = facts(desk, app, events.AgentAdded), facts(desk, app, events.AgentChanged)
    assert [(one.agent_id, list(one.queue_ids)) for one in added] == [(agent["id"], [queue["id"]])]
    assert [(one.capacity, list(one.queue_ids)) for one in told] == [(3, [])]


def test_who_is_no_user_is_no_agent(app: ApiClient) -> None:
    answer = app.post(AGENTS, {"user_id": str(uuid4())})
    assert places(answer) == [("/user_id", "user_unknown")]


def test_what_cannot_be_is_pointed_at(desk: Desk, app: ApiClient) -> None:
    skill, nowhere = {"key": "a", "level": 1}, str(uuid4())
    user = str(known_user(desk, app))
    twice = app.post(AGENTS, {"user_id": user, "skills": [skill, skill], "languages": ["en", "en"]})
    assert places(twice) == [("/skills", "skill_repeated"), ("/languages", "language_repeated")]
    unknown = app.post(AGENTS, {"user_id": user, "queue_ids": [nowhere]})
    assert places(unknown) == [("/queue_ids/0", "queue_unknown")]
    assert app.post(AGENTS, {"user_id": user, "capacity": 2**31}).status_code == 422


def test_a_user_is_an_agent_once_be_it_by_two_at_once(desk: Desk, app: ApiClient) -> None:
    body = {"user_id": str(known_user(desk, app))}
    assert at_once(*[lambda: app.post(AGENTS, body)] * 2) == [201, 409]
    assert refused(app.post(AGENTS, body)) == (409, "agent_exists")


def test_tickets_on_their_hands_are_counted(desk: Desk, app: ApiClient) -> None:
    agent = make_agent(desk, app)
    tickets = [open_ticket(app, assignee_id=agent["id"]) for _ in range(3)]
    waits = {"status": "waiting_for_customer"}
    good(app.post(f"/v1/desk/tickets/{tickets[0]['id']}/status", waits))
    good(app.post(f"/v1/desk/tickets/{tickets[1]['id']}/resolve", {}))
    shown = app.get(AGENTS).json["items"][0]
    assert (shown["open_tickets"], shown["waiting_tickets"]) == (1, 1)


def test_those_of_a_queue_are_found(desk: Desk, app: ApiClient) -> None:
    billing, repairs = make_queue(app), make_queue(app, "repairs")
    make_agent(desk, app, billing)
    second = make_agent(desk, app, repairs, status="offline")
    found = app.get(f"{AGENTS}?queue_id={repairs['id']}").json["items"]
    assert [one["id"] for one in found] == [second["id"]]
    assert app.get(f"{AGENTS}?queue_id={repairs['id']}&status=available").json["items"] == []


def test_agents_say_themselves_if_they_are_there_and_of_nobody_else(
    desk: Desk, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    mine, other = make_agent(desk, app), make_agent(desk, app)
    grants = {"desk.agent_status.write": "own"}
    me = desk.user_client(app.tenant_id, grants, user_id=known_id(mine))
    away = {"status": "away", "reason": "Lunch"}
    assert good(me.put(f"{AGENTS}/{mine['id']}/status", away))["status"] == "away"
    assert refused(me.put(f"{AGENTS}/{other['id']}/status", away)) == (404, "not_found")
    told = facts(desk, app, events.AgentStatusChanged)
    assert [(one.agent_id, one.from_status, one.to_status) for one in told] == [
        (mine["id"], "available", "away")
    ]
    assert b"Lunch" not in b"".join(payload for _type, payload in desk.facts(app.tenant_id))


@pytest.mark.parametrize(
    ("said", "follows"),
    [("away", "available"), ("offline", "available"), ("available", "offline")],
)
def test_what_was_said_ends_when_its_time_has_come(
    timed: Desk, clock: MovableClock, said: str, follows: str
) -> None:
    app = lasting_app(timed, clock)
    other = "offline" if said == "available" else "available"
    agent = make_agent(timed, app, status=other)
    path = f"{AGENTS}/{agent['id']}"
    until = (clock.now() + timedelta(minutes=45)).isoformat()
    good(app.put(f"{path}/status", {"status": said, "until": until}))
    clock.move(timedelta(minutes=44))
    fire(timed)
    assert good(app.get(path))["status"] == said
    clock.move(timedelta(minutes=1))
    fire(timed)
    shown = good(app.get(path))
    assert (shown["status"], shown["status_until"]) == (follows, None)


def test_who_comes_back_earlier_stays(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    agent = make_agent(timed, app)
    path, hour = f"{AGENTS}/{agent['id']}/status", timedelta(hours=1)
    until = (clock.now() + hour).isoformat()
    good(app.put(path, {"status": "away", "until": until}))
    good(app.put(path, {"status": "available"}))
    good(app.put(path, {"status": "offline"}))
    clock.move(hour)
    fire(timed)
    assert good(app.get(f"{AGENTS}/{agent['id']}"))["status"] == "offline"


def test_an_end_that_has_passed_is_refused(desk: Desk, app: ApiClient) -> None:
    agent = make_agent(desk, app)
    path = f"{AGENTS}/{agent['id']}/status"
    answer = app.put(path, {"status": "away", "until": "2020-01-01T00:00:00Z"})
    assert places(answer) == [("/until", "until_passed")]
    assert (
        app.put(path, {"status": "away", "until": "0001-01-01T00:00:00+14:00"}).status_code == 422
    )


def test_who_is_archived_takes_nothing_until_restored(desk: Desk, app: ApiClient) -> None:
    agent = make_agent(desk, app)
    path = f"{AGENTS}/{agent['id']}"
    assert app.delete(path).status_code == 204
    assert refused(app.put(f"{path}/status", {"status": "available"})) == (409, "agent_archived")
    assert app.get(AGENTS).json["items"] == []
    restored = good(app.post(f"{path}/restore"))
    assert (restored["archived_at"], restored["status"]) == (None, "offline")


def known_id(agent: dict[str, object]) -> UUID:
    """The id of an agent, which is the user's."""
    return UUID(str(agent["id"]))
