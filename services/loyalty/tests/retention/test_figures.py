"""Rates, cohorts and kinds of loss over REST: small ones by hand, and any history against a plain count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from loyalty.happenings.domain import HappeningKind
from services.loyalty.tests.befalling import befall, befall_together, of_order, purchase
from services.loyalty.tests.builders import Loyalty, fire, good, lasting_app, places, refused
from services.loyalty.tests.retention.plainly import Plainly

DEFINITION = "/v1/loyalty/retention-definition"
RATES = "/v1/loyalty/retention-rates"
COHORTS = "/v1/loyalty/retention-cohorts"
LOSSES = "/v1/loyalty/losses"
RULES = {
    "least_buyers": None,
    "own_from_purchases": None,
    "default_cycle_days": 20,
    "lapse_factor": "3",
    "early_days": 100,
    "high_value": {"amount": "500", "currency": "TWD"},
    "time_zone": "Asia/Taipei",
}
TAIPEI = ZoneInfo("Asia/Taipei")
NOW = datetime(2031, 7, 1, 4, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    """Noon in Taipei on 1 July 2031."""
    return MovableClock(NOW)


@pytest.fixture
def owner(timed: Loyalty, clock: MovableClock) -> ApiClient:
    client = lasting_app(timed, clock)
    good(client.put(DEFINITION, RULES))
    fire(timed)
    return client


def on(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=TAIPEI)


@pytest.mark.parametrize("path", [RATES, COHORTS, LOSSES])
def test_figures_need_a_token_and_a_definition(
    timed: Loyalty, clock: MovableClock, path: str
) -> None:
    days = "day=2031-01-01" if path == LOSSES else "first_on=2031-01-01&last_on=2031-02-01"
    assert timed.anonymous().get(f"{path}?{days}").status_code == 401
    client = lasting_app(timed, clock)
    assert refused(client.get(f"{path}?{days}")) == (409, "retention_undefined")


def test_retention_and_loss_of_a_month_are_those_of_the_customers_at_its_start(
    timed: Loyalty, owner: ApiClient
) -> None:
    stays, goes, comes, back = (uuid4() for _ in range(4))
    befall(
        timed,
        owner,
        *(purchase(stays, on(day)) for day in ("2031-01-10", "2031-02-20", "2031-04-10")),
        purchase(goes, on("2031-01-15")),  # lost on 16 March
        purchase(comes, on("2031-03-31", 23)),  # still March in Taipei
        purchase(back, on("2030-10-01")),
        purchase(back, on("2031-03-20")),
    )
    told = good(owner.get(f"{RATES}?by=month&first_on=2031-03-05&last_on=2031-03-06"))
    (march,) = told["items"]
    assert (march["period"], march["is_over"], told["zone"]) == ("2031-03", True, "Asia/Taipei")
    counted = ("customers_at_start", "retained", "lost", "new", "returned", "customers_at_end")
    assert [march[name] for name in counted] == [2, 1, 1, 1, 1, 3]
    assert (march["retention_rate"], march["loss_rate"]) == ("50.00", "50.00")
    (year,) = good(owner.get(f"{RATES}?by=year&first_on=2031-03-05&last_on=2031-03-06"))["items"]
    assert (year["period"], year["is_over"], year["retention_rate"]) == ("2031", False, None)


def test_a_cohort_is_followed_month_by_month_up_to_now(timed: Loyalty, owner: ApiClient) -> None:
    one, other = uuid4(), uuid4()
    befall(
        timed,
        owner,
        *(purchase(one, on(day)) for day in ("2031-05-01", "2031-05-20", "2031-07-01")),
        purchase(other, on("2031-05-31", 23)),
    )
    told = good(owner.get(f"{COHORTS}?first_on=2031-05-01&last_on=2031-06-30"))
    assert told["items"] == [
        {
            "first_month": "2031-05",
            "size": 2,
            "months": [
                {"month": 0, "buyers": 2, "percent": "100.00"},
                {"month": 1, "buyers": 0, "percent": "0.00"},
                {"month": 2, "buyers": 1, "percent": "50.00"},
            ],
        }
    ]


def test_losses_are_told_by_reason_value_and_time(timed: Loyalty, owner: ApiClient) -> None:
    early, late, entered = (uuid4() for _ in range(3))
    befall(
        timed,
        owner,
        purchase(early, on("2031-03-10"), "100"),
        purchase(entered, on("2031-03-11"), "50"),
        *(purchase(late, on(f"2031-0{month}-20"), "200") for month in (1, 2, 3)),
        purchase(late, on("2030-12-10"), "200"),
        of_order(
            HappeningKind.ORDER_RETURNED,
            early,
            on("2031-03-12"),
            "1",
            properties={"reason": "defective"},
        ),
    )
    good(owner.put(f"/v1/loyalty/customers/{entered}/loss-reason", {"reason": "moved"}))
    told = good(owner.get(f"{LOSSES}?by=month&day=2031-05-02"))

    def kinds(name: str) -> set[tuple[str | None, int, str]]:
        return {(one["key"], one["customers"], one["turnover"]["amount"]) for one in told[name]}

    assert (told["customers"], told["turnover"]["amount"]) == (3, "950.00")
    assert kinds("by_reason") == {
        ("defective", 1, "100.00"),
        ("moved", 1, "50.00"),
        (None, 1, "800.00"),
    }
    assert kinds("by_value") == {("high", 1, "800.00"), ("low", 2, "150.00")}
    assert kinds("by_timing") == {("early", 2, "150.00"), ("late", 1, "800.00")}
    assert good(owner.get(f"{LOSSES}?by=month&day=2031-06-02"))["customers"] == 0


def test_too_many_periods_or_days_without_order_are_refused(owner: ApiClient) -> None:
    long = owner.get(f"{RATES}?by=month&first_on=2020-01-01&last_on=2031-01-01")
    assert places(long) == [("last_on", "periods_too_many")]
    swapped = owner.get(f"{RATES}?first_on=2031-02-01&last_on=2031-01-01")
    assert places(swapped) == [("last_on", "days_impossible")]
    far = owner.get(f"{COHORTS}?first_on=0001-01-01&last_on=9999-12-31")
    assert far.status_code == 400
    assert owner.get(f"{RATES}?first_on=2031-02-01").status_code == 400


def test_another_tenants_customers_are_not_counted(
    timed: Loyalty, owner: ApiClient, clock: MovableClock
) -> None:
    stranger = lasting_app(timed, clock)
    good(stranger.put(DEFINITION, RULES))
    befall(timed, stranger, purchase(uuid4(), on("2031-05-01")))
    path = f"{RATES}?by=year&first_on=2031-05-01&last_on=2031-05-01"
    assert good(owner.get(path))["items"][0]["new"] == 0
    assert good(stranger.get(path))["items"][0]["new"] == 1


histories = st.lists(st.lists(st.integers(1, 540), min_size=1, max_size=6), min_size=1, max_size=8)


@given(histories)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_history_gives_the_rates_of_a_plain_count(
    timed: Loyalty, clock: MovableClock, history: list[list[int]]
) -> None:
    client = lasting_app(timed, clock)
    good(client.put(DEFINITION, RULES))
    bought: dict[UUID, list[datetime]] = {
        uuid4(): [NOW - timedelta(days=day) for day in days] for days in history
    }
    told = [purchase(person, at) for person, times in bought.items() for at in times]
    befall_together(timed, client, told)
    plainly = Plainly(bought, timedelta(days=60), TAIPEI)
    items = good(client.get(f"{RATES}?by=month&first_on=2030-01-01&last_on=2031-07-01"))["items"]
    for item in items:
        begins = on(item["first_on"], 0)
        ends = min(on(date.fromisoformat(item["last_on"]).isoformat(), 0) + timedelta(days=1), NOW)
        expected = plainly.rate(begins, ends)
        assert {name: item[name] for name in expected} == expected, item["period"]
