"""Others go on with the tickets of who is away, archived or has left (DE-5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.identity.events.v1.user_events_pb2 import (
    UserActivated,
    UserDeactivated,
    UserSuspended,
)
from services.desk.tests.builders import TICKETS, Desk, good, lasting_app, open_ticket
from services.desk.tests.routing_builders import (
    ABSENCES,
    AGENTS,
    SETTINGS,
    RoutingByHand,
    assigned,
    make_agent,
    make_queue,
    now,
    tell_user,
)

WAITS = {"status": "waiting_for_customer"}


@pytest.fixture
def app(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app whose token outlives a moved clock."""
    return lasting_app(timed, clock)


@pytest.fixture
def routing(timed: Desk, app: ApiClient) -> RoutingByHand:
    """Routing, done when the test says so."""
    return RoutingByHand(timed, app)


def test_the_tickets_of_who_has_left_find_others_batch_by_batch(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    gone = make_agent(timed, app, queue, capacity=100)
    tickets = [open_ticket(app, queue_id=queue["id"]) for _ in range(55)]
    routing.settle()
    assert {assigned(app, one) for one in tickets} == {gone["id"]}
    there = make_agent(timed, app, queue, capacity=100)
    tell_user(timed, app, UserDeactivated(user_id=gone["id"]), version=2)
    routing.settle()
    assert {assigned(app, one) for one in tickets} == {there["id"]}


def test_who_may_not_sign_in_for_a_while_keeps_theirs_and_gets_no_more(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    agent = make_agent(timed, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    tell_user(timed, app, UserSuspended(user_id=agent["id"]), version=2)
    second = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    assert (assigned(app, ticket), assigned(app, second)) == (agent["id"], None)
    tell_user(timed, app, UserActivated(user_id=agent["id"]), version=3)
    routing.settle()
    assert assigned(app, second) == agent["id"]


@pytest.mark.parametrize("choice", ["stay", "go"])
def test_what_waits_for_the_customer_stays_or_goes_as_the_tenant_says(
    timed: Desk, app: ApiClient, routing: RoutingByHand, choice: str
) -> None:
    good(app.put(SETTINGS, {"waiting_tickets": choice}))
    queue = make_queue(app)
    agent = make_agent(timed, app, queue)
    ticket, settled = (open_ticket(app, queue_id=queue["id"]) for _ in range(2))
    routing.settle()
    good(app.post(f"{TICKETS}/{ticket['id']}/status", WAITS))
    good(app.post(f"{TICKETS}/{settled['id']}/resolve", {}))
    assert app.delete(f"{AGENTS}/{agent['id']}").status_code == 204
    routing.settle()
    assert assigned(app, ticket) == (agent["id"] if choice == "stay" else None)
    assert assigned(app, settled) == agent["id"]


def test_what_stayed_finds_somebody_when_the_customer_has_answered(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    agent = make_agent(timed, app, queue)
    waiting, resolved = (open_ticket(app, queue_id=queue["id"]) for _ in range(2))
    routing.settle()
    good(app.post(f"{TICKETS}/{waiting['id']}/status", WAITS))
    good(app.post(f"{TICKETS}/{resolved['id']}/resolve", {}))
    tell_user(timed, app, UserDeactivated(user_id=agent["id"]), version=2)
    routing.settle()
    there = make_agent(timed, app, queue)
    good(app.post(f"{TICKETS}/{waiting['id']}/status", {"status": "open"}))
    good(app.post(f"{TICKETS}/{resolved['id']}/reopen", {}))
    routing.settle()
    assert [assigned(app, one) for one in (waiting, resolved)] == [there["id"]] * 2


def test_who_is_away_for_longer_than_the_tenants_patience_has_theirs_taken_over(
    timed: Desk, app: ApiClient, routing: RoutingByHand, clock: MovableClock
) -> None:
    good(app.put(SETTINGS, {"away_minutes": 20}))
    queue = make_queue(app)
    agent = make_agent(timed, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    there = make_agent(timed, app, queue)
    good(app.put(f"{AGENTS}/{agent['id']}/status", {"status": "away"}))
    clock.move(timedelta(minutes=19))
    routing.settle()
    assert assigned(app, ticket) == agent["id"]
    clock.move(timedelta(minutes=1))
    routing.settle()
    assert assigned(app, ticket) == there["id"]


def test_who_is_back_before_that_keeps_theirs(
    timed: Desk, app: ApiClient, routing: RoutingByHand, clock: MovableClock
) -> None:
    good(app.put(SETTINGS, {"away_minutes": 20}))
    queue = make_queue(app)
    agent = make_agent(timed, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    make_agent(timed, app, queue)
    path = f"{AGENTS}/{agent['id']}/status"
    good(app.put(path, {"status": "away"}))
    clock.move(timedelta(minutes=19))
    good(app.put(path, {"status": "available"}))
    clock.move(timedelta(minutes=5))
    good(app.put(path, {"status": "away"}))
    clock.move(timedelta(minutes=19))
    routing.settle()
    assert assigned(app, ticket) == agent["id"]


def test_who_is_offline_keeps_theirs_unless_the_tenant_says_otherwise(
    timed: Desk, app: ApiClient, routing: RoutingByHand, clock: MovableClock
) -> None:
    queue = make_queue(app)
    agent = make_agent(timed, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    good(app.put(f"{AGENTS}/{agent['id']}/status", {"status": "offline"}))
    clock.move(timedelta(days=3))
    routing.settle()
    assert assigned(app, ticket) == agent["id"]


def test_an_answer_while_somebody_is_just_away_takes_nothing_from_them(
    timed: Desk, app: ApiClient, routing: RoutingByHand, clock: MovableClock
) -> None:
    queue = make_queue(app)
    agent = make_agent(timed, app, queue)
    ticket, other = (open_ticket(app, queue_id=queue["id"]) for _ in range(2))
    routing.settle()
    good(app.post(f"{TICKETS}/{ticket['id']}/status", WAITS))
    good(app.put(f"{AGENTS}/{agent['id']}/status", {"status": "away"}))
    good(app.post(f"{TICKETS}/{ticket['id']}/status", {"status": "open"}))
    routing.settle()
    assert [assigned(app, one) for one in (ticket, other)] == [agent["id"]] * 2
    clock.move(timedelta(minutes=30))
    routing.settle()
    assert [assigned(app, one) for one in (ticket, other)] == [None, None]


def test_with_nobody_else_what_is_taken_over_waits_in_its_queue(
    timed: Desk, app: ApiClient, routing: RoutingByHand, clock: MovableClock
) -> None:
    queue = make_queue(app)
    agent = make_agent(timed, app, queue)
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    begins, ends = clock.now(), clock.now() + timedelta(hours=2)
    about = {"begins_at": begins.isoformat(), "ends_at": ends.isoformat()}
    good(app.post(ABSENCES, {"agent_id": agent["id"], **about}))
    routing.settle()
    shown = now(app, ticket)
    assert (shown["assignee_id"], shown["queue_id"]) == (None, queue["id"])
    clock.move(timedelta(hours=2))
    routing.settle()
    assert assigned(app, ticket) == agent["id"]
