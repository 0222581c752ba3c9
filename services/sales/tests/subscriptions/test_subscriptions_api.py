"""Subscriptions over REST: begun, changed, paused, cancelled, taken up again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import subscription_events_pb2 as events
from services.sales.tests.builders import (
    Sales,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    places,
    refused,
)
from services.sales.tests.subscribing import (
    SUBSCRIPTIONS,
    cancel_reason,
    next_year,
    now_of,
    path_of,
    seat,
    subscribe,
)


def movements(client: ApiClient, one: dict[str, Any]) -> list[tuple[str, str]]:
    """How the revenue of a subscription moved: kinds and amounts."""
    found = good(client.get(path_of(one, "/movements")))["items"]
    return [(each["kind"], each["amount"]["amount"]) for each in found]


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    one = subscribe(app)
    assert refused(sales.anonymous().get(SUBSCRIPTIONS)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(SUBSCRIPTIONS).json["items"] == []
    for path in ("", "/movements"):
        assert stranger.get(path_of(one, path)).status_code == 404
    assert stranger.post(path_of(one, "/renew")).status_code == 404


def test_reach_decides_whose_are_seen_and_changed(sales: Sales) -> None:
    tenant = sales.new_tenant()
    grants = {"sales.subscriptions.*": "own"}
    mine, other = (sales.user_client(tenant, grants, user_id=uuid4()) for _ in range(2))
    one = subscribe(mine)
    assert [each["id"] for each in mine.get(SUBSCRIPTIONS).json["items"]] == [one["id"]]
    assert other.get(SUBSCRIPTIONS).json["items"] == []
    for path in ("", "/movements"):
        assert other.get(path_of(one, path)).status_code == 404
    assert other.post(path_of(one, "/pause"), {}).status_code == 404
    figures = f"{SUBSCRIPTIONS}/revenue?since={next_year(1, 1, -1)}&until={next_year(1, 1)}"
    assert len(good(mine.get(figures))["currencies"]) == 1
    assert good(other.get(figures))["currencies"] == []


def test_what_was_begun_is_told_answered_read_and_listed_alike(
    sales: Sales, app: ApiClient
) -> None:
    first, last = next_year(1, 31).isoformat(), next_year(1, 30, 3).isoformat()
    one = subscribe(app, seat("100", "3"), starts_on=first, term_months=24)
    assert (one["started_on"], one["ends_on"], one["status"]) == (first, last, "active")
    assert (one["mrr"]["amount"], one["arr"]["amount"]) == ("300.00", "3600.00")
    assert now_of(app, one) == one
    (listed,) = app.get(SUBSCRIPTIONS).json["items"]
    assert listed == {name: one[name] for name in listed}
    (told,) = facts(sales, app, events.SubscriptionStarted)
    assert (told.subscription.mrr.amount, told.movement.kind) == ("300.00", "new")
    assert (told.movement.amount.amount, told.movement.moved_on) == ("300.00", first)


def test_what_is_billed_by_the_quarter_brings_a_third_of_it_by_the_month(app: ApiClient) -> None:
    one = subscribe(app, seat("100"), seat("0.01"), billing_months=3)
    assert one["period_amount"]["amount"] == "100.01"
    assert (one["mrr"]["amount"], one["arr"]["amount"]) == ("33.34", "400.04")


def test_a_subscription_of_nobody_of_nothing_or_of_odd_terms_is_refused(app: ApiClient) -> None:
    body = {
        "name": "Seats",
        "company_id": str(uuid4()),
        "currency": "TWD",
        "term_months": 12,
        "lines": [seat()],
    }
    for changes, place in (
        ({"company_id": None}, ("/person_id", "customer_missing")),
        ({"billing_months": 5}, ("/billing_months", "billing_uneven")),
        ({"currency": "XXX"}, ("/currency", "currency_unknown")),
        ({"lines": [seat(quantity="0")]}, ("/lines/0/quantity", "quantity_missing")),
        ({"starts_on": "1999-01-01"}, ("/starts_on", "day_impossible")),
        ({"order_id": str(uuid4())}, ("/order_id", "order_unknown")),
        ({"name": " "}, ("/name", "name_missing")),
    ):
        assert places(app.post(SUBSCRIPTIONS, {**body, **changes})) == [place]
    assert app.post(SUBSCRIPTIONS, {**body, "lines": []}).status_code == 422
    assert app.get(SUBSCRIPTIONS).json["items"] == []


def test_an_upgrade_and_a_downgrade_move_revenue_and_are_prorated(
    sales: Sales, app: ApiClient
) -> None:
    one = subscribe(app)
    up = good(app.post(path_of(one, "/change"), {"lines": [seat("100", "3")]}))
    assert (up["mrr"]["amount"], up["ends_on"]) == ("300.00", one["ends_on"])
    good(app.post(path_of(one, "/change"), {"lines": [seat("100", "2")]}))
    assert movements(app, one) == [
        ("new", "100.00"),
        ("expansion", "200.00"),
        ("contraction", "-100.00"),
    ]
    # On the first day of a period the whole of it is at the new price.
    found = app.get(path_of(one, "/movements")).json["items"]
    assert [each["proration"] and each["proration"]["amount"] for each in found] == [
        None,
        "200.00",
        "-100.00",
    ]
    first, second = facts(sales, app, events.SubscriptionChanged)
    assert (first.movement.kind, second.movement.kind) == ("expansion", "contraction")
    assert list(first.changed_fields) == ["lines"]


def test_the_same_lines_again_change_nothing(sales: Sales, app: ApiClient) -> None:
    one = subscribe(app)
    again = good(app.post(path_of(one, "/change"), {"lines": [seat()]}))
    assert again == one
    assert facts(sales, app, events.SubscriptionChanged) == []


def test_upgrades_at_the_same_time_move_what_there_is_in_the_end(app: ApiClient) -> None:
    one = subscribe(app)
    upgrades = [
        lambda many=many: app.post(path_of(one, "/change"), {"lines": [seat("100", str(many))]})
        for many in (2, 3, 4)
    ]
    assert at_once(*upgrades) == [200] * 3
    total = sum(float(amount) for _, amount in movements(app, one))
    assert f"{total:.2f}" == now_of(app, one)["mrr"]["amount"]


def test_of_two_upgrades_of_the_same_version_one_is_refused(app: ApiClient) -> None:
    one = subscribe(app)
    headers = {"If-Match": f'"{one["version"]}"'}
    upgrades = [
        lambda many=many: app.post(
            path_of(one, "/change"), {"lines": [seat("100", str(many))]}, headers=headers
        )
        for many in (2, 3)
    ]
    assert at_once(*upgrades) == [200, 412]
    assert len(movements(app, one)) == 2


def test_a_change_is_made_on_its_day_and_not_before(timed: Sales, clock: MovableClock) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    one, on = subscribe(app), today + timedelta(days=10)
    body = {"lines": [seat("40")], "effective_on": on.isoformat()}
    planned = good(app.post(path_of(one, "/change"), body))
    assert planned["planned_change"]["effective_on"] == on.isoformat()
    clock.move(timedelta(days=9))
    fire(timed)
    assert now_of(app, one)["mrr"]["amount"] == "100.00"
    clock.move(timedelta(days=1))
    for _ in range(2):
        fire(timed)
    assert now_of(app, one)["mrr"]["amount"] == "40.00"
    assert now_of(app, one)["planned_change"] is None
    assert movements(app, one) == [("new", "100.00"), ("contraction", "-60.00")]
    made = [one for one in facts(timed, app, events.SubscriptionChanged) if one.movement.kind]
    assert [each.movement.moved_on for each in made] == [on.isoformat()]


def test_a_planned_change_can_be_dropped_and_none_is_made_in_the_past_or_after_the_end(
    timed: Sales, clock: MovableClock
) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    one, body = subscribe(app), {"lines": [seat("40")]}
    ends_on = date.fromisoformat(one["ends_on"])
    for day in (today - timedelta(days=1), ends_on + timedelta(days=2)):
        answer = app.post(path_of(one, "/change"), {**body, "effective_on": day.isoformat()})
        assert places(answer) == [("/effective_on", "day_impossible")]
    tomorrow = (today + timedelta(days=1)).isoformat()
    good(app.post(path_of(one, "/change"), {**body, "effective_on": tomorrow}))
    assert app.delete(path_of(one, "/planned-change")).status_code == 204
    clock.move(timedelta(days=2))
    fire(timed)
    assert now_of(app, one)["mrr"]["amount"] == "100.00"


def test_a_change_at_once_calls_off_what_was_planned_before(
    timed: Sales, clock: MovableClock
) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    one, tomorrow = subscribe(app), (today + timedelta(days=1)).isoformat()
    body = {"lines": [seat("40")], "effective_on": tomorrow}
    good(app.post(path_of(one, "/change"), body))
    changed = good(app.post(path_of(one, "/change"), {"lines": [seat("70")]}))
    assert changed["planned_change"] is None
    told = facts(timed, app, events.SubscriptionChanged)[-1]
    assert sorted(told.changed_fields) == ["lines", "planned_change"]
    clock.move(timedelta(days=2))
    fire(timed)
    assert now_of(app, one)["mrr"]["amount"] == "70.00"


def test_a_pause_moves_the_end_by_the_days_that_it_lasts(timed: Sales, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    one = subscribe(app)
    assert good(app.post(path_of(one, "/pause"), {}))["status"] == "paused"
    assert refused(app.post(path_of(one, "/pause"), {})) == (409, "subscription_paused")
    answer = app.post(path_of(one, "/change"), {"lines": [seat("1")]})
    assert refused(answer) == (409, "subscription_paused")
    clock.move(timedelta(days=20))
    resumed = good(app.post(path_of(one, "/resume")))
    later = date.fromisoformat(one["ends_on"]) + timedelta(days=20)
    assert (resumed["status"], resumed["ends_on"]) == ("active", later.isoformat())
    assert refused(app.post(path_of(one, "/resume"))) == (409, "subscription_not_paused")
    assert movements(app, one) == [
        ("new", "100.00"),
        ("contraction", "-100.00"),
        ("reactivation", "100.00"),
    ]


def test_a_pause_ends_by_itself_on_its_day(timed: Sales, clock: MovableClock) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    one, day = subscribe(app), today + timedelta(days=5)
    answer = app.post(path_of(one, "/pause"), {"resumes_on": today.isoformat()})
    assert places(answer) == [("/resumes_on", "in_past")]
    good(app.post(path_of(one, "/pause"), {"resumes_on": day.isoformat()}))
    clock.move(timedelta(days=4))
    fire(timed)
    assert now_of(app, one)["status"] == "paused"
    # However late the timer is, the pause has lasted until its day.
    clock.move(timedelta(days=3))
    fire(timed)
    resumed = now_of(app, one)
    later = date.fromisoformat(one["ends_on"]) + timedelta(days=5)
    assert (resumed["status"], resumed["ends_on"]) == ("active", later.isoformat())
    (told,) = facts(timed, app, events.SubscriptionResumed)
    assert told.movement.moved_on == day.isoformat()


def test_paused_twice_at_once_it_is_paused_once(sales: Sales, app: ApiClient) -> None:
    one = subscribe(app)
    assert at_once(*[lambda: app.post(path_of(one, "/pause"), {})] * 2) == [200, 409]
    assert len(facts(sales, app, events.SubscriptionPaused)) == 1


def test_cancelled_in_time_it_ends_with_its_term(sales: Sales, app: ApiClient) -> None:
    one, reason = subscribe(app, notice_days=30), cancel_reason(app)
    gone = good(app.post(path_of(one, "/cancel"), {"reason": reason, "note": "Moving away"}))
    assert (gone["status"], gone["ends_on"]) == ("active", one["ends_on"])
    assert gone["cancellation"]["note"] == "Moving away"
    assert gone["cancellation"]["notice_waived"] is False
    (told,) = facts(sales, app, events.SubscriptionCancelled)
    assert (told.reason, told.notice_waived) == (reason, False)
    back = good(app.post(path_of(one, "/withdraw-cancellation")))
    assert (back["cancellation"], back["ends_on"]) == (None, one["ends_on"])
    answer = app.post(path_of(one, "/withdraw-cancellation"))
    assert refused(answer) == (409, "subscription_not_cancelled")


def test_a_cancellation_needs_a_reason_that_there_is(app: ApiClient) -> None:
    one = subscribe(app)
    answer = app.post(path_of(one, "/cancel"), {"reason": "nothing"})
    assert places(answer) == [("/reason", "reason_unknown")]
    assert now_of(app, one) == one


def test_cancelled_twice_at_once_it_is_cancelled_once(sales: Sales, app: ApiClient) -> None:
    one, body = subscribe(app), {"reason": cancel_reason(app)}
    assert at_once(*[lambda: app.post(path_of(one, "/cancel"), body)] * 3) == [200, 409, 409]
    assert len(facts(sales, app, events.SubscriptionCancelled)) == 1


def test_too_late_for_notice_the_last_day_is_named_and_only_leave_helps(
    timed: Sales, clock: MovableClock
) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    assert app.tenant_id is not None
    one, body = subscribe(app, notice_days=30), {"reason": cancel_reason(app)}
    cancel_by = date.fromisoformat(one["cancel_by"])
    assert cancel_by == date.fromisoformat(one["ends_on"]) - timedelta(days=30)
    clock.move(timedelta(days=(cancel_by - today).days + 1))
    answer = app.post(path_of(one, "/cancel"), body)
    assert refused(answer) == (409, "notice_period_over")
    assert str(cancel_by) in answer.json["detail"]
    gone = good(app.post(path_of(one, "/terminate"), body))
    assert gone["ends_on"] == clock.now().date().isoformat()
    assert gone["cancellation"]["notice_waived"] is True
    clock.move(timedelta(days=1))
    fire(timed)
    assert now_of(app, one)["status"] == "ended"


def test_on_the_last_day_for_notice_it_is_still_in_time(timed: Sales, clock: MovableClock) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    one, body = subscribe(app, notice_days=30), {"reason": cancel_reason(app)}
    clock.move(timedelta(days=(date.fromisoformat(one["cancel_by"]) - today).days))
    assert good(app.post(path_of(one, "/cancel"), body))["ends_on"] == one["ends_on"]


def test_who_may_sell_may_not_let_customers_off_their_contract(sales: Sales) -> None:
    tenant = sales.new_tenant()
    seller = sales.user_client(tenant, {"sales.subscriptions.*": "own"}, user_id=uuid4())
    reason = cancel_reason(sales.app_client(tenant))
    one = subscribe(seller)
    answer = seller.post(path_of(one, "/terminate"), {"reason": reason})
    assert answer.status_code == 403
    assert now_of(seller, one)["cancellation"] is None


def test_it_is_terminated_on_no_day_that_is_over_or_beyond_its_term(app: ApiClient) -> None:
    one, reason = subscribe(app), cancel_reason(app)
    beyond = date.fromisoformat(one["ends_on"]) + timedelta(days=1)
    for day in ("2020-01-01", beyond.isoformat()):
        answer = app.post(path_of(one, "/terminate"), {"reason": reason, "ends_on": day})
        assert places(answer) == [("/ends_on", "day_impossible")]


def test_one_that_was_paused_beyond_its_term_can_still_be_terminated(
    timed: Sales, clock: MovableClock
) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    one, body = subscribe(app), {"reason": cancel_reason(app)}
    good(app.post(path_of(one, "/pause"), {}))
    rested = timedelta(days=(date.fromisoformat(one["ends_on"]) - today).days + 10)
    clock.move(rested)
    beyond = date.fromisoformat(one["ends_on"]) + rested + timedelta(days=1)
    answer = app.post(path_of(one, "/terminate"), {**body, "ends_on": beyond.isoformat()})
    assert places(answer) == [("/ends_on", "day_impossible")]
    gone = good(app.post(path_of(one, "/terminate"), body))
    assert gone["ends_on"] == clock.now().date().isoformat()
    clock.move(timedelta(days=1))
    fire(timed)
    assert now_of(app, one)["status"] == "ended"


def test_one_that_was_over_before_it_began_brings_nothing(
    timed: Sales, clock: MovableClock
) -> None:
    app, first = lasting_app(timed, clock), clock.now().date() + timedelta(days=10)
    one, reason = subscribe(app, starts_on=first.isoformat()), cancel_reason(app)
    assert refused(app.post(path_of(one, "/pause"), {})) == (409, "subscription_not_begun")
    gone = good(app.post(path_of(one, "/terminate"), {"reason": reason}))
    assert gone["ends_on"] == (first - timedelta(days=1)).isoformat()
    clock.move(timedelta(days=11))
    fire(timed)
    assert movements(app, one) == [("new", "100.00"), ("churn", "-100.00")]
    found = app.get(path_of(one, "/movements")).json["items"]
    assert {each["moved_on"] for each in found} == {first.isoformat()}


def test_the_next_term_is_agreed_on_once(sales: Sales, app: ApiClient) -> None:
    one = subscribe(app, auto_renew=False)
    today_term = now_of(app, one)
    assert at_once(*[lambda: app.post(path_of(one, "/renew"))] * 2) == [200, 409]
    renewed = now_of(app, one)
    starts_on = date.fromisoformat(renewed["term_starts_on"])
    assert starts_on == date.fromisoformat(today_term["ends_on"]) + timedelta(days=1)
    (told,) = [one for one in facts(sales, app, events.SubscriptionRenewed) if not one.by_itself]
    assert told.subscription.ends_on == renewed["ends_on"]


def test_another_owner_and_other_terms_are_told_and_odd_ones_refused(
    sales: Sales, app: ApiClient
) -> None:
    one, owner = subscribe(app), str(UUID(int=5))
    changed = good(app.patch(path_of(one), {"owner_id": owner, "notice_days": 14}))
    assert (changed["owner_id"], changed["notice_days"]) == (owner, 14)
    (told,) = facts(sales, app, events.SubscriptionChanged)
    assert list(told.changed_fields) == ["notice_days", "owner_id"]
    assert places(app.patch(path_of(one), {"company_id": None})) == [
        ("/person_id", "customer_missing")
    ]
    assert now_of(app, one) == changed
