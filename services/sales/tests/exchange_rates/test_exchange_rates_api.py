"""Rates over REST: which one holds on a day, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.domain import Conflict
from chassis.money import money
from chassis.testing.client import ApiClient
from sales.exchange_rates.operations import value_in_base
from services.sales.tests.builders import (
    RATES,
    SETTINGS,
    Sales,
    at_once,
    choose_base,
    good,
    places,
    refused,
)
from services.sales.tests.commissioning import define_plan
from services.sales.tests.forecasting import ADJUSTMENTS, SNAPSHOTS, SalesForce


def enter(
    client: ApiClient, rate: str, valid_from: str, currency: str = "USD"
) -> dict[str, object]:
    """A rate into the base currency."""
    body = {"currency": currency, "rate": rate, "valid_from": valid_from}
    return good(client.post(RATES, body))


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, app: ApiClient) -> None:
    choose_base(app)
    rate = enter(app, "31", "2026-01-01")
    assert refused(sales.anonymous().get(RATES)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(RATES).json["items"] == []
    assert stranger.get(f"{RATES}/{rate['id']}").status_code == 404
    assert stranger.get(SETTINGS).json["base_currency"] is None


def test_no_rate_is_entered_before_the_base_currency_is_known(app: ApiClient) -> None:
    body = {"currency": "USD", "rate": "31", "valid_from": "2026-01-01"}
    assert refused(app.post(RATES, body)) == (409, "base_currency_missing")


def test_a_rate_holds_from_its_day_until_the_next_one(app: ApiClient) -> None:
    choose_base(app)
    enter(app, "31", "2026-01-01")
    enter(app, "32.5", "2026-02-01")

    def on(day: str) -> str:
        return str(good(app.get(f"{RATES}/in-force?currency=USD&on={day}"))["rate"])

    assert [on("2026-01-01"), on("2026-01-31"), on("2026-02-01")] == ["31", "31", "32.5"]
    assert app.get(f"{RATES}/in-force?currency=USD&on=2025-12-31").status_code == 404
    assert good(app.get(f"{RATES}/in-force?currency=TWD&on=1999-01-01"))["rate"] == "1"


def test_a_day_has_one_rate_also_when_two_are_entered_at_once(app: ApiClient) -> None:
    choose_base(app)
    body = {"currency": "USD", "rate": "31", "valid_from": "2026-01-01"}
    assert at_once(*[lambda: app.post(RATES, body)] * 2) == [201, 409]


def test_rates_that_cannot_be_are_refused_where_they_stand(app: ApiClient) -> None:
    choose_base(app)
    body = {"currency": "USD", "rate": "31", "valid_from": "2026-01-01"}
    assert places(app.post(RATES, {**body, "rate": "0"})) == [("/rate", "rate_impossible")]
    own = app.post(RATES, {**body, "currency": "TWD"})
    assert places(own) == [("/currency", "rate_of_base_currency")]
    old = app.post(RATES, {**body, "currency": "DEM"})
    assert places(old) == [("/currency", "currency_unknown")]


def test_a_corrected_rate_and_a_removed_one_no_longer_hold(app: ApiClient) -> None:
    choose_base(app)
    rate = enter(app, "31", "2026-01-01")
    path, day = f"{RATES}/{rate['id']}", f"{RATES}/in-force?currency=USD&on=2026-01-02"
    assert good(app.patch(path, {"rate": "30"}))["rate"] == "30"
    assert good(app.get(day))["rate"] == "30"
    assert app.delete(path).status_code == 204
    assert app.get(day).status_code == 404


def test_the_base_currency_stays_once_something_was_valued_in_it(
    timed: Sales, clock: MovableClock
) -> None:
    tenant = timed.new_tenant()
    app, caller = timed.app_client(tenant), service_caller("sales", tenant)
    choose_base(app, "JPY")
    choose_base(app, "TWD")
    enter(app, "31.4159", clock.now().date().isoformat())
    run = timed.service.operations.run
    worth = run(caller, value_in_base, money("9.99", "USD"))
    assert f"{worth.base.amount:f} {worth.base.currency}" == "313.84 TWD"
    assert refused(app.put(SETTINGS, {"base_currency": "JPY"})) == (409, "base_currency_in_use")


@pytest.mark.parametrize("use", ["adjustment", "snapshot", "plan"])
def test_the_base_currency_stays_once_forecasts_or_plans_are_kept_in_it(
    sales: Sales, app: ApiClient, use: str
) -> None:
    force = SalesForce(sales, app)
    if use == "plan":
        define_plan(app, force.ann)
    elif use == "snapshot":
        good(app.post(SNAPSHOTS, {"period": "2099-05"}))
    else:
        body = {"user_id": str(force.ann), "period": "2099-05", "figure": "commit"}
        good(
            app.post(
                ADJUSTMENTS, {**body, "amount": {"amount": "1", "currency": "TWD"}, "reason": "x"}
            )
        )
    assert refused(app.put(SETTINGS, {"base_currency": "JPY"})) == (409, "base_currency_in_use")


def test_money_is_valued_by_the_rate_of_today_and_not_of_tomorrow(
    timed: Sales, clock: MovableClock
) -> None:
    tenant = timed.new_tenant()
    app, caller = timed.app_client(tenant), service_caller("sales", tenant)
    choose_base(app)
    enter(app, "30", (clock.now() + timedelta(days=1)).date().isoformat())
    run = timed.service.operations.run
    with pytest.raises(Conflict) as missing:
        run(caller, value_in_base, money("1", "USD"))
    assert missing.value.code == "exchange_rate_missing"
    clock.move(timedelta(days=1))
    assert run(caller, value_in_base, money("1", "USD")).base == money("30", "TWD")
