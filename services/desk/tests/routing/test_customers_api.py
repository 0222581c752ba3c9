"""What loyalty and contacts say of a customer counts, and nothing waits for what they do not say (DE-5)."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.routing.customers import CustomerAsker, Worth
from desk.routing.router import Router
from services.desk.tests.builders import TICKETS, Desk, good, lasting_app, open_ticket
from services.desk.tests.routing_builders import (
    SETTINGS,
    RoutingByHand,
    assigned,
    decisions,
    make_agent,
    make_queue,
    make_rule,
    now,
)
from services.desk.tests.routing_fakes import FakeMemberships, FakeOwners

GOLD = {"tiers": ["gold"], "least_value": None, "raise_to": "high"}
RICH = {
    "tiers": [],
    "least_value": {"amount": "50000.00", "currency": "TWD"},
    "raise_to": "urgent",
}


@pytest.fixture
def app(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app whose token outlives a moved clock."""
    return lasting_app(timed, clock)


@pytest.fixture
def routing(timed: Desk, app: ApiClient) -> RoutingByHand:
    """Routing, done when the test says so."""
    return RoutingByHand(timed, app)


@pytest.mark.parametrize(
    ("tier", "value", "currency", "priority"),
    [
        ("gold", "", "TWD", "high"),
        ("silver", "", "TWD", "normal"),
        ("gold", "50000.00", "TWD", "urgent"),
        ("", "49999.99", "TWD", "normal"),
        ("", "99999.00", "JPY", "normal"),
    ],
)
def test_valuable_customers_are_looked_at_sooner(
    app: ApiClient, routing: RoutingByHand, tier: str, value: str, currency: str, priority: str
) -> None:
    good(app.put(SETTINGS, {"valuable": [GOLD, RICH]}))
    person = uuid4()
    routing.memberships.know(person, tier=tier, value=value, currency=currency)
    ticket = open_ticket(app, person_id=str(person))
    routing.settle()
    assert now(app, ticket)["priority"] == priority
    assert decisions(app, ticket)[0]["heard"]["tier"] == tier


def test_others_are_asked_about_several_tickets_at_the_same_time(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    together = Barrier(3)

    class Together(FakeMemberships):
        """Answers once it is asked about three at the same time."""

        def worth(self, tenant_id: UUID, person_id: UUID) -> Worth:
            """Gold, for all."""
            del tenant_id, person_id
            together.wait(timeout=20)
            return Worth("gold")

    make_queue(app)
    people = [uuid4() for _ in range(3)]
    tickets = [open_ticket(app, person_id=str(one)) for one in people]
    routing.hear()
    service = timed.service
    asker = CustomerAsker(Together(), FakeOwners(), seconds=30)
    router = Router(service.database, service.operations, asker, "desk", service.clock)
    router.route_due()
    router.stop(5)
    assert [decisions(app, one)[0]["heard"]["tier"] for one in tickets] == ["gold"] * 3


def test_nobodys_priority_is_lowered(app: ApiClient, routing: RoutingByHand) -> None:
    queue = make_queue(app, default_priority="low")
    make_rule(app, queue_id=queue["id"], raise_priority_to="normal")
    ticket = open_ticket(app, priority="urgent")
    routing.settle()
    assert now(app, ticket)["priority"] == "urgent"


def test_conditions_see_tier_value_and_owner(app: ApiClient, routing: RoutingByHand) -> None:
    person, owner = uuid4(), uuid4()
    queue = make_queue(app, method="manual")
    make_rule(
        app,
        f'tier == "gold" && value >= 123450 && owner_id == "{owner}"',
        queue_id=queue["id"],
    )
    routing.memberships.know(person, tier="gold", value="1234.50")
    routing.owners.known[person] = owner
    ticket = open_ticket(app, person_id=str(person))
    routing.settle()
    assert now(app, ticket)["queue_id"] == queue["id"]


def test_the_customers_owner_gets_it_first_if_they_can(
    timed: Desk, app: ApiClient, routing: RoutingByHand
) -> None:
    queue, company = make_queue(app), uuid4()
    make_rule(app, queue_id=queue["id"], owner_first=True)
    other = make_agent(timed, app, queue)
    owner = make_agent(timed, app, capacity=1)
    routing.owners.known[company] = UUID(owner["id"])
    first, second = (open_ticket(app, company_id=str(company)) for _ in range(2))
    routing.settle()
    assert [assigned(app, one) for one in (first, second)] == [owner["id"], other["id"]]
    skipped = decisions(app, second)[0]["skipped"]
    assert {"agent_id": owner["id"], "because": "full"} in skipped


def test_while_loyalty_is_down_it_is_routed_without_and_raised_once_it_answers(
    timed: Desk, app: ApiClient, clock: MovableClock, routing: RoutingByHand
) -> None:
    person, queue = uuid4(), make_queue(app)
    make_rule(app, queue_id=queue["id"])
    good(app.put(SETTINGS, {"valuable": [GOLD]}))
    agent = make_agent(timed, app, queue)
    routing.memberships.know(person, tier="gold")
    routing.memberships.away.add(person)
    ticket = open_ticket(app, person_id=str(person))
    routing.settle()
    assert (now(app, ticket)["priority"], assigned(app, ticket)) == ("normal", agent["id"])
    assert decisions(app, ticket)[0]["heard"]["missing"] == ["loyalty"]
    for _ in range(4):
        clock.move(timedelta(minutes=10))
        routing.settle()
    assert routing.memberships.asked[person] > 3
    assert len(decisions(app, ticket)) == 1
    other = make_queue(app, "repairs")
    make_rule(app, queue_id=other["id"], position=0)
    routing.memberships.away.clear()
    clock.move(timedelta(minutes=10))
    routing.settle()
    shown = now(app, ticket)
    assert (shown["priority"], shown["queue_id"]) == ("high", queue["id"])
    assert shown["assignee_id"] == agent["id"]
    latest = decisions(app, ticket)[0]
    assert (latest["purpose"], latest["heard"]["missing"]) == ("appraise", [])
    asked = routing.memberships.asked[person]
    clock.move(timedelta(days=1))
    routing.settle()
    assert routing.memberships.asked[person] == asked


def test_who_has_written_is_found_out_first_as_their_worth_decides(
    app: ApiClient, clock: MovableClock, routing: RoutingByHand
) -> None:
    person, queue = uuid4(), make_queue(app, method="manual")
    make_rule(app, 'tier == "gold"', queue_id=queue["id"])
    routing.memberships.know(person, tier="gold")
    ticket, other = (open_ticket(app, requester_address="ada@example.com") for _ in range(2))
    routing.settle()
    assert [decisions(app, one) for one in (ticket, other)] == [[], []]
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"person_id": str(person)}))
    routing.settle()
    assert now(app, ticket)["queue_id"] == queue["id"]
    # Contacts does not answer about the other one, which is not to wait for it.
    clock.move(timedelta(seconds=15))
    routing.settle()
    (decided,) = decisions(app, other)
    assert decided["after"]["queue_id"] not in (None, queue["id"])


def test_what_somebody_has_changed_meanwhile_is_not_raised_again(
    app: ApiClient, clock: MovableClock, routing: RoutingByHand
) -> None:
    person = uuid4()
    good(app.put(SETTINGS, {"valuable": [GOLD]}))
    routing.memberships.know(person, tier="gold")
    routing.memberships.away.add(person)
    ticket = open_ticket(app, person_id=str(person))
    routing.settle()
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"priority": "low"}))
    routing.memberships.away.clear()
    clock.move(timedelta(minutes=10))
    routing.settle()
    assert now(app, ticket)["priority"] == "low"


def test_nobody_is_asked_about_a_settled_ticket(
    app: ApiClient, clock: MovableClock, routing: RoutingByHand
) -> None:
    person = uuid4()
    make_queue(app)
    routing.memberships.away.add(person)
    ticket = open_ticket(app, person_id=str(person))
    routing.settle()
    good(app.post(f"{TICKETS}/{ticket['id']}/resolve", {}))
    asked = routing.memberships.asked[person]
    clock.move(timedelta(hours=1))
    routing.settle()
    assert routing.memberships.asked[person] == asked


def test_while_contacts_is_slow_it_is_routed_without(
    app: ApiClient, routing: RoutingByHand
) -> None:
    person = uuid4()
    make_queue(app)
    routing.memberships.know(person, tier="gold")
    routing.owners.slow.add(person)
    ticket = open_ticket(app, person_id=str(person))
    try:
        routing.settle()
    finally:
        routing.owners.hurry.set()
    heard = decisions(app, ticket)[0]["heard"]
    assert (heard["missing"], heard["tier"]) == (["contacts"], "gold")


def test_whose_concern_it_is_may_become_known_later(app: ApiClient, routing: RoutingByHand) -> None:
    good(app.put(SETTINGS, {"valuable": [GOLD]}))
    person = uuid4()
    routing.memberships.know(person, tier="gold")
    ticket = open_ticket(app)
    routing.settle()
    good(app.patch(f"{TICKETS}/{ticket['id']}", {"person_id": str(person)}))
    routing.settle()
    assert now(app, ticket)["priority"] == "high"
