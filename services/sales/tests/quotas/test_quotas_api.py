"""Quotas over REST: whose they are, who sets them, and how much of them was attained (SA-14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.sales.events.v1 import quota_events_pb2 as events
from services.sales.tests.builders import (
    RATES,
    Sales,
    at_once,
    facts,
    good,
    lasting_app,
    places,
    refused,
)
from services.sales.tests.commissioning import ATTAINMENTS, QUOTAS, deliver, quota_of, refund
from services.sales.tests.forecasting import SalesForce, money


@pytest.fixture
def force(sales: Sales, app: ApiClient) -> SalesForce:
    """People who sell, and their manager."""
    return SalesForce(sales, app)


@pytest.fixture
def lasting(timed: Sales, clock: MovableClock) -> SalesForce:
    """The same by a clock that the test moves, from the middle of January 2031 on."""
    clock.move(datetime(2031, 1, 15, 12, tzinfo=UTC) - clock.now())
    return SalesForce(timed, lasting_app(timed, clock))


def attained(client: ApiClient, quota: dict[str, Any]) -> dict[str, Any]:
    """How much of a quota was attained."""
    return good(client.get(f"{QUOTAS}/{quota['id']}/attainment"))


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, force: SalesForce) -> None:
    quota = good(force.app.post(QUOTAS, quota_of(force.ann)))
    assert refused(sales.anonymous().get(QUOTAS)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(QUOTAS).json["items"] == []
    for path in ("", "/attainment"):
        assert stranger.get(f"{QUOTAS}/{quota['id']}{path}").status_code == 404, path
    assert stranger.patch(f"{QUOTAS}/{quota['id']}", {"deals": 1}).status_code == 404
    assert stranger.delete(f"{QUOTAS}/{quota['id']}").status_code == 404


def test_a_quota_is_set_changed_and_taken_back(sales: Sales, force: SalesForce) -> None:
    quota = good(force.manager.post(QUOTAS, quota_of(force.ann)))
    path = f"{QUOTAS}/{quota['id']}"
    assert force.manager.get(path).json == quota
    assert force.manager.get(QUOTAS).json["items"] == [quota]
    assert (quota["period"], quota["base_amount"]) == ("2031-01", money("1000.00"))
    more = good(force.manager.patch(path, {"amount": money("1200")}))
    assert more["amount"] == money("1200.00")
    assert good(force.manager.patch(path, {"amount": money("1200")}))["version"] == more["version"]
    assert force.manager.delete(path).status_code == 204
    assert force.manager.get(path).status_code == 404
    good(force.manager.post(QUOTAS, quota_of(force.ann)))
    told = facts(sales, force.app, events.QuotaChanged)
    assert [fact.quota.amount.amount for fact in told] == ["1200.00"]
    assert len(facts(sales, force.app, events.QuotaSet)) == 2
    assert len(facts(sales, force.app, events.QuotaRemoved)) == 1


def test_there_is_one_for_each_holder_period_and_measure(force: SalesForce) -> None:
    body = quota_of(force.ann)
    assert at_once(*[lambda: force.app.post(QUOTAS, body)] * 3) == [201, 409, 409]
    assert refused(force.app.post(QUOTAS, body)) == (409, "quota_exists")
    other = {"measure": "revenue_delivered"}, {"period": "2031-Q1"}, {"user_id": str(force.bob)}
    for change in other:
        good(force.app.post(QUOTAS, {**body, **change}))
    team = {**body, "user_id": None, "team_id": str(force.team)}
    good(force.app.post(QUOTAS, team))
    assert refused(force.app.post(QUOTAS, team)) == (409, "quota_exists")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"user_id": None}, ("/user_id", "holder_unclear")),
        ({"team_id": str(uuid4())}, ("/user_id", "holder_unclear")),
        ({"amount": None}, ("/amount", "target_unclear")),
        ({"deals": 3}, ("/amount", "target_unclear")),
        ({"amount": money("0")}, ("/amount/amount", "target_impossible")),
        ({"measure": "deals_won"}, ("/deals", "target_unclear")),
        ({"amount": {"amount": "1.005", "currency": "TWD"}}, ("/amount/amount", "amount_too_fine")),
    ],
)
def test_a_target_that_cannot_be_is_refused(
    force: SalesForce, change: dict[str, Any], wrong: tuple[str, str]
) -> None:
    answer = force.app.post(QUOTAS, {**quota_of(force.ann), **change})
    assert (answer.status_code, places(answer)) == (422, [wrong])


def test_everybody_sees_their_own_and_managers_those_in_reach(force: SalesForce) -> None:
    quotas = {
        holder: good(force.app.post(QUOTAS, quota_of(holder)))["id"]
        for holder in (force.ann, force.bob, force.carl)
    }
    team_below, other_team = (
        good(force.app.post(QUOTAS, {**quota_of(force.ann), "user_id": None, "team_id": str(one)}))
        for one in (force.team_below, force.other_team)
    )

    def seen(client: ApiClient) -> set[str]:
        listed = {one["id"] for one in client.get(QUOTAS).json["items"]}
        known = [*quotas.values(), team_below["id"], other_team["id"]]
        assert listed == {id_ for id_ in known if client.get(f"{QUOTAS}/{id_}").status_code == 200}
        items = good(client.get(f"{ATTAINMENTS}?period=2031-01"))["items"]
        assert {one["quota"]["id"] for one in items} == listed
        return listed

    assert seen(force.seller(force.ann)) == {quotas[force.ann]}
    assert seen(force.manager) == {quotas[force.ann], quotas[force.bob], team_below["id"]}
    assert len(seen(force.app)) == 5
    assert force.seller(force.ann).post(QUOTAS, quota_of(force.ann)).status_code == 403
    for theirs in (
        quota_of(force.carl, period="2031-02"),
        {**quota_of(force.ann), "user_id": None, "team_id": str(force.other_team)},
    ):
        assert refused(force.manager.post(QUOTAS, theirs)) == (404, "not_found")
    path = f"{QUOTAS}/{quotas[force.carl]}"
    assert force.manager.patch(path, {"amount": money("1")}).status_code == 404
    assert force.manager.delete(path).status_code == 404


def test_attainment_counts_what_is_won_in_the_period(
    lasting: SalesForce, clock: MovableClock
) -> None:
    app = lasting.app
    quota = good(app.post(QUOTAS, quota_of(lasting.ann)))
    deals = good(app.post(QUOTAS, quota_of(lasting.ann, None, measure="deals_won", deals=4)))
    team = {**quota_of(lasting.ann), "user_id": None, "team_id": str(lasting.team)}
    of_team = good(app.post(QUOTAS, team))
    lasting.win(lasting.ann, "250")
    lasting.win(lasting.bob, "1000")
    lasting.win(lasting.carl, "5")
    now = attained(app, quota)
    assert (now["attained"], now["left"], now["percent"]) == (
        money("250.00"),
        money("750.00"),
        "25",
    )
    counted = attained(app, deals)
    assert (counted["attained_deals"], counted["left_deals"], counted["percent"]) == (1, 3, "25")
    whole = attained(app, of_team)
    assert (whole["attained"], whole["left"], whole["percent"]) == (
        money("1250.00"),
        money("0.00"),
        "125",
    )
    clock.move(timedelta(days=17))
    lasting.win(lasting.ann, "99")
    assert attained(app, quota)["attained"] == money("250.00")
    listed = good(app.get(f"{ATTAINMENTS}?period=2031-01"))
    assert [one["percent"] for one in listed["items"]] == ["25", "25", "125"]
    assert {"revenue_won", "percent"} < listed["definitions"].keys()


def test_attainment_counts_what_is_delivered_net_and_less_what_is_paid_back(
    lasting: SalesForce, clock: MovableClock
) -> None:
    app, ann = lasting.app, lasting.ann
    quota = good(app.post(QUOTAS, quota_of(ann, measure="revenue_delivered")))
    order = deliver(lasting, ann, ("beans", "105"), ("mills", "210"))
    assert attained(app, quota)["attained"] == money("300.00")
    refund(lasting, order, "105")
    assert attained(app, quota)["attained"] == money("200.00")
    clock.move(timedelta(days=20))
    refund(lasting, order, "21")
    assert attained(app, quota)["attained"] == money("180.00")


def test_a_target_in_another_currency_is_valued_by_the_first_day_and_orders_by_theirs(
    lasting: SalesForce,
) -> None:
    app, ann = lasting.app, lasting.ann
    dollars = {"amount": "100", "currency": "USD"}
    body = {**quota_of(ann, measure="revenue_delivered"), "amount": dollars}
    assert refused(app.post(QUOTAS, body)) == (409, "exchange_rate_missing")
    for rate, day in (("30", "2031-01-01"), ("31.5", "2031-01-10")):
        good(app.post(RATES, {"currency": "USD", "rate": rate, "valid_from": day}))
    quota = good(app.post(QUOTAS, body))
    assert (quota["base_amount"], quota["valued_on"]) == (money("3000.00"), "2031-01-01")
    deliver(lasting, ann, ("beans", "21"), currency="USD")
    assert attained(app, quota)["attained"] == money("630.00")
    deliver(lasting, ann, ("beans", "21"), currency="EUR")
    assert refused(app.get(f"{QUOTAS}/{quota['id']}/attainment")) == (409, "exchange_rate_missing")
