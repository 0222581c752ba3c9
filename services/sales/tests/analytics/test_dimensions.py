"""Each dimension tells opportunities apart, and each filter chooses those of one value (SA-15)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from services.sales.tests.builders import (
    Sales,
    choose_base,
    define_pipeline,
    good,
    lasting_app,
    move,
    open_one,
)
from services.sales.tests.counting import tell_all

OUTCOMES = "/v1/sales/analytics/outcomes"


@pytest.fixture
def sold(
    timed: Sales, database: TestDatabase, clock: MovableClock
) -> tuple[ApiClient, int, dict[str, str]]:
    """Four won opportunities in two pipelines, one in each of four quarters of two years."""
    clock.move(datetime(clock.now().year + 1, 7, 5, tzinfo=UTC) - clock.now())
    client, year = lasting_app(timed, clock), clock.now().year
    choose_base(client)
    one, other = define_pipeline(client), define_pipeline(client)
    deals: list[tuple[dict[str, Any], dict[str, Any]]] = [
        (one, {"channel": "partner", "branch": "North"}),
        (one, {"channel": "partner", "branch": "South"}),
        (one, {"channel": "shop", "branch": "North"}),
        (other, {}),
    ]
    for pipeline, where in deals:
        opened = open_one(client, pipeline, amount={"amount": "100", "currency": "TWD"}, **where)
        good(move(client, opened, "won"))
        clock.move(timedelta(days=92))
    tell_all(timed, database, client)
    return client, year, {one["id"]: "one", other["id"]: "other"}


def told(client: ApiClient, year: int, query: str) -> dict[str, Any]:
    """Outcomes of twelve months across two years."""
    return good(client.get(f"{OUTCOMES}?period={year}-07-01..{year + 1}-06-30&{query}"))


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("channel", {"partner": 2, "shop": 1, None: 1}),
        ("branch", {"North": 2, "South": 1, None: 1}),
        ("pipeline", {"one": 3, "other": 1}),
        ("quarter", {"Q3": 1, "Q4": 1, "next Q1": 1, "next Q2": 1}),
        ("year", {"this": 2, "next": 2}),
    ],
)
def test_each_dimension_tells_what_was_won_apart(
    sold: tuple[ApiClient, int, dict[str, str]], by: str, expected: dict[str | None, int]
) -> None:
    client, year, names = sold
    names = {
        **names,
        f"{year}-07-01..{year}-12-31": "this",
        f"{year + 1}-01-01..{year + 1}-06-30": "next",
        f"{year}-Q3": "Q3",
        f"{year}-Q4": "Q4",
        f"{year + 1}-Q1": "next Q1",
        f"{year + 1}-Q2": "next Q2",
    }
    report = told(client, year, f"by={by}")
    assert report["total"]["won"] == 4
    won = {names.get(one["key"], one["key"]): one["won"] for one in report["groups"] if one["won"]}
    assert won == expected
    amounts = {one["won_amount"]["amount"] for one in report["groups"] if one["won"] == 1}
    assert amounts <= {"100.00"}


@pytest.mark.parametrize(
    ("only", "won"),
    [
        ("channel=partner", 2),
        ("channel=shop", 1),
        ("channel=fax", 0),
        ("branch=North", 2),
        ("branch=South", 1),
        ("channel=partner&branch=South", 1),
        ("channel=shop&branch=South", 0),
    ],
)
def test_each_filter_chooses_what_counts(
    sold: tuple[ApiClient, int, dict[str, str]], only: str, won: int
) -> None:
    client, year, _names = sold
    assert told(client, year, only)["total"]["won"] == won
