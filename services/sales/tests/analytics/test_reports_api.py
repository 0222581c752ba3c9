"""Figures of analytics, worked out by hand and by the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.access.directory import MEMBERS, AccessEntry, remember
from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from sales.analytics.domain import OUTCOME_DEFINITIONS
from services.sales.tests.builders import (
    ACTIVITIES,
    OPPORTUNITIES,
    Sales,
    capture,
    choose_base,
    define_pipeline,
    define_reason,
    good,
    lasting_app,
    move,
    open_one,
    places,
    refused,
)
from services.sales.tests.counting import differing, tell_all

ANALYTICS = "/v1/sales/analytics"
READ = "sales.opportunities.read"


def twd(amount: str) -> dict[str, str]:
    """An amount in the base currency."""
    return {"amount": amount, "currency": "TWD"}


def win(client: ApiClient, one: dict[str, Any]) -> dict[str, Any]:
    """A won opportunity."""
    return good(move(client, one, "won"))


def lose(client: ApiClient, one: dict[str, Any], reason: str = "because") -> dict[str, Any]:
    """A lost opportunity."""
    return good(client.post(f"{OPPORTUNITIES}/{one['id']}/lose", {"reason": reason}))


def done(client: ApiClient, one: dict[str, Any], kind: str = "call") -> None:
    """An activity about an opportunity that was completed."""
    body = {"kind": kind, "subject": "Ask", "opportunity_id": one["id"]}
    activity = good(client.post(ACTIVITIES, body))
    good(client.post(f"{ACTIVITIES}/{activity['id']}/complete", {}))


def ask(client: ApiClient, report: str, **parameters: Any) -> dict[str, Any]:
    """A report."""
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return good(client.get(f"{ANALYTICS}/{report}?{query}"))


def by_key(report: dict[str, Any]) -> dict[str | None, dict[str, Any]]:
    """The groups of a report by their key."""
    return {one.pop("key"): one for one in report["groups"]}


@pytest.fixture
def client(timed: Sales, clock: MovableClock) -> ApiClient:
    """An app in a tenant that adds up in TWD, whose clock stands at the beginning of a year."""
    clock.move(datetime(clock.now().year + 1, 1, 1, tzinfo=UTC) - clock.now())
    made = lasting_app(timed, clock)
    choose_base(made)
    return made


def test_outcomes_are_as_worked_out_by_hand(
    timed: Sales, database: TestDatabase, client: ApiClient, clock: MovableClock
) -> None:
    pipeline, year = define_pipeline(client), clock.now().year
    define_reason(client, "loss")
    first, second, third, late, running = (
        open_one(client, pipeline, amount=twd(amount), source=source)
        for amount, source in (
            ("1000", "fair"),
            ("500", "fair"),
            ("700", "web"),
            ("50", "web"),
            ("9", ""),
        )
    )
    clock.move(timedelta(days=10))
    win(client, first)
    clock.move(timedelta(days=10))
    win(client, second)
    lose(client, third)
    clock.move(timedelta(days=40))
    win(client, late)
    tell_all(timed, database, client)
    report = ask(client, "outcomes", period=f"{year}-01", by="source")
    # 5 were worked, 2 of 3 won, 750 on average, in 15 days: 5 * 750 * 2/3 / 15 a day.
    assert report["total"] == {
        "worked": 5,
        "won": 2,
        "lost": 1,
        "win_rate": "0.6667",
        "won_amount": twd("1500.00"),
        "valued": 2,
        "average_deal": twd("750.00"),
        "sales_cycle_days": {"count": 2, "mean": "15.0000", "median": "15.0000", "p90": "19.0000"},
        "velocity": twd("166.67"),
    }
    groups = by_key(report)
    assert list(groups) == ["fair", "web", None]
    assert (groups["fair"]["won"], groups["fair"]["win_rate"]) == (2, "1.0000")
    assert (groups["web"]["lost"], groups["web"]["average_deal"]) == (1, None)
    assert (groups[None]["worked"], groups[None]["win_rate"]) == (1, None)
    assert {one["figure"] for one in report["definitions"]} == {
        one.figure for one in OUTCOME_DEFINITIONS
    }
    # What was won in March counts there, and has been worked since January.
    months = by_key(ask(client, "outcomes", period=str(year), by="month"))
    assert [months[f"{year}-0{n}"]["won"] for n in (1, 2, 3)] == [2, 0, 1]
    assert [months[f"{year}-0{n}"]["worked"] for n in (1, 2, 3, 4)] == [5, 2, 2, 1]
    assert running["state"] == "open"


def test_stages_tell_how_many_came_from_one_to_the_next(
    timed: Sales, database: TestDatabase, client: ApiClient, clock: MovableClock
) -> None:
    pipeline = define_pipeline(client)
    define_reason(client, "loss")
    stays, talks, jumps, wins, reopened = (open_one(client, pipeline) for _ in range(5))
    good(move(client, talks, "talk"))
    good(move(client, talks, "new"))
    good(move(client, jumps, "offer"))
    lose(client, jumps)
    win(client, wins)
    win(client, reopened)
    good(client.post(f"{OPPORTUNITIES}/{reopened['id']}/reopen", {"stage": "talk"}))
    tell_all(timed, database, client)
    report = ask(
        client, "stage-conversions", period=clock.now().year, pipeline_id=pipeline["id"], by="owner"
    )
    told = report["total"]
    assert told["opportunities"] == 5
    rates = [(one["stage"], one["reached"], one["rate"]) for one in told["stages"]]
    # Whoever jumps a stage has passed it; the reopened one is not won, and has been talked to.
    assert rates == [
        ("new", 5, "1.0000"),
        ("talk", 4, "0.8000"),
        ("offer", 2, "0.5000"),
        ("won", 1, "0.5000"),
    ]
    assert stays["stage"] == "new"
    assert by_key(report)[None] == told


def test_reasons_and_activities_are_told_by_result(
    timed: Sales, database: TestDatabase, client: ApiClient, clock: MovableClock
) -> None:
    pipeline, year = define_pipeline(client), clock.now().year
    for reason in ("price", "timing"):
        define_reason(client, "loss", reason)
    won, dear, dearer, late = (
        open_one(client, pipeline, amount=twd("100"), industry="hotels") for _ in range(4)
    )
    for one in (won, won, dear):
        done(client, one)
    done(client, won, "visit")
    win(client, won)
    lose(client, dear, "price")
    lose(client, dearer, "price")
    lose(client, late, "timing")
    tell_all(timed, database, client)
    losses = ask(client, "loss-reasons", period=year, by="industry")
    expected = {
        "lost": 3,
        "reasons": [
            {"reason": "price", "lost": 2, "share": "0.6667", "lost_amount": twd("200.00")},
            {"reason": "timing", "lost": 1, "share": "0.3333", "lost_amount": twd("100.00")},
        ],
    }
    assert losses["total"] == expected
    assert by_key(losses) == {"hotels": expected}
    efforts = ask(client, "efforts", period=year, by="industry")
    kinds = [
        {"kind": "call", "on_won": 2, "on_lost": 1, "per_won": "2.0000", "per_lost": "0.3333"},
        {"kind": "visit", "on_won": 1, "on_lost": 0, "per_won": "1.0000", "per_lost": "0.0000"},
    ]
    assert efforts["total"] == {"won": 1, "lost": 3, "kinds": kinds}
    assert by_key(efforts) == {"hotels": efforts["total"]}


def test_what_has_several_products_counts_for_each_and_once_in_the_total(
    timed: Sales, database: TestDatabase, client: ApiClient, clock: MovableClock
) -> None:
    pipeline = define_pipeline(client)
    one, other = (
        good(client.post("/v1/sales/products", {"sku": sku, "name": {"en": sku}}))["id"]
        for sku in ("A", "B")
    )
    win(client, open_one(client, pipeline, product_ids=[one, other]))
    win(client, open_one(client, pipeline, product_ids=[one]))
    win(client, open_one(client, pipeline))
    tell_all(timed, database, client)
    report = ask(client, "outcomes", period=clock.now().year, by="product")
    assert report["total"]["won"] == 3
    assert {key: told["won"] for key, told in by_key(report).items()} == {one: 2, other: 1, None: 1}
    only = ask(client, "outcomes", period=clock.now().year, product_id=other)
    assert only["total"]["won"] == 1


def test_leads_are_told_by_where_they_come_from(
    timed: Sales, database: TestDatabase, client: ApiClient, clock: MovableClock
) -> None:
    for campaign in ("spring", "spring", "autumn"):
        capture(client, email=f"{uuid4()}@engines.example", campaign=campaign)
    tell_all(timed, database, client)
    report = ask(client, "lead-conversions", period=clock.now().year, by="campaign")
    assert report["total"]["leads"] == 3
    told = {key: one["leads"] for key, one in by_key(report).items()}
    assert told == {"spring": 2, "autumn": 1}
    only = ask(client, "lead-conversions", period=clock.now().year, campaign="spring")
    assert (only["total"]["leads"], only["total"]["conversion_rate"]) == (2, "0.0000")


def test_facts_reach_analytics_over_the_bus(app: ApiClient) -> None:
    choose_base(app)
    pipeline = define_pipeline(app)
    define_reason(app, "loss")
    one = open_one(app, pipeline, amount=twd("10"))
    done(app, one)
    win(app, one)
    lose(app, open_one(app, pipeline))
    capture(app)
    eventually(lambda: differing(app) == {})
    period = one["opened_at"][:4]
    assert ask(app, "outcomes", period=period)["total"]["win_rate"] == "0.5000"


def test_figures_reach_as_far_as_opportunities_do(
    timed: Sales, database: TestDatabase, clock: MovableClock
) -> None:
    tenant, seller, other = timed.new_tenant(), uuid4(), uuid4()
    client = timed.app_client(tenant)
    pipeline, year = define_pipeline(client), clock.now().year
    for owner in (seller, other, other):
        win(client, open_one(client, pipeline, owner_id=str(owner)))
    tell_all(timed, database, client)
    own = timed.user_client(tenant, {READ: "own"}, user_id=seller)
    report = ask(own, "outcomes", period=year, by="owner")
    assert report["total"]["won"] == 1
    assert list(by_key(report)) == [str(seller)]
    assert ask(own, "outcomes", period=year, owner_id=other)["total"]["worked"] == 0
    everything = timed.user_client(tenant, {READ: "all"})
    told = by_key(ask(everything, "outcomes", period=year, by="owner"))
    assert {key: one["won"] for key, one in told.items()} == {str(seller): 1, str(other): 2}
    assert refused(own.get(f"{ANALYTICS}/lead-conversions?period={year}")) == (
        403,
        "permission_missing",
    )
    assert own.get("/v1/sales/analytics/recount").status_code == 403


def test_teams_are_told_by_their_own_members(
    timed: Sales, database: TestDatabase, clock: MovableClock
) -> None:
    tenant, seller, both, nobodys = timed.new_tenant(), uuid4(), uuid4(), uuid4()
    north, south = uuid4(), uuid4()
    with timed.service.database.tenant_transaction(tenant) as connection:
        for team, users in ((north, [seller, both]), (south, [both])):
            known = AccessEntry(MEMBERS, str(team), 1, {"users": [str(user) for user in users]})
            remember(connection, tenant, known, clock.now())
    client = timed.app_client(tenant)
    pipeline, year = define_pipeline(client), clock.now().year
    for owner in (seller, both, nobodys):
        win(client, open_one(client, pipeline, owner_id=str(owner)))
    tell_all(timed, database, client)
    report = ask(client, "outcomes", period=year, by="team")
    assert report["total"]["won"] == 3
    told = {key: one["won"] for key, one in by_key(report).items()}
    assert told == {str(north): 2, str(south): 1, None: 1}
    assert ask(client, "outcomes", period=year, team_id=north)["total"]["won"] == 2


def test_what_is_no_period_or_no_pipeline_is_refused(app: ApiClient) -> None:
    answer = app.get(f"{ANALYTICS}/outcomes?period=2026-13")
    assert (answer.status_code, places(answer)[0][0]) == (400, "period")
    assert app.get(f"{ANALYTICS}/outcomes").status_code == 400
    assert app.get(f"{ANALYTICS}/outcomes?period=2026&by=weather").status_code == 400
    unknown = f"{ANALYTICS}/stage-conversions?period=2026&pipeline_id={UUID(int=1)}"
    assert app.get(unknown).status_code == 404
    assert app.get(f"{ANALYTICS}/stage-conversions?period=2026").status_code == 400
