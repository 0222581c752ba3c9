"""Absences of agents: nothing is handed to who is away, and others go on with their tickets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import agent_events_pb2 as events
from services.desk.tests.builders import (
    Desk,
    at_once,
    facts,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.routing_builders import (
    ABSENCES,
    RoutingByHand,
    assigned,
    make_agent,
    make_queue,
)


def absence(agent: dict[str, Any], begins: datetime, hours: float) -> dict[str, Any]:
    """The body that says when an agent is away."""
    ends = begins + timedelta(hours=hours)
    return {
        "agent_id": agent["id"],
        "begins_at": begins.isoformat(),
        "ends_at": ends.isoformat(),
        "reason": "Training",
    }


@pytest.fixture
def app(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app whose token outlives a moved clock."""
    return lasting_app(timed, clock)


def test_listing_needs_a_token_and_shows_no_other_tenants(
    timed: Desk, app: ApiClient, clock: MovableClock
) -> None:
    assert refused(timed.anonymous().get(ABSENCES)) == (401, "token_missing")
    agent = make_agent(timed, app)
    entered = good(app.post(ABSENCES, absence(agent, clock.now(), 2)))
    stranger = lasting_app(timed, clock)
    assert stranger.get(ABSENCES).json["items"] == []
    path = f"{ABSENCES}/{entered['id']}"
    assert refused(stranger.get(path)) == (404, "not_found")
    assert refused(stranger.delete(path)) == (404, "not_found")
    assert places(stranger.post(ABSENCES, absence(agent, clock.now(), 2))) == [
        ("/agent_id", "agent_unknown")
    ]
    assert app.get(path).json == entered


def test_one_enters_ones_own_and_nobody_elses(
    timed: Desk, app: ApiClient, clock: MovableClock
) -> None:
    assert app.tenant_id is not None
    mine, other = make_agent(timed, app), make_agent(timed, app)
    grants = {"desk.agent_absences.write": "own"}
    me = timed.user_client(app.tenant_id, grants, user_id=UUID(mine["id"]))
    body = absence(mine, clock.now(), 2)
    entered = good(me.post(ABSENCES, {**body, "agent_id": None}))
    assert entered["agent_id"] == mine["id"]
    assert refused(me.post(ABSENCES, absence(other, clock.now(), 2))) == (403, "forbidden")


@pytest.mark.parametrize(
    ("begins", "hours", "code"),
    [(0.0, 0.0, "before_beginning"), (-3.0, 2.0, "absence_over"), (0.0, 3e4, "absence_too_long")],
)
def test_what_cannot_be_is_pointed_at(
    timed: Desk,
    app: ApiClient,
    clock: MovableClock,
    begins: float,
    hours: float,
    code: str,
) -> None:
    agent = make_agent(timed, app)
    body = absence(agent, clock.now() + timedelta(hours=begins), hours)
    assert places(app.post(ABSENCES, body)) == [("/ends_at", code)]


def test_the_last_day_of_the_calendar_is_no_error_of_ours(timed: Desk, app: ApiClient) -> None:
    agent = make_agent(timed, app)
    body = {"agent_id": agent["id"], "begins_at": "9999-12-30T00:00:00Z"}
    assert app.post(ABSENCES, {**body, "ends_at": "9999-12-31T23:59:59Z"}).status_code == 201


def test_while_away_nothing_is_handed_out_and_others_go_on(
    timed: Desk, app: ApiClient, clock: MovableClock
) -> None:
    routing, queue = RoutingByHand(timed, app), make_queue(app, method="round_robin")
    away = make_agent(timed, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    assert assigned(app, ticket) == away["id"]
    there = make_agent(timed, app, queue)
    good(app.post(ABSENCES, absence(away, clock.now() + timedelta(hours=1), 8)))
    routing.settle()
    assert assigned(app, ticket) == away["id"]
    clock.move(timedelta(hours=1))
    routing.settle()
    assert assigned(app, ticket) == there["id"]
    late = [open_ticket(app, queue_id=queue["id"]) for _ in range(2)]
    routing.settle()
    assert {assigned(app, one) for one in late} == {there["id"]}


def test_who_is_back_is_given_what_waits(timed: Desk, app: ApiClient, clock: MovableClock) -> None:
    routing, queue = RoutingByHand(timed, app), make_queue(app)
    agent = make_agent(timed, app, queue)
    good(app.post(ABSENCES, absence(agent, clock.now(), 8)))
    routing.settle()
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    assert assigned(app, ticket) is None
    clock.move(timedelta(hours=8))
    routing.settle()
    assert assigned(app, ticket) == agent["id"]


def test_an_absence_that_is_taken_back_is_none(
    timed: Desk, app: ApiClient, clock: MovableClock
) -> None:
    routing, queue = RoutingByHand(timed, app), make_queue(app)
    agent = make_agent(timed, app, queue)
    entered = good(app.post(ABSENCES, absence(agent, clock.now(), 8)))
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    assert assigned(app, ticket) is None
    assert app.delete(f"{ABSENCES}/{entered['id']}").status_code == 204
    routing.settle()
    assert assigned(app, ticket) == agent["id"]
    told = facts(timed, app, events.AgentAbsenceRemoved)
    assert [one.agent_absence_id for one in told] == [entered["id"]]


def test_of_two_who_take_one_back_at_once_one_does(
    timed: Desk, app: ApiClient, clock: MovableClock
) -> None:
    agent = make_agent(timed, app)
    entered = good(app.post(ABSENCES, absence(agent, clock.now(), 8)))
    path = f"{ABSENCES}/{entered['id']}"
    assert at_once(*[lambda: app.delete(path)] * 2) == [204, 404]
    assert app.delete(f"{ABSENCES}/{uuid4()}").status_code == 404
