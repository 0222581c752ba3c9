"""Where tickets go and to whom: by rules, by what is known of the customer, and by who has room (DE-5)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import routing_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    facts,
    good,
    lasting_app,
    open_ticket,
    refused,
)
from services.desk.tests.routing_builders import (
    PREVIEW,
    QUEUES,
    RoutingByHand,
    assigned,
    decisions,
    make_agent,
    make_queue,
    make_rule,
    now,
)


@pytest.fixture
def app(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app whose token outlives a moved clock."""
    return lasting_app(timed, clock)


@pytest.fixture
def routing(timed: Desk, app: ApiClient) -> RoutingByHand:
    """Routing, done when the test says so."""
    return RoutingByHand(timed, app)


def test_decisions_need_a_token_and_are_within_the_tickets_reach(
    timed: Desk, app: ApiClient, clock: MovableClock, routing: RoutingByHand
) -> None:
    make_queue(app)
    ticket = open_ticket(app)
    routing.settle()
    path = f"{TICKETS}/{ticket['id']}/routing"
    assert refused(timed.anonymous().get(path)) == (401, "token_missing")
    assert refused(lasting_app(timed, clock).get(path)) == (404, "not_found")
    assert app.tenant_id is not None
    elsewhere = timed.user_client(app.tenant_id, {"desk.tickets.read": "own"})
    assert refused(elsewhere.get(path)) == (404, "not_found")
    assert len(good(app.get(path))["items"]) == 1


def test_a_tenant_without_queues_has_nothing_routed(app: ApiClient, routing: RoutingByHand) -> None:
    ticket = open_ticket(app)
    routing.settle()
    assert now(app, ticket) == ticket
    assert decisions(app, ticket) == []


def test_what_no_rule_takes_goes_into_the_general_queue(
    app: ApiClient, routing: RoutingByHand
) -> None:
    make_queue(app)
    make_rule(app, 'type == "complaint"')
    ticket = open_ticket(app)
    routing.settle()
    general = good(app.get(f"{QUEUES}?key=general"))["items"][0]
    assert now(app, ticket)["queue_id"] == general["id"]
    (decision,) = decisions(app, ticket)
    assert (decision["routing_rule_id"], decision["reason"]) == (None, "nobody_free")


def test_a_rule_sends_a_ticket_to_a_queue_and_whoever_can_take_it(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    repairs = make_queue(app, "repairs", default_priority="high")
    rule = make_rule(
        app,
        'type == "incident" && product_sku.startsWith("EM")',
        queue_id=repairs["id"],
        skills=[{"key": "grinders", "level": 3}],
        same_language=True,
    )
    skills = [{"key": "grinders", "level": 3}]
    novice = make_agent(timed, app, repairs, languages=["zh-Hant"])
    foreign = make_agent(timed, app, repairs, skills=skills, languages=["de"])
    able = make_agent(timed, app, repairs, skills=skills, languages=["zh-Hant"])
    about = {"type": "incident", "product_sku": "EM-7", "language": "zh-Hant"}
    ticket = open_ticket(app, **about)
    preview = good(app.post(PREVIEW, about))
    routing.settle()
    shown = now(app, ticket)
    assert (shown["queue_id"], shown["assignee_id"]) == (repairs["id"], able["id"])
    assert shown["priority"] == "high"
    (decision,) = decisions(app, ticket)
    assert decision["routing_rule_id"] == rule["id"]
    assert {one["agent_id"]: one["because"] for one in decision["skipped"]} == {
        novice["id"]: "lacks_skill",
        foreign["id"]: "other_language",
    }
    for name in ("queue_id", "assignee_id", "priority"):
        assert preview[name] == decision["after"][name]
    assert (preview["routing_rule_id"], preview["skipped"]) == (rule["id"], decision["skipped"])
    (told,) = facts(timed, app, events.TicketRouted)
    assert (told.ticket.assignee_id, told.purpose, told.previous_priority) == (
        able["id"],
        "route",
        "normal",
    )


def test_what_was_opened_in_a_queue_stays_there(app: ApiClient, routing: RoutingByHand) -> None:
    billing, repairs = make_queue(app), make_queue(app, "repairs")
    make_rule(app, queue_id=repairs["id"])
    ticket, other = open_ticket(app, queue_id=billing["id"]), open_ticket(app)
    routing.settle()
    assert now(app, ticket)["queue_id"] == billing["id"]
    assert now(app, other)["queue_id"] == repairs["id"]


def test_a_ticket_that_somebody_has_stays_theirs(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    make_rule(app, queue_id=queue["id"])
    mine, other = make_agent(timed, app, queue), make_agent(timed, app, queue)
    ticket = open_ticket(app, assignee_id=mine["id"])
    free = open_ticket(app)
    routing.settle()
    assert assigned(app, ticket) == mine["id"]
    assert assigned(app, free) == other["id"]


def test_tickets_that_come_at_once_never_exceed_what_agents_can_carry(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    agents = [make_agent(timed, app, queue, capacity=2) for _ in range(3)]
    tickets = [open_ticket(app, queue_id=queue["id"]) for _ in range(9)]
    routing.hear()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: routing.router.route_due(), range(4)))
    routing.settle()
    got = Counter(assigned(app, ticket) for ticket in tickets)
    assert got == {**{agent["id"]: 2 for agent in agents}, None: 3}


def test_by_turns_it_is_fair_also_at_once(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app, method="round_robin")
    agents = [make_agent(timed, app, queue) for _ in range(3)]
    tickets = []
    for _ in range(3):
        tickets += [open_ticket(app, queue_id=queue["id"]) for _ in range(4)]
        routing.hear()
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: routing.router.route_due(), range(3)))
    routing.settle()
    got = Counter(assigned(app, ticket) for ticket in tickets)
    assert got == {agent["id"]: 4 for agent in agents}


def test_two_routers_decide_once_about_a_ticket(app: ApiClient, routing: RoutingByHand) -> None:
    make_queue(app)
    ticket = open_ticket(app)
    routing.hear()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: routing.router.route_due(), range(2)))
    assert len(decisions(app, ticket)) == 1


def test_what_is_put_into_another_queue_finds_somebody_there(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    billing, repairs = make_queue(app), make_queue(app, "repairs")
    first = make_agent(timed, app, billing)
    second = make_agent(timed, app, repairs)
    ticket = open_ticket(app, queue_id=billing["id"])
    routing.settle()
    assert assigned(app, ticket) == first["id"]
    good(app.post(f"{TICKETS}/{ticket['id']}/assign", {"queue_id": repairs["id"]}))
    routing.settle()
    assert assigned(app, ticket) == second["id"]
    assert decisions(app, ticket)[0]["purpose"] == "assign"


def test_what_somebody_puts_back_finds_somebody_else(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app)
    people = {make_agent(timed, app, queue)["id"] for _ in range(2)}
    ticket = open_ticket(app, queue_id=queue["id"])
    routing.settle()
    first = assigned(app, ticket)
    good(app.post(f"{TICKETS}/{ticket['id']}/assign", {"assignee_id": None}))
    routing.settle()
    assert {first, assigned(app, ticket)} == people


def body_of(customer: dict[str, Any]) -> dict[str, Any]:
    """A preview for such a customer."""
    return {"type": "question", "customer": customer}


def test_a_preview_changes_nothing_and_asks_nobody(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue = make_queue(app, method="round_robin")
    make_rule(app, 'tier == "gold"', queue_id=queue["id"])
    make_agent(timed, app, queue)
    assert app.tenant_id is not None
    before = timed.facts(app.tenant_id)
    gold = good(app.post(PREVIEW, body_of({"tier": "gold"})))
    plain = good(app.post(PREVIEW, body_of({})))
    assert (gold["queue_id"], plain["queue_id"], plain["reason"]) == (
        queue["id"],
        None,
        "no_queue",
    )
    assert timed.facts(app.tenant_id) == before
    assert routing.memberships.asked == Counter()
    assert app.post(PREVIEW, {"queue_id": str(uuid4())}).status_code == 422
    reader = timed.app_client(app.tenant_id, "desk.tickets.read")
    assert refused(reader.post(PREVIEW, body_of({}))) == (403, "permission_missing")
