"""What was won is credited to the campaign that turned its lead into a prospect (SA-5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from services.sales.tests.builders import (
    LEADS,
    OPPORTUNITIES,
    Sales,
    at_once,
    capture,
    choose_base,
    define_pipeline,
    good,
    move,
    open_one,
    refused,
)
from services.sales.tests.counting import differing, forget_counts, tell_all
from services.sales.tests.lead_conversions.conftest import app, asking, customers

__all__ = ["app", "asking", "customers"]
ANALYTICS = "/v1/sales/analytics"


@pytest.fixture
def pipeline(app: ApiClient, clock: MovableClock) -> dict[str, Any]:
    """A pipeline of a tenant that adds up in TWD, at the beginning of a year."""
    clock.move(datetime(clock.now().year + 1, 1, 5, tzinfo=UTC) - clock.now())
    choose_base(app)
    return define_pipeline(app)


def convert(client: ApiClient, campaign: str, amount: str | None, **more: Any) -> dict[str, Any]:
    """The opportunity of a lead that a campaign has brought."""
    lead = capture(client, email=f"{uuid4()}@engines.example", campaign=campaign, **more)
    worth = {} if amount is None else {"amount": {"amount": amount, "currency": "TWD"}}
    done = good(client.post(f"{LEADS}/{lead['id']}/convert", worth))
    return good(client.get(f"{OPPORTUNITIES}/{done['opportunity_id']}"))


def ask(client: ApiClient, report: str, query: str) -> dict[str, Any]:
    """A report."""
    return good(client.get(f"{ANALYTICS}/{report}?{query}"))


def returns(client: ApiClient, period: object) -> dict[str | None, tuple[Any, ...]]:
    """What each campaign has returned: won, amount, average."""
    report = ask(client, "outcomes", f"period={period}&by=campaign")
    return {
        one["key"]: (
            one["won"],
            one["won_amount"]["amount"],
            one["average_deal"] and one["average_deal"]["amount"],
        )
        for one in report["groups"]
    }


def test_what_was_won_is_told_by_the_campaign_that_the_conversion_is_credited_to(
    asking: Sales,
    app: ApiClient,
    database: TestDatabase,
    clock: MovableClock,
    pipeline: dict[str, Any],
) -> None:
    year = clock.now().year
    for amount in ("1000", "500"):
        good(move(app, convert(app, "spring", amount), "won"))
    convert(app, "spring", "9000")  # still open
    # The summer campaign has turned a lead that spring had brought.
    lead = capture(app, email="turned@engines.example", campaign="spring", source="web")
    clock.move(timedelta(hours=1))
    touch = {"kind": "mail", "campaign": "summer", "source": "web", "at": clock.now().isoformat()}
    good(app.post(f"{LEADS}/{lead['id']}/touches", touch))
    body = {"amount": {"amount": "300", "currency": "TWD"}}
    turned = good(app.post(f"{LEADS}/{lead['id']}/convert", body))
    good(move(app, {"id": turned["opportunity_id"]}, "won"))
    good(move(app, open_one(app, pipeline, amount=body["amount"]), "won"))  # of no lead
    tell_all(asking, database, app)
    assert differing(app) == {}
    assert returns(app, year) == {
        "spring": (2, "1500.00", "750.00"),
        "summer": (1, "300.00", "300.00"),
        None: (1, "300.00", "300.00"),
    }
    report = ask(app, "outcomes", f"period={year}&by=campaign")
    assert report["definitions"][-1]["figure"] == "campaign"
    only = ask(app, "outcomes", f"period={year}&campaign=summer")
    assert (only["total"]["worked"], only["total"]["won_amount"]["amount"]) == (1, "300.00")
    plain = ask(app, "outcomes", f"period={year}")
    assert "campaign" not in {one["figure"] for one in plain["definitions"]}
    efforts = ask(app, "efforts", f"period={year}&by=campaign")
    assert {one["key"]: one["won"] for one in efforts["groups"]} == {
        "spring": 2,
        "summer": 1,
        None: 1,
    }


@pytest.mark.usefixtures("pipeline")
def test_a_return_counts_for_the_day_on_which_it_was_won_and_is_taken_back_when_reopened(
    asking: Sales,
    app: ApiClient,
    database: TestDatabase,
    clock: MovableClock,
) -> None:
    year = clock.now().year
    one = convert(app, "spring", "1000")
    clock.move(timedelta(days=40))
    good(move(app, one, "won"))
    tell_all(asking, database, app)
    assert returns(app, f"{year}-01") == {"spring": (0, "0.00", None)}
    assert returns(app, f"{year}-02") == {"spring": (1, "1000.00", "1000.00")}
    good(app.post(f"{OPPORTUNITIES}/{one['id']}/reopen", {}))
    tell_all(asking, database, app)
    assert returns(app, f"{year}-02") == {"spring": (0, "0.00", None)}


@pytest.mark.usefixtures("pipeline")
def test_a_recount_finds_the_campaigns_of_what_was_won_again(
    asking: Sales,
    app: ApiClient,
    database: TestDatabase,
    clock: MovableClock,
) -> None:
    one = convert(app, "spring", "1000")
    assert at_once(*[lambda: move(app, one, "won")] * 2) in ([200, 200], [200, 409])
    tell_all(asking, database, app)
    before = returns(app, clock.now().year)
    assert before == {"spring": (1, "1000.00", "1000.00")}
    assert app.tenant_id is not None
    forget_counts(database, app.tenant_id)
    assert returns(app, clock.now().year) == {}
    assert good(app.post(f"{ANALYTICS}/recount"))["agrees"]
    assert returns(app, clock.now().year) == before


def test_returns_of_campaigns_reach_as_far_as_opportunities_do(
    asking: Sales, app: ApiClient, database: TestDatabase, clock: MovableClock
) -> None:
    choose_base(app)
    define_pipeline(app)
    seller, year = uuid4(), clock.now().year
    for owner, amount in ((seller, "100"), (UUID(int=1), "900")):
        good(move(app, convert(app, "spring", amount, owner_id=str(owner)), "won"))
    tell_all(asking, database, app)
    assert app.tenant_id is not None
    own = asking.user_client(app.tenant_id, {"sales.opportunities.read": "own"}, user_id=seller)
    assert returns(own, year) == {"spring": (1, "100.00", "100.00")}
    only = ask(own, "outcomes", f"period={year}&campaign=spring")
    assert only["total"]["won_amount"]["amount"] == "100.00"
    stranger = asking.user_client(app.tenant_id, {"sales.leads.read": "all"})
    path = f"{ANALYTICS}/outcomes?period={year}&by=campaign"
    assert refused(stranger.get(path)) == (403, "permission_missing")
