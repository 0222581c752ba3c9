"""What subscriptions bring: every figure is what it opens with and what moved, in any currency."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chassis.clock import MovableClock
from services.sales.tests.builders import (
    RATES,
    Sales,
    at_once,
    choose_base,
    fire,
    good,
    lasting_app,
    places,
    refused,
)
from services.sales.tests.subscribing import (
    SUBSCRIPTIONS,
    adds_up,
    cancel_reason,
    next_year,
    path_of,
    revenue,
    seat,
    subscribe,
)


def by_month(figures: dict[str, Any], *kinds: str) -> list[tuple[str, ...]]:
    """Some figures of each month."""
    return [tuple(month[kind] for kind in kinds) for month in figures["periods"]]


def moved_to(clock: MovableClock, day: date) -> None:
    """Noon of a day."""
    clock.move(timedelta(days=(day - clock.now().date()).days))


def test_a_year_of_everything_agrees_with_what_is_worked_out_by_hand(
    timed: Sales, clock: MovableClock
) -> None:
    moved_to(clock, next_year(1, 1))
    app = lasting_app(timed, clock)
    choose_base(app)
    reason = cancel_reason(app)
    grows, shrinks = subscribe(app), subscribe(app, seat("90"), billing_months=3)
    rests, goes = subscribe(app, seat("50")), subscribe(app, seat("20"), auto_renew=False)
    moved_to(clock, next_year(2, 10))
    good(app.post(path_of(grows, "/change"), {"lines": [seat("100", "2")]}))
    good(app.post(path_of(rests, "/pause"), {"resumes_on": next_year(3, 10).isoformat()}))
    moved_to(clock, next_year(3, 31))
    fire(timed)
    good(app.post(path_of(shrinks, "/change"), {"lines": [seat("60")]}))
    good(app.post(path_of(goes, "/terminate"), {"reason": reason}))
    moved_to(clock, next_year(4, 2))
    fire(timed)
    good(app.post(path_of(goes, "/reactivate")))

    told = revenue(app, next_year(2, 1), next_year(4, 30))
    (figures,) = told["currencies"]
    # 100 + 30 + 50 + 20 by the month.
    assert figures["opening"] == "200.00"
    kinds = ("opening", "expansion", "contraction", "churn", "reactivation", "closing")
    assert by_month(figures, *kinds) == [
        ("200.00", "100.00", "-50.00", "0.00", "0.00", "250.00"),
        ("250.00", "0.00", "-10.00", "0.00", "50.00", "290.00"),
        ("290.00", "0.00", "0.00", "-20.00", "20.00", "290.00"),
    ]
    assert (figures["closing"], figures["arr"]) == ("290.00", "3480.00")
    assert figures["churned_by_reason"] == [
        {"reason": reason, "amount": "-20.00", "subscriptions": 1}
    ]
    assert all(adds_up(one) for one in (figures, *figures["periods"]))
    assert told["base"] == {**figures, "unvalued": 0}
    assert set(told["definitions"]) >= {"mrr", "arr", "new", "churn", "closing"}


def test_in_the_base_currency_a_change_of_rates_is_no_movement(
    timed: Sales, clock: MovableClock
) -> None:
    moved_to(clock, next_year(1, 1))
    app = lasting_app(timed, clock)
    choose_base(app)
    body = {"currency": "USD", "rate": "30.1", "valid_from": next_year(1, 1).isoformat()}
    good(app.post(RATES, body))
    one = subscribe(app, seat("10.05"), currency="USD")
    subscribe(app, seat("100"))
    later = {"rate": "40", "valid_from": next_year(2, 1).isoformat()}
    good(app.post(RATES, {**body, **later}))
    moved_to(clock, next_year(2, 15))
    good(app.post(path_of(one, "/change"), {"lines": [seat("20")], "effective_on": None}))
    good(app.post(path_of(one, "/terminate"), {"reason": cancel_reason(app)}))
    moved_to(clock, next_year(2, 17))
    fire(timed)
    told = revenue(app, next_year(1, 1), next_year(2, 28))
    assert [each["currency"] for each in told["currencies"]] == ["TWD", "USD"]
    assert [each["closing"] for each in told["currencies"]] == ["100.00", "0.00"]
    base = told["base"]
    # 10.05 USD at 30.1 are 302.505, which is 302.51 half up; 20 USD are 602.
    assert by_month(base, "new", "expansion", "churn", "closing") == [
        ("402.51", "0.00", "0.00", "402.51"),
        ("0.00", "299.49", "-602.00", "100.00"),
    ]
    assert adds_up(base)
    assert base["unvalued"] == 0


def test_without_a_rate_a_subscription_runs_and_is_told_as_without_value(
    timed: Sales, clock: MovableClock
) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    subscribe(app, seat("10"), currency="EUR")
    assert revenue(app, today, today)["base"] is None
    choose_base(app)
    subscribe(app, seat("70"))
    told = revenue(app, today, today)
    assert [each["closing"] for each in told["currencies"]] == ["10.00", "70.00"]
    assert (told["base"]["closing"], told["base"]["unvalued"]) == ("70.00", 1)


def test_revenue_is_split_up_by_quarters_and_years_and_by_whose_it_is(
    timed: Sales, clock: MovableClock
) -> None:
    moved_to(clock, next_year(1, 1))
    app = lasting_app(timed, clock)
    one = subscribe(app, term_months=36)
    subscribe(app, seat("7"), starts_on=next_year(5, 20).isoformat())
    moved_to(clock, next_year(11, 15))
    days = (next_year(2, 15), next_year(11, 15))
    (figures,) = revenue(app, *days, by="quarter")["currencies"]
    assert [(each["since"][5:], each["until"][5:]) for each in figures["periods"]] == [
        ("02-15", "03-31"),
        ("04-01", "06-30"),
        ("07-01", "09-30"),
        ("10-01", "11-15"),
    ]
    assert by_month(figures, "new", "closing")[:2] == [("0.00", "100.00"), ("7.00", "107.00")]
    (whole,) = revenue(app, *days, by="year")["currencies"][0]["periods"]
    assert (whole["opening"], whole["new"], whole["closing"]) == ("100.00", "7.00", "107.00")
    (own,) = revenue(app, *days, company_id=one["company_id"])["currencies"]
    assert own["closing"] == "100.00"
    # What is to begin counts from its day on.
    (early,) = revenue(app, next_year(1, 1), next_year(5, 19))["currencies"]
    assert early["closing"] == "100.00"


def test_days_that_cannot_be_and_too_many_periods_are_refused(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    path = f"{SUBSCRIPTIONS}/revenue"
    answer = app.get(f"{path}?since=2026-02-01&until=2026-01-01")
    assert places(answer) == [("since", "after_until")]
    for days in ("since=0001-01-01&until=0001-01-02", "until=9999-12-31"):
        assert places(app.get(f"{path}?{days}")) == [("since", "day_impossible")]
    answer = app.get(f"{path}?since=2016-01-01&until=2026-01-01")
    assert places(answer) == [("since", "too_many_periods")]
    assert good(app.get(f"{path}?since=2016-01-01&until=2026-01-01&by=year"))["currencies"] == []
    assert refused(app.get(f"{path}?by=week"))[0] == 400
    assert app.get(f"{path}?sum=all").status_code == 400


def test_changed_paused_and_terminated_at_once_the_figures_add_up_to_what_is_left(
    timed: Sales, clock: MovableClock
) -> None:
    app, today = lasting_app(timed, clock), clock.now().date()
    reason = cancel_reason(app)
    one, other = subscribe(app), subscribe(app, seat("11"))
    codes = at_once(
        lambda: app.post(path_of(one, "/change"), {"lines": [seat("300")]}),
        lambda: app.post(path_of(one, "/pause"), {}),
        lambda: app.post(path_of(other, "/terminate"), {"reason": reason}),
        lambda: app.post(path_of(other, "/change"), {"lines": [seat("5")]}),
    )
    assert codes in ([200] * 4, [200, 200, 200, 409])
    clock.move(timedelta(days=1))
    fire(timed)
    (figures,) = revenue(app, today, today + timedelta(days=1))["currencies"]
    assert figures["closing"] == "0.00"
    assert adds_up(figures)
