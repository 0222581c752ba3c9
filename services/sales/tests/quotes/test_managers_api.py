"""Discounts that need the manager of whoever submits the quote, as they are led then (SA-10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.access.leaders import on_team_placed
from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.events.reactions import Envelope
from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiAnswer, ApiClient
from rapport.identity.events.v1.access_events_pb2 import TeamPlaced
from rapport.sales.events.v1 import quote_events_pb2 as events
from sales.transaction import SalesTx
from services.sales.tests.builders import Sales, at_once, facts, fire, good, lasting_app, refused
from services.sales.tests.catalogue import price_all, price_book, product
from services.sales.tests.quoting import APPROVAL_RULES, QUOTES, draft

OWN = {
    "sales.quotes.read": "own",
    "sales.quotes.write": "own",
    "sales.quotes.approve": "own",
}


class Firm:
    """Ann sells in the team `north`, which Bob leads; Cai leads the team above."""

    def __init__(self, sales: Sales) -> None:
        self.sales = sales
        self.tenant = sales.new_tenant()
        self.app = sales.app_client(self.tenant)
        self.ids = {name: uuid4() for name in ("ann", "bob", "cai", "dan")}
        self.north, self.all = uuid4(), uuid4()
        self.users = {name: self.user(name) for name in self.ids}
        self.sold = product(self.app)
        price_all(self.app, price_book(self.app), self.sold, "100")
        self._version = 0

    def user(self, name: str) -> ApiClient:
        """One of them; all are in the team."""
        teams = (self.north,)
        return self.sales.user_client(self.tenant, OWN, user_id=self.ids[name], teams=teams)

    def lead(self, team: UUID, name: str, above: UUID | None = None) -> None:
        """Have identity say who leads a team."""
        self._version += 1
        placed = TeamPlaced(
            team_id=str(team),
            name="Team",
            manager_id=str(self.ids[name]),
            parent_team_id=None if above is None else str(above),
        )
        tenant, version = self.tenant, self._version

        def react(tx: SalesTx) -> None:
            envelope = Envelope(
                id=tx.ids.new(),
                type=TeamPlaced.DESCRIPTOR.full_name,
                tenant_id=tenant,
                aggregate_id=team,
                aggregate_version=version,
                actor="service:identity",
                occurred_at=tx.clock.now(),
                traceparent=None,
            )
            on_team_placed(tx, placed, envelope)

        caller = service_caller("sales", tenant)
        self.sales.service.operations.transact(caller, EVERYTHING, "react", react)

    def rule(self, over: str = "15", **more: Any) -> dict[str, Any]:
        """A rule that asks the manager, unless told otherwise."""
        body = {"name": {"en": f"Over {over}"}, "over_percent": over, "manager": True, **more}
        return good(self.app.post(APPROVAL_RULES, body))

    def drafted(self, who: str = "ann", percent: str = "18", **more: Any) -> str:
        """The path of a quote with a discount."""
        items = [{"product_id": self.sold["id"], "discount_percent": percent}]
        return f"{QUOTES}/{draft(self.users[who], items=items, **more)['id']}"

    def submit(self, path: str, who: str = "ann") -> ApiAnswer:
        """Try to submit a quote."""
        return self.users[who].post(f"{path}/submit")


@pytest.fixture
def firm(sales: Sales) -> Firm:
    """A firm in a tenant of its own, in which everybody is led."""
    one = Firm(sales)
    one.lead(one.north, "bob", one.all)
    one.lead(one.all, "cai")
    return one


def test_a_discount_over_the_limit_needs_the_manager_of_whoever_submits(firm: Firm) -> None:
    rule = firm.rule()
    assert rule["manager"] is True
    path = firm.drafted()
    (step,) = good(firm.submit(path))["approvals"]
    assert (step["user_id"], step["manager"]) == (str(firm.ids["bob"]), True)
    (told,) = facts(firm.sales, firm.app, events.QuoteSubmitted)
    assert told.quote.awaited_user_id == str(firm.ids["bob"])
    assert refused(firm.users["ann"].post(f"{path}/approve")) == (403, "not_the_approver")
    assert firm.users["cai"].post(f"{path}/approve").status_code == 404
    assert good(firm.users["bob"].post(f"{path}/approve"))["status"] == "approved"
    (told,) = facts(firm.sales, firm.app, events.QuoteApproved)
    assert not told.quote.HasField("awaited_user_id")
    within = firm.drafted(percent="15")
    assert good(firm.submit(within))["status"] == "approved"


def test_a_manager_who_submits_is_approved_by_whoever_leads_them(firm: Firm) -> None:
    firm.rule()
    path = firm.drafted("bob")
    (step,) = good(firm.submit(path, "bob"))["approvals"]
    assert step["user_id"] == str(firm.ids["cai"])
    assert refused(firm.users["bob"].post(f"{path}/approve")) == (403, "not_the_approver")
    assert good(firm.users["cai"].post(f"{path}/approve"))["status"] == "approved"


def test_a_step_stays_with_whoever_led_them_when_it_was_submitted(firm: Firm) -> None:
    firm.rule()
    path = firm.drafted()
    good(firm.submit(path))
    firm.lead(firm.north, "dan", firm.all)
    assert firm.users["dan"].post(f"{path}/approve").status_code == 404
    assert good(firm.users["bob"].post(f"{path}/approve"))["status"] == "approved"
    (step,) = good(firm.submit(path))["approvals"]  # submitted anew, it is the new one's
    assert step["user_id"] == str(firm.ids["dan"])


def test_without_a_manager_nothing_is_submitted_unless_the_rule_names_somebody(
    sales: Sales,
) -> None:
    firm = Firm(sales)
    rule = firm.rule()
    path = firm.drafted()
    assert refused(firm.submit(path)) == (409, "manager_missing")
    assert good(firm.users["ann"].get(path))["status"] == "draft"
    assert firm.app.delete(f"{APPROVAL_RULES}/{rule['id']}").status_code == 204
    firm.rule(user_id=str(firm.ids["dan"]))
    (step,) = good(firm.submit(path))["approvals"]
    assert (step["user_id"], step["manager"]) == (str(firm.ids["dan"]), False)
    assert good(firm.users["dan"].post(f"{path}/approve"))["status"] == "approved"


def test_who_stands_in_for_a_manager_approves_nothing_of_their_own(sales: Sales) -> None:
    firm = Firm(sales)
    firm.rule(user_id=str(firm.ids["dan"]))
    assert refused(firm.submit(firm.drafted("dan"), "dan")) == (409, "approver_involved")
    firm.rule("16", user_id=str(firm.ids["dan"]), deputy_id=str(firm.ids["cai"]))
    assert refused(firm.submit(firm.drafted("dan"), "dan")) == (409, "approver_involved")


def test_the_deputy_takes_the_step_of_a_manager_who_has_another_one(firm: Firm) -> None:
    firm.rule()
    two = firm.rule("16", manager=False, user_id=str(firm.ids["bob"]))
    path = firm.drafted()
    assert refused(firm.submit(path)) == (409, "approver_involved")
    firm.app.delete(f"{APPROVAL_RULES}/{two['id']}")
    deputy = str(firm.ids["cai"])
    firm.rule("16", manager=False, user_id=str(firm.ids["bob"]), deputy_id=deputy)
    good(firm.submit(path))
    good(firm.users["bob"].post(f"{path}/approve"))
    assert refused(firm.users["bob"].post(f"{path}/approve")) == (403, "approver_involved")
    assert good(firm.users["cai"].post(f"{path}/approve"))["status"] == "approved"


def test_two_who_submit_and_a_manager_who_approves_at_once_take_the_step_once(firm: Firm) -> None:
    firm.rule()
    path = firm.drafted()
    assert at_once(*[lambda: firm.submit(path)] * 2) == [200, 409]
    bob = firm.users["bob"]
    assert at_once(*[lambda: bob.post(f"{path}/approve")] * 2) in ([200, 404], [200, 409])
    assert len(facts(firm.sales, firm.app, events.QuoteApproved)) == 1


def test_what_a_manager_has_approved_cannot_be_sent_after_its_last_day(
    timed: Sales, clock: MovableClock
) -> None:
    firm = Firm(timed)
    firm.lead(firm.north, "bob")
    firm.rule()
    last = (clock.now() + timedelta(days=1)).date().isoformat()
    path = firm.drafted(valid_until=last)
    good(firm.submit(path))
    good(firm.users["bob"].post(f"{path}/approve"))
    clock.move(timedelta(days=3))
    fire(timed)
    assert refused(lasting_app(timed, clock, firm.tenant).post(f"{path}/send")) == (
        409,
        "quote_expired",
    )
