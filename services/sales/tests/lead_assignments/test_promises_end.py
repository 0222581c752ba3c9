"""Promises of first contact end when a lead goes elsewhere, and begin anew for who takes it over (SA-3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import assignment_events_pb2 as events
from services.sales.tests.assigning import RULES, assignments, define_rule, people, seen, tenant_of
from services.sales.tests.builders import (
    LEADS,
    Sales,
    at_once,
    capture,
    define_reason,
    facts,
    fire,
    good,
    lasting_app,
    lasting_user,
    refused,
)
from services.sales.tests.qualifying import set_freshness, settle, stale_rule

HOUR = {"within_minutes": 60}
CALL = {"kind": "call", "outbound": True}


class Desk:
    """A tenant whose leads go to the first of two people, who promise contact within the hour."""

    def __init__(self, sales: Sales, clock: MovableClock) -> None:
        self.sales, self.clock = sales, clock
        self.app = lasting_app(sales, clock)
        self.one, self.two, self.chosen = people(3)
        self.rule = define_rule(self.app, self.one, self.two, promise=HOUR)

    def give(self, lead: dict[str, Any], owner: str | None) -> dict[str, Any]:
        """Have somebody have a lead, by hand."""
        return good(self.app.patch(f"{LEADS}/{lead['id']}", {"owner_id": owner}))

    def user(self, who: str) -> ApiClient:
        """A user who may claim leads, with a token that holds by now."""
        claims = {"sales.lead_pool.claim": "all", "sales.leads.read": "all"}
        return lasting_user(self.sales, self.clock, tenant_of(self.app), claims, UUID(who))

    def told(self) -> tuple[int, int, int]:
        """How many promises were made by hand, have ended, and were broken."""
        kinds = (
            events.LeadFirstContactPromised,
            events.LeadFirstContactPromiseEnded,
            events.LeadFirstContactMissed,
        )
        promised, ended, missed = (len(facts(self.sales, self.app, kind)) for kind in kinds)
        return promised, ended, missed


@pytest.fixture
def desk(timed: Sales, clock: MovableClock) -> Desk:
    """A desk in a tenant of its own."""
    return Desk(timed, clock)


def due(lead: dict[str, Any]) -> datetime:
    """Until when first contact with a lead is promised."""
    return datetime.fromisoformat(lead["first_contact_due_at"])


def test_who_is_chosen_by_hand_promises_anew_and_the_promise_before_has_ended(desk: Desk) -> None:
    lead = capture(desk.app)
    desk.clock.move(timedelta(minutes=40))
    after = desk.give(lead, desk.chosen)
    assert due(after) == due(seen(desk.app, lead)) == due(lead) + timedelta(minutes=40)
    first, second = assignments(desk.app, lead)
    assert (first["missed_at"], first["promise_ended_at"]) == (None, after["updated_at"])
    assert (second["owner_id"], second["taken_over"]) == (desk.chosen, True)
    assert second["assignment_rule_id"] == desk.rule["id"]
    (ended,) = facts(desk.sales, desk.app, events.LeadFirstContactPromiseEnded)
    assert (ended.promised_by_user_id, ended.lead.owner_id) == (desk.one, desk.chosen)
    (promised,) = facts(desk.sales, desk.app, events.LeadFirstContactPromised)
    assert promised.contact_due_at.ToDatetime() == due(after).replace(tzinfo=None)
    # The time of the first promise passes, and nothing is broken; that of the second is.
    desk.clock.move(timedelta(minutes=30))
    fire(desk.sales)
    assert (desk.told(), seen(desk.app, lead)["owner_id"]) == ((1, 1, 0), desk.chosen)
    desk.clock.move(timedelta(minutes=31))
    fire(desk.sales)
    (missed,) = facts(desk.sales, desk.app, events.LeadFirstContactMissed)
    assert missed.promised_by_user_id == desk.chosen
    assert seen(desk.app, lead)["owner_id"] == desk.two


def test_a_lead_that_nobody_has_any_more_is_promised_nothing(desk: Desk) -> None:
    lead = capture(desk.app)
    assert desk.give(lead, None)["first_contact_due_at"] is None
    desk.clock.move(timedelta(hours=2))
    fire(desk.sales)
    assert desk.told() == (0, 1, 0)


def test_a_promise_ends_when_the_lead_is_recycled_and_begins_anew_when_it_is_claimed(
    timed: Sales, clock: MovableClock
) -> None:
    desk = Desk(timed, clock)
    app = desk.app
    long = {"within_minutes": 60 * 24 * 30}
    good(app.patch(f"{RULES}/{desk.rule['id']}", {"promise": long}))
    set_freshness(app, stale_rule("recycle"))
    lead = capture(app)
    assert due(lead) == clock.now() + timedelta(days=30)
    settle(timed, app)
    clock.move(timedelta(days=4))
    fire(timed)
    recycled = seen(app, lead)
    assert (recycled["owner_id"], recycled["first_contact_due_at"]) == (None, None)
    assert desk.told() == (0, 1, 0)
    (assignment,) = assignments(app, lead)
    assert (assignment["missed_at"], assignment["promise_ended_at"] is None) == (None, False)
    claimed = good(desk.user(desk.chosen).post(f"{LEADS}/{lead['id']}/claim"))
    assert due(claimed) == clock.now() + timedelta(days=30)
    assert desk.told() == (1, 1, 0)


def test_after_first_contact_nothing_is_promised_by_whoever_takes_over(desk: Desk) -> None:
    lead = capture(desk.app)
    good(desk.app.post(f"{LEADS}/{lead['id']}/touches", CALL))
    after = desk.give(lead, desk.chosen)
    assert due(after) == due(lead)  # as it was kept
    desk.clock.move(timedelta(hours=5))
    fire(desk.sales)
    assert desk.told() == (0, 0, 0)


def test_who_takes_over_promises_what_the_rule_says_by_then(desk: Desk) -> None:
    lead = capture(desk.app)
    good(desk.app.patch(f"{RULES}/{desk.rule['id']}", {"promise": {"within_minutes": 10}}))
    assert due(desk.give(lead, desk.chosen)) == desk.clock.now() + timedelta(minutes=10)
    assert desk.app.delete(f"{RULES}/{desk.rule['id']}").status_code == 204
    assert desk.give(lead, desk.two)["first_contact_due_at"] is None
    assert desk.told() == (1, 2, 0)


def test_a_lead_that_no_rule_had_promised_is_promised_nothing(desk: Desk) -> None:
    lead = capture(desk.app, owner_id=desk.one)
    assert desk.give(lead, desk.chosen)["first_contact_due_at"] is None
    assert assignments(desk.app, lead) == []
    define_reason(desk.app, "disqualification", "no_need")
    other = capture(desk.app, email="b@engines.example")
    good(desk.app.post(f"{LEADS}/{other['id']}/disqualify", {"reason": "no_need"}))
    assert desk.give(other, desk.chosen)["first_contact_due_at"] is None
    assert desk.told() == (0, 1, 0)


def test_a_refused_change_of_owner_leaves_the_promise_as_it_is(desk: Desk) -> None:
    lead = capture(desk.app)
    stale = {"If-Match": '"1"'}
    path = f"{LEADS}/{lead['id']}"
    assert desk.app.patch(path, {"owner_id": desk.chosen}, headers=stale).status_code == 412
    mine = desk.user(desk.chosen)
    assert refused(mine.post(f"{path}/claim")) == (409, "lead_not_in_pool")
    assert seen(desk.app, lead)["first_contact_due_at"] == lead["first_contact_due_at"]
    assert desk.told() == (0, 0, 0)


def test_a_hand_over_and_the_end_of_the_time_at_once_leave_one_owner_and_one_promise(
    desk: Desk,
) -> None:
    leads = [capture(desk.app, email=f"{n}@b.example") for n in range(5)]
    desk.clock.move(timedelta(minutes=61))

    def run() -> Any:
        fire(desk.sales)
        return desk.app.get(RULES)

    calls = [
        (lambda one=one: desk.app.patch(f"{LEADS}/{one['id']}", {"owner_id": desk.chosen}))
        for one in leads
    ]
    assert set(at_once(run, *calls, run)) == {200}
    for lead in leads:
        after, history = seen(desk.app, lead), assignments(desk.app, lead)
        assert after["owner_id"] == desk.chosen
        assert due(after) == desk.clock.now() + timedelta(minutes=60)
        running = [x for x in history if not (x["missed_at"] or x["promise_ended_at"])]
        assert [x["owner_id"] for x in running] == [desk.chosen]
