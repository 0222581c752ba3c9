"""Statements over REST: drafted, closed once and for good, and corrected in the next one (SA-14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.harness import TestDatabase
from rapport.sales.events.v1 import commission_events_pb2 as events
from services.sales.tests.builders import (
    OPPORTUNITIES,
    Sales,
    at_once,
    facts,
    good,
    lasting_app,
    move,
    places,
    refused,
)
from services.sales.tests.commissioning import (
    PLANS,
    QUOTAS,
    STATEMENTS,
    close,
    define_plan,
    deliver,
    lines,
    open_statement,
    quota_of,
    refund,
)
from services.sales.tests.forecasting import SalesForce, assert_kept, money

JANUARY, FEBRUARY, MARCH = "2031-01", "2031-02", "2031-03"
MONTH = timedelta(days=30)


@pytest.fixture
def force(timed: Sales, clock: MovableClock) -> SalesForce:
    """People who sell, and their manager, by a clock that begins on 15 January 2031."""
    clock.move(datetime(2031, 1, 15, 12, tzinfo=UTC) - clock.now())
    return SalesForce(timed, lasting_app(timed, clock))


def reopen(force: SalesForce, one: dict[str, Any]) -> None:
    """Have a deal be open again."""
    good(force.app.post(f"{OPPORTUNITIES}/{one['id']}/reopen", {}))


def test_a_statement_adds_up_deal_by_deal(force: SalesForce) -> None:
    good(force.app.post(QUOTAS, quota_of(force.ann)))
    plan = define_plan(force.app, force.ann)
    for amount in ("800.05", "400"):
        force.win(force.ann, amount)
    force.win(force.bob, "7777")
    statement = good(open_statement(force.app, plan, force.ann, JANUARY))
    assert statement["quota"] == money("1000.00")
    assert (statement["credited"], statement["attained_percent"]) == (money("1200.05"), "120.01")
    owed = [Decimal(one["amount"]["amount"]) for one in statement["lines"]]
    # 1000 at 10 %, and 200.05 at 15 %: 130.0075.
    assert (sum(owed), statement["total"]) == (Decimal("130.01"), money("130.01"))
    assert {one["rate"] for one in statement["lines"]} == {"10"}
    assert statement["terms"]["tiers"] == plan["tiers"]
    assert (statement["state"], statement["next_period"]) == ("open", JANUARY)
    assert {"amount", "correction", "total"} < statement["definitions"].keys()


def test_a_closed_statement_stays_whatever_changes(
    force: SalesForce, timed: Sales, clock: MovableClock
) -> None:
    quota = good(force.app.post(QUOTAS, quota_of(force.ann)))
    plan = define_plan(force.app, force.ann)
    won = force.win(force.ann, "500")
    clock.move(MONTH)
    closed = good(close(force.manager, plan, force.ann, JANUARY))
    assert (closed["total"], closed["closed_by"]) == (money("50.00"), f"user:{force.boss}")
    path = f"{STATEMENTS}/{closed['id']}"
    assert force.app.get(path).json == closed
    good(force.app.patch(f"{PLANS}/{plan['id']}", {"rate": "99"}))
    good(force.app.patch(f"{QUOTAS}/{quota['id']}", {"amount": money("1")}))
    reopen(force, won)
    assert force.app.get(path).json == closed
    again = close(force.manager, plan, force.ann, JANUARY)
    assert refused(again) == (409, "statement_closed")
    assert refused(open_statement(force.app, plan, force.ann, JANUARY)) == (409, "statement_closed")
    (summary,) = force.app.get(STATEMENTS).json["items"]
    assert (summary["id"], summary["total"]) == (closed["id"], money("50.00"))
    (told,) = facts(timed, force.app, events.CommissionStatementClosed)
    assert (told.statement_id, told.total.amount) == (closed["id"], "50.00")


def test_a_reopened_deal_is_corrected_in_the_next_statement_by_the_terms_of_its_own_period(
    force: SalesForce, clock: MovableClock
) -> None:
    good(force.app.post(QUOTAS, quota_of(force.ann)))
    plan = define_plan(force.app, force.ann)
    kept, gone = force.win(force.ann, "900"), force.win(force.ann, "300")
    clock.move(MONTH)
    january = good(close(force.app, plan, force.ann, JANUARY))
    assert january["total"] == money("130.00")
    good(force.app.patch(f"{PLANS}/{plan['id']}", {"rate": "20"}))
    reopen(force, gone)
    force.win(force.ann, "100")
    # Of 1200, of which 200 were accelerated, 900 are left: 90 instead of 130 were due.
    february = good(open_statement(force.app, plan, force.ann, FEBRUARY))
    assert lines(february) == [
        ("credit", FEBRUARY, "100.00", "20.00"),
        ("correction", JANUARY, "-300.00", "-40.00"),
    ]
    assert (february["corrected"], february["total"]) == (money("-40.00"), money("-20.00"))
    # Before its turn a statement corrects nothing: else it would be done twice.
    assert lines(good(open_statement(force.app, plan, force.ann, MARCH))) == []
    clock.move(MONTH)
    settled = good(close(force.app, plan, force.ann, FEBRUARY))
    assert lines(settled) == lines(february)
    assert lines(good(open_statement(force.app, plan, force.ann, MARCH))) == []
    # Won again for another amount, it counts in that month; January stays corrected.
    path = f"{OPPORTUNITIES}/{gone['id']}"
    good(force.app.patch(path, {"amount": money("250")}))
    good(move(force.app, gone, "won"))
    reopen(force, kept)
    assert lines(good(open_statement(force.app, plan, force.ann, MARCH))) == [
        ("credit", MARCH, "250.00", "50.00"),
        ("correction", JANUARY, "-900.00", "-90.00"),
    ]


def test_a_refund_and_a_late_delivery_are_corrected_in_the_next_statement(
    force: SalesForce, clock: MovableClock
) -> None:
    quota = quota_of(force.ann, "1000", measure="revenue_delivered")
    good(force.app.post(QUOTAS, quota))
    plan = define_plan(force.app, force.ann, basis="delivered", category_rates={"beans": "2"})
    order = deliver(force, force.ann, ("beans", "105"), ("mills", "1050"))
    clock.move(MONTH)
    january = good(close(force.app, plan, force.ann, JANUARY))
    # 2 and 100, times 1050 / 1100: of 1100 the first 1000 count once, and 100 one and a half times.
    assert (january["credited"], january["total"]) == (money("1100.00"), money("106.64"))
    refund(force, order, "231")
    deliver(force, force.ann, ("mills", "105"))
    february = good(open_statement(force.app, plan, force.ann, FEBRUARY))
    # Without the refunded fifth of it January's quota is missed: 1.60 and 80 were due.
    assert lines(february)[0] == ("credit", FEBRUARY, "100.00", "10.00")
    assert sorted(line[:3] for line in lines(february)[1:]) == [
        ("correction", JANUARY, "-20.00"),
        ("correction", JANUARY, "-200.00"),
    ]
    assert (february["corrected"], february["total"]) == (money("-25.04"), money("-15.04"))
    # Noted now, delivered then.
    late = deliver_on(force, "2031-01-20T08:00:00Z")
    february = good(open_statement(force.app, plan, force.ann, FEBRUARY))
    assert late["id"] in [line["source_id"] for line in february["lines"]]
    assert ("correction", JANUARY, "200.00") in [line[:3] for line in lines(february)]
    # With 80 of beans and 1000 of mills, 80 of the 1080 are above the quota.
    assert february["corrected"] == money("-1.28")


def deliver_on(force: SalesForce, moment: str) -> dict[str, Any]:
    """An order of a mill for 210 that was delivered at a moment that has passed."""
    line = {"name": "Mill", "unit_price": "210", "tax_percent": "5", "category": "mills"}
    body = {
        "company_id": str(uuid4()),
        "owner_id": str(force.ann),
        "currency": "TWD",
        "lines": [line],
        "confirmed": True,
        "placed_at": "2031-01-19T08:00:00Z",
    }
    order = good(force.app.post("/v1/sales/orders", body))
    path = f"/v1/sales/orders/{order['id']}/deliver"
    return good(force.app.post(path, {"delivered_at": moment}))


def test_statements_are_closed_in_their_order_once_the_period_is_over(
    force: SalesForce, clock: MovableClock
) -> None:
    since = [{"user_id": str(force.ann), "since": "2031-01-20"}]
    plan = define_plan(force.app, participants=since)
    force.win(force.ann, "100")
    clock.move(timedelta(days=10))
    force.win(force.ann, "30")
    statement = good(open_statement(force.app, plan, force.ann, JANUARY))
    # What was won before it was the person's plan does not count.
    assert lines(statement) == [("credit", JANUARY, "30.00", "3.00")]
    assert (statement["counted_from"], statement["counted_until"]) == ("2031-01-20", "2031-01-31")
    assert refused(close(force.app, plan, force.ann, JANUARY)) == (409, "period_not_over")
    clock.move(MONTH * 2)
    assert refused(close(force.app, plan, force.ann, FEBRUARY)) == (409, "statement_not_next")
    for period in ("2030-12", "2031-Q1", "2031-01-01..2031-01-30"):
        answer = close(force.app, plan, force.ann, period)
        assert places(answer) == [("/period", "period_not_of_plan")], period
    good(close(force.app, plan, force.ann, JANUARY))
    good(close(force.app, plan, force.ann, FEBRUARY))
    # Who has statements stays with the plan, until a last day, for what is corrected later.
    path = f"{PLANS}/{plan['id']}"
    answer = force.app.patch(path, {"participants": []})
    assert refused(answer) == (409, "participant_has_statements")
    good(force.app.patch(path, {"participants": [{**since[0], "until": "2031-02-28"}]}))
    force.win(force.ann, "1000")
    march = good(open_statement(force.app, plan, force.ann, MARCH))
    assert (lines(march), march["counted_from"]) == ([], None)


def test_what_changes_in_one_of_the_latest_24_closed_periods_is_corrected_and_no_more(
    force: SalesForce, clock: MovableClock
) -> None:
    plan = define_plan(force.app, force.ann)
    months = [f"{2031 + n // 12}-{n % 12 + 1:02}" for n in range(26)]
    won: list[dict[str, Any]] = []
    for month in months[:25]:
        clock.move(datetime.fromisoformat(f"{month}-15T12:00:00+00:00") - clock.now())
        if len(won) < 2:
            won.append(force.win(force.ann, "100"))
        clock.move(MONTH)
        good(close(force.app, plan, force.ann, month))
    for deal in won:
        reopen(force, deal)
    draft = good(open_statement(force.app, plan, force.ann, months[25]))
    assert lines(draft) == [("correction", months[1], "-100.00", "-10.00")]
    assert "24 closed periods" in draft["definitions"]["correction"]
    clock.move(MONTH)
    settled = good(close(force.app, plan, force.ann, months[25]))
    assert settled["corrected"] == money("-10.00")


def test_who_takes_part_from_a_later_day_on_is_not_locked_out(
    force: SalesForce, clock: MovableClock
) -> None:
    plan = define_plan(force.app, force.ann)
    clock.move(MONTH)
    good(close(force.app, plan, force.ann, JANUARY))
    since = {"user_id": str(force.ann), "since": "2031-03-01"}
    good(force.app.patch(f"{PLANS}/{plan['id']}", {"participants": [since]}))
    clock.move(MONTH * 2)
    good(close(force.app, plan, force.ann, MARCH))


def test_of_two_who_close_at_the_same_time_one_does(
    force: SalesForce, timed: Sales, clock: MovableClock
) -> None:
    plan = define_plan(force.app, force.ann)
    force.win(force.ann, "100")
    clock.move(MONTH)
    calls = [lambda: close(force.app, plan, force.ann, JANUARY)] * 3
    assert at_once(*calls) == [201, 409, 409]
    assert len(force.app.get(STATEMENTS).json["items"]) == 1
    assert len(facts(timed, force.app, events.CommissionStatementClosed)) == 1


def test_everybody_sees_their_own_and_nobody_closes_it(
    force: SalesForce, clock: MovableClock, timed: Sales
) -> None:
    plan = define_plan(force.app, force.ann, force.boss, force.carl)
    clock.move(MONTH)
    own, mine, theirs = (
        good(close(force.app, plan, one, JANUARY)) for one in (force.ann, force.boss, force.carl)
    )
    seller = force.seller(force.ann)
    assert [one["id"] for one in seller.get(STATEMENTS).json["items"]] == [own["id"]]
    assert seller.get(f"{STATEMENTS}/{own['id']}").json == own
    for other in (mine, theirs):
        assert seller.get(f"{STATEMENTS}/{other['id']}").status_code == 404
    assert open_statement(seller, plan, force.ann, FEBRUARY).status_code == 200
    assert open_statement(seller, plan, force.boss, FEBRUARY).status_code == 404
    assert {one["id"] for one in force.manager.get(STATEMENTS).json["items"]} == {
        own["id"],
        mine["id"],
    }
    clock.move(MONTH)
    assert close(seller, plan, force.ann, FEBRUARY).status_code == 403
    assert refused(close(force.manager, plan, force.boss, FEBRUARY)) == (403, "own_statement")
    assert refused(close(force.manager, plan, force.carl, FEBRUARY)) == (404, "not_found")
    assert close(force.manager, plan, uuid4(), FEBRUARY).status_code == 404
    assert close(force.app, plan, uuid4(), FEBRUARY).status_code == 404
    stranger = lasting_app(timed, clock)
    assert stranger.get(STATEMENTS).json["items"] == []
    assert stranger.get(f"{STATEMENTS}/{own['id']}").status_code == 404
    assert close(stranger, plan, force.ann, FEBRUARY).status_code == 404
    assert open_statement(stranger, plan, force.ann, FEBRUARY).status_code == 404


def test_the_database_lets_nobody_change_a_statement(
    database: TestDatabase, force: SalesForce, clock: MovableClock
) -> None:
    plan = define_plan(force.app, force.ann)
    force.win(force.ann, "100")
    clock.move(MONTH)
    good(close(force.app, plan, force.ann, JANUARY))
    assert_kept(database, "commission_statements", "commission_lines")


def test_listing_needs_a_token(timed: Sales) -> None:
    assert refused(timed.anonymous().get(STATEMENTS)) == (401, "token_missing")


def test_a_query_for_no_period_is_refused(force: SalesForce) -> None:
    plan = define_plan(force.app, force.ann)
    assert open_statement(force.app, plan, force.ann, "soon").status_code == 400
    assert close(force.app, plan, force.ann, "soon").status_code == 422
