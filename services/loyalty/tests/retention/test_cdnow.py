"""Real histories through happenings: cycles, states, rates and cohorts are what a plain count gives.

The file holds every tenth customer of the CDNOW sample of Fader and Hardie, as the package `lifetimes`
(MIT licence) carries it: all who first bought at a record shop in early 1997, until mid-1998.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from loyalty.happenings.domain import Happening
from services.loyalty.tests.befalling import befall_together, purchase
from services.loyalty.tests.builders import Loyalty, fire, good, lasting_app
from services.loyalty.tests.retention.plainly import Plainly

FILE = Path(__file__).with_name("cdnow_every_tenth.csv")
ZONE = ZoneInfo("America/New_York")
NAMES = UUID("5d0bd0f4-6a3c-4a3e-9a55-0d6d8f6b7f10")
LAST = datetime(1998, 6, 30, 17, tzinfo=UTC)
DEFINITION = {
    "least_buyers": 20,
    "own_from_purchases": None,
    "drift_factor": "1.5",
    "lapse_factor": "3",
    "time_zone": ZONE.key,
}
FIGURES = ("customers_at_start", "lost", "retained", "new", "returned", "customers_at_end")


def history(shift: timedelta) -> list[tuple[UUID, datetime, str]]:
    """Who bought when for how much, all days moved by as much; at noon in New York."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return [
            (
                uuid5(NAMES, row["customer"]),
                datetime.strptime(row["date"], "%Y%m%d").replace(hour=17, tzinfo=UTC) + shift,
                row["dollars"],
            )
            for row in csv.DictReader(file)
        ]


@pytest.fixture
def shift(clock: MovableClock) -> timedelta:
    """By whole days, so that the last purchase was yesterday."""
    return timedelta(days=(clock.now() - LAST).days - 1)


@pytest.fixture
def shop(
    timed: Loyalty, clock: MovableClock, shift: timedelta
) -> tuple[ApiClient, dict[UUID, list[datetime]]]:
    """A tenant whose customers they are: half are known before it says who is lost, half come after."""
    client = lasting_app(timed, clock)
    bought: dict[UUID, list[datetime]] = defaultdict(list)
    told: list[Happening] = []
    for person, at, dollars in history(shift):
        bought[person].append(at)
        told.append(purchase(person, at, dollars, category="music"))
    half = len(told) // 2
    befall_together(timed, client, told[:half])
    good(client.put("/v1/loyalty/retention-definition", DEFINITION))
    for _ in range(4):
        fire(timed)
    befall_together(timed, client, told[half:])
    clock.move(timedelta(days=1))
    for _ in range(6):
        fire(timed)
    return client, bought


def test_the_figures_of_real_customers_are_those_of_a_plain_count(
    shop: tuple[ApiClient, dict[UUID, list[datetime]]], clock: MovableClock, shift: timedelta
) -> None:
    client, bought = shop
    assert (len(bought), sum(map(len, bought.values()))) == (236, 821)
    plainly = Plainly(bought, timedelta(0), ZONE)
    (music,) = [
        one
        for one in good(client.get("/v1/loyalty/purchase-cycles"))["items"]
        if one["category"] == "music"
    ]
    buyers = sum(len({at.date() for at in times}) > 1 for times in bought.values())
    assert (music["days"], music["source"]) == (int(plainly.cycle_days() + 0.5), "estimated")
    assert music["buyers"] == buyers
    cycle = music["days"]
    plainly = Plainly(bought, timedelta(days=3 * cycle), ZONE)
    _states_agree(client, bought, clock.now(), cycle)
    _rates_agree(client, plainly, clock.now(), shift)
    _cohorts_agree(client, plainly, shift)


def _states_agree(
    client: ApiClient, bought: dict[UUID, list[datetime]], now: datetime, cycle: int
) -> None:
    def state(times: list[datetime]) -> str:
        since = now - max(times)
        if since >= timedelta(days=3 * cycle):
            return "lapsed"
        return "drifting" if since >= timedelta(days=1.5 * cycle) else "active"

    expected = Counter(state(times) for times in bought.values())
    assert expected["drifting"] > 10
    for name, count in expected.items():
        path = f"/v1/loyalty/customers?state={name}&page_size=1&count=true"
        assert (name, good(client.get(path))["total_count"]) == (name, count)


def _rates_agree(client: ApiClient, plainly: Plainly, now: datetime, shift: timedelta) -> None:
    first = (datetime(1997, 1, 1, tzinfo=UTC) + shift).date()
    for by, least in (("month", 18), ("quarter", 6), ("year", 2)):
        path = f"/v1/loyalty/retention-rates?by={by}&first_on={first}&last_on={now.date()}"
        told: dict[str, Any] = good(client.get(path))
        assert len(told["items"]) >= least
        for one in told["items"]:
            begins, ends = (_midnight(one["first_on"]), _midnight(one["last_on"], days=1))
            expected = plainly.rate(begins, min(ends, now))
            assert {name: one[name] for name in FIGURES} == expected, one["period"]
            start = expected["customers_at_start"]
            if start:
                rate = float(one["retention_rate"])
                assert rate == pytest.approx(100 * expected["retained"] / start, abs=0.005)
        assert "customers_at_start" in told["definitions"]


def _cohorts_agree(client: ApiClient, plainly: Plainly, shift: timedelta) -> None:
    first = (datetime(1997, 1, 1, tzinfo=UTC) + shift).date()
    last = (datetime(1997, 6, 1, tzinfo=UTC) + shift).date()
    path = f"/v1/loyalty/retention-cohorts?first_on={first}&last_on={last}&months=24"
    told = good(client.get(path))["items"]
    found = {
        (one["first_month"], month["month"]): month["buyers"]
        for one in told
        for month in one["months"]
        if month["buyers"]
    }
    assert found == plainly.cohorts()
    assert all(one["months"][0]["percent"] == "100.00" for one in told)


def _midnight(day: str, days: int = 0) -> datetime:
    at = datetime.fromisoformat(day) + timedelta(days=days)
    return at.replace(tzinfo=ZONE).astimezone(UTC)
