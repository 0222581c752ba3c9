"""Snapshots over REST: kept for good, taken by themselves, and measured by what happened (SA-13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import MovableClock
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from rapport.identity.events.v1.tenant_events_pb2 import TenantCreated
from rapport.sales.events.v1 import forecast_events_pb2 as events
from sales.forecast_snapshots.domain import accuracy
from services.sales.tests.builders import (
    OPPORTUNITIES,
    Sales,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    move,
    places,
    refused,
)
from services.sales.tests.forecasting import (
    ADJUSTMENTS,
    FORECAST_SETTINGS,
    FORECASTS,
    SNAPSHOTS,
    SalesForce,
    assert_kept,
    by_team,
    by_user,
    money,
)

PERIOD = "2099-05"
DAY = "2099-05-31"


@pytest.fixture
def force(sales: Sales, app: ApiClient) -> SalesForce:
    """People who sell, and their manager."""
    return SalesForce(sales, app)


@pytest.fixture
def lasting(timed: Sales, clock: MovableClock) -> SalesForce:
    """The same by a clock that the test moves, from a Wednesday in the middle of a month on."""
    clock.move(datetime(2031, 1, 15, 12, tzinfo=UTC) - clock.now())
    return SalesForce(timed, lasting_app(timed, clock))


def snapshot(client: ApiClient, period: str = PERIOD) -> dict[str, Any]:
    """A snapshot that is taken now."""
    return good(client.post(SNAPSHOTS, {"period": period}))


def taken(client: ApiClient) -> list[tuple[str, str]]:
    """The periods of all snapshots and the days on which they were taken, oldest first."""
    items = client.get(f"{SNAPSHOTS}?sort=taken_at&page_size=200").json["items"]
    return [(one["period"], one["taken_at"][:10]) for one in items]


def test_listing_needs_a_token_and_shows_no_other_tenants(sales: Sales, force: SalesForce) -> None:
    one = snapshot(force.app)
    assert refused(sales.anonymous().get(SNAPSHOTS)) == (401, "token_missing")
    stranger = sales.app_client(sales.new_tenant())
    assert stranger.get(SNAPSHOTS).json["items"] == []
    for path in ("", "/accuracy"):
        assert stranger.get(f"{SNAPSHOTS}/{one['id']}{path}").status_code == 404, path
    assert refused(stranger.post(SNAPSHOTS, {"period": PERIOD})) == (409, "base_currency_missing")
    assert force.seller(force.ann).post(SNAPSHOTS, {"period": PERIOD}).status_code == 403
    assert force.app.post(SNAPSHOTS, {"period": "May"}).status_code == 422


def test_a_snapshot_stays_as_it_was_whatever_changes(sales: Sales, force: SalesForce) -> None:
    one = force.expect(force.ann, "sure", "100", DAY)
    force.expect(force.bob, "hopeful", "20", DAY)
    body = {"user_id": str(force.ann), "period": PERIOD, "figure": "commit"}
    good(force.app.post(ADJUSTMENTS, {**body, "amount": money("70"), "reason": "Careful"}))
    kept = snapshot(force.app)
    path = f"{SNAPSHOTS}/{kept['id']}"
    before = {by: good(force.app.get(f"{path}?by={by}")) for by in ("user", "team")}
    live = good(force.app.get(f"{FORECASTS}?period={PERIOD}"))
    people = by_user(before["user"])
    assert {key: item for key, item in people.items() if key in by_user(live)} == by_user(live)
    assert people[str(force.ann)]["adjusted"]["commit"] == money("70.00")
    assert by_team(before["team"])[str(force.team)]["best_case"] == money("120.00")
    # Everything changes: amounts, owners, what managers say, and what is won.
    opportunity = f"{OPPORTUNITIES}/{one['id']}"
    good(force.app.patch(opportunity, {"amount": money("5"), "owner_id": str(force.carl)}))
    good(force.app.post(ADJUSTMENTS, {**body, "amount": money("1"), "reason": "Worse"}))
    good(move(force.app, one, "won"))
    assert {by: good(force.app.get(f"{path}?by={by}")) for by in before} == before
    (told,) = facts(sales, force.app, events.ForecastSnapshotTaken)
    assert (told.snapshot_id, told.first_on, told.scheduled) == (kept["id"], "2099-05-01", False)


def test_the_database_lets_nobody_change_a_snapshot(
    database: TestDatabase, force: SalesForce
) -> None:
    snapshot(force.app)
    assert_kept(database, "forecast_snapshots", "forecast_snapshot_lines")


def test_everybody_sees_their_part_of_a_snapshot(force: SalesForce) -> None:
    for owner in (force.ann, force.bob, force.carl):
        force.expect(owner, "sure", "10", DAY)
    kept = f"{SNAPSHOTS}/{snapshot(force.manager)['id']}"
    assert by_user(good(force.app.get(kept))).keys() >= {str(force.ann), str(force.carl)}
    seller = force.seller(force.ann)
    assert list(by_user(good(seller.get(kept)))) == [str(force.ann)]
    assert list(by_user(good(seller.get(f"{kept}/accuracy")))) == [str(force.ann)]
    assert good(seller.get(f"{kept}?by=team"))["items"] == []
    teams = by_team(good(force.manager.get(f"{kept}?by=team")))
    assert teams.keys() == {str(force.team), str(force.team_below)}


def test_snapshots_are_taken_by_themselves_at_the_change_of_the_day(
    lasting: SalesForce, timed: Sales, clock: MovableClock
) -> None:
    app = lasting.app
    assert app.get(FORECAST_SETTINGS).json["cadence"] == "never"
    good(app.put(FORECAST_SETTINGS, {"cadence": "daily", "lengths": ["month"]}))
    fire(timed)
    assert taken(app) == []
    clock.move(timedelta(hours=12))
    fire(timed)
    fire(timed)
    assert taken(app) == [("2031-01", "2031-01-16")]
    # What was missed while nothing ran is made up for once, and days go on.
    clock.move(timedelta(days=17))
    fire(timed)
    clock.move(timedelta(days=1))
    fire(timed)
    assert taken(app)[1:] == [("2031-02", "2031-02-02"), ("2031-02", "2031-02-03")]
    good(app.put(FORECAST_SETTINGS, {"cadence": "weekly", "lengths": ["month", "quarter"]}))
    clock.move(timedelta(days=6))
    fire(timed)
    assert len(taken(app)) == 3
    clock.move(timedelta(days=1))
    fire(timed)
    # The 10th of February 2031 is a Monday.
    assert sorted(taken(app)[3:]) == [("2031-02", "2031-02-10"), ("2031-Q1", "2031-02-10")]
    good(app.put(FORECAST_SETTINGS, {"cadence": "never"}))
    clock.move(timedelta(days=30))
    fire(timed)
    assert len(taken(app)) == 5
    scheduled = facts(timed, app, events.ForecastSnapshotTaken)
    assert all(fact.scheduled for fact in scheduled)
    assert len(facts(timed, app, events.ForecastSettingsChanged)) == 3


def test_a_tenant_without_a_base_currency_has_nothing_to_keep_yet(
    timed: Sales, clock: MovableClock
) -> None:
    app = lasting_app(timed, clock)
    good(app.put(FORECAST_SETTINGS, {"cadence": "daily"}))
    clock.move(timedelta(days=1))
    fire(timed)
    assert taken(app) == []
    good(app.put("/v1/sales/currency-settings", {"base_currency": "TWD"}))
    clock.move(timedelta(days=1))
    fire(timed)
    assert len(taken(app)) == 2


def test_a_new_tenants_forecast_is_kept_every_week(sales: Sales, bus: Bus) -> None:
    tenant = sales.new_tenant()
    bus.say(TenantCreated(tenant_id=str(tenant), name="New"), tenant, tenant)
    app = sales.app_client(tenant)
    eventually(lambda: app.get(FORECAST_SETTINGS).json["cadence"] == "weekly")


def test_accuracy_measures_a_forecast_by_what_was_won(
    lasting: SalesForce, clock: MovableClock
) -> None:
    app, ann, bob = lasting.app, lasting.ann, lasting.bob
    sure = lasting.expect(ann, "sure", "100", "2031-01-31")
    lasting.expect(bob, "sure", "50", "2031-01-31")
    body = {"user_id": str(ann), "period": "2031-01", "figure": "commit"}
    good(app.post(ADJUSTMENTS, {**body, "amount": money("90"), "reason": "Careful"}))
    path = f"{SNAPSHOTS}/{snapshot(app, '2031-01')['id']}/accuracy"
    clock.move(timedelta(days=5))
    good(app.patch(f"{OPPORTUNITIES}/{sure['id']}", {"amount": money("80")}))
    good(move(app, sure, "won"))
    lasting.win(ann, "45")
    early = good(app.get(path))
    assert not early["final"]
    item = by_user(early)[str(ann)]
    assert item["closed"] == money("125.00")
    assert item["commit"] == {
        "forecast": money("100.00"),
        "difference": money("-25.00"),
        "accuracy": "0.8",
    }
    assert item["adjusted_commit"]["accuracy"] == "0.72"
    assert by_user(early)[str(bob)]["commit"]["accuracy"] is None
    team = by_team(good(app.get(f"{path}?by=team")))[str(lasting.team)]
    assert (team["commit"]["forecast"], team["commit"]["difference"]) == (
        money("150.00"),
        money("25.00"),
    )
    clock.move(timedelta(days=20))
    assert good(app.get(path))["final"]


def test_two_who_keep_a_forecast_at_the_same_time_keep_the_same(force: SalesForce) -> None:
    force.expect(force.ann, "sure", "100", DAY)
    assert at_once(*[lambda: force.app.post(SNAPSHOTS, {"period": PERIOD})] * 2) == [201, 201]
    one, other = (
        good(force.app.get(f"{SNAPSHOTS}/{kept['id']}"))["items"]
        for kept in force.app.get(SNAPSHOTS).json["items"]
    )
    assert one == other


def test_settings_of_no_period_are_refused(force: SalesForce) -> None:
    answer = force.app.put(FORECAST_SETTINGS, {"cadence": "daily", "lengths": []})
    assert (answer.status_code, places(answer)[0][0]) == (422, "/lengths")
    assert force.seller(force.ann).put(FORECAST_SETTINGS, {"cadence": "daily"}).status_code == 403


@given(st.decimals(0, 10**6, places=2), st.decimals("0.01", 10**6, places=2))
def test_accuracy_is_1_for_what_came_true_and_never_leaves_0_to_1(
    forecast: Decimal, closed: Decimal
) -> None:
    close = accuracy(forecast, closed)
    assert close is not None
    assert 0 <= close <= 1
    assert accuracy(closed, closed) == 1
    assert accuracy(forecast, Decimal(0)) is None
