"""What counts, in whole days of the member's own zone, without any input or output (LO-5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.qualifying.counting import kept_of
from loyalty.qualifying.domain import (
    Contribution,
    counted_since,
    days_after,
    midnight,
    months_after,
    reckon,
    window_of,
)
from loyalty.tiers.domain import QualifyBy, TierTerms, WindowKind

TAIPEI, BERLIN = ZoneInfo("Asia/Taipei"), ZoneInfo("Europe/Berlin")
zones = st.sampled_from([TAIPEI, BERLIN, ZoneInfo("America/Santiago"), ZoneInfo("UTC")])
moments = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
given_amounts = st.lists(st.tuples(moments, st.integers(1, 1000).map(Decimal)), max_size=12)


def terms(window: WindowKind, months: int = 12) -> TierTerms:
    """Terms that matter here."""
    return TierTerms((), QualifyBy.SPEND, window, months)


def plainly(
    months: int, amounts: list[tuple[datetime, Decimal]], now: datetime, zone: ZoneInfo
) -> Decimal:
    """What counts by the plain words: a day counts until the same day so many months later begins."""
    today = now.astimezone(zone).date()
    days = [(min(at.astimezone(zone).date(), today), amount) for at, amount in amounts]
    return sum((a for day, a in days if today < months_after(day, months)), Decimal(0))


@given(given_amounts, moments, zones, st.integers(1, 24))
def test_a_rolling_window_is_what_its_words_say_now_and_at_each_time_to_come(
    amounts: list[tuple[datetime, Decimal]], now: datetime, zone: ZoneInfo, months: int
) -> None:
    contributions = [Contribution(at, amount) for at, amount in amounts]
    past = [(min(at, now), amount) for at, amount in amounts]
    rolling = terms(WindowKind.ROLLING, months)
    reckoning = reckon(rolling, contributions, now, zone)
    assert reckoning.value == reckoning.holds == plainly(months, past, now, zone)
    before = now
    for at, left in reckoning.drops:
        assert before < at
        assert plainly(months, past, at, zone) == left
        assert plainly(months, past, at - timedelta(seconds=1), zone) > left
        before = at
    since = counted_since(rolling, now, zone)
    assert since is not None
    assert reckon(rolling, [c for c in contributions if c.at >= since], now, zone) == reckoning


@given(given_amounts, moments, zones)
def test_a_calendar_year_counts_for_itself_and_keeps_through_the_next(
    amounts: list[tuple[datetime, Decimal]], now: datetime, zone: ZoneInfo
) -> None:
    contributions = [Contribution(min(at, now), amount) for at, amount in amounts]
    by_year = terms(WindowKind.CALENDAR_YEAR)
    reckoning = reckon(by_year, contributions, now, zone)
    for at, left in reckoning.drops:
        assert reckon(by_year, contributions, at, zone).holds == left
    since = counted_since(by_year, now, zone)
    assert since is not None
    assert reckon(by_year, [c for c in contributions if c.at >= since], now, zone) == reckoning


@given(given_amounts, moments, zones)
def test_of_a_lifetime_nothing_is_ever_lost(
    amounts: list[tuple[datetime, Decimal]], now: datetime, zone: ZoneInfo
) -> None:
    contributions = [Contribution(at, amount) for at, amount in amounts]
    reckoning = reckon(terms(WindowKind.LIFETIME), contributions, now, zone)
    assert reckoning.value == sum((amount for _, amount in amounts), Decimal(0))
    assert reckoning.enough_until(reckoning.value) is None


def test_what_was_bought_on_a_leap_day_counts_until_the_last_of_february() -> None:
    bought = Contribution(datetime(2028, 2, 29, 12, tzinfo=TAIPEI), Decimal(100))
    yearly = terms(WindowKind.ROLLING)
    last = datetime(2029, 2, 27, 23, 59, tzinfo=TAIPEI)
    assert reckon(yearly, [bought], last, TAIPEI).value == 100
    assert reckon(yearly, [bought], last + timedelta(minutes=1), TAIPEI).value == 0


def test_a_year_begins_at_the_members_own_midnight() -> None:
    # A quarter to midnight in Berlin, where it is a quarter to seven of the new year in Taipei.
    bought = Contribution(datetime(2030, 12, 31, 22, 45, tzinfo=UTC), Decimal(100))
    now = datetime(2031, 6, 1, tzinfo=UTC)
    by_year = terms(WindowKind.CALENDAR_YEAR)
    assert reckon(by_year, [bought], now, TAIPEI).value == 100
    assert reckon(by_year, [bought], now, BERLIN).value == 0
    assert reckon(by_year, [bought], now, BERLIN).holds == 100


def test_days_begin_at_midnight_on_both_sides_of_a_summer_time_change() -> None:
    assert midnight(date(2031, 3, 30), BERLIN) == datetime(2031, 3, 29, 23, tzinfo=UTC)
    assert midnight(date(2031, 3, 31), BERLIN) == datetime(2031, 3, 30, 22, tzinfo=UTC)
    # Where the clock skips midnight, the day begins when it has.
    santiago = ZoneInfo("America/Santiago")
    assert midnight(date(2026, 9, 6), santiago) == datetime(2026, 9, 6, 4, tzinfo=UTC)


def test_whole_days_are_counted_from_the_next_midnight_or_from_one() -> None:
    assert days_after(midnight(date(2031, 1, 1), BERLIN), 30, BERLIN) == midnight(
        date(2031, 1, 31), BERLIN
    )
    noon = datetime(2031, 1, 1, 12, tzinfo=BERLIN)
    assert days_after(noon, 30, BERLIN) == midnight(date(2031, 2, 1), BERLIN)


def test_the_window_of_today_is_said_in_days() -> None:
    now = datetime(2031, 5, 15, 1, tzinfo=TAIPEI)
    window = window_of(terms(WindowKind.ROLLING, 3), now, TAIPEI)
    assert (window.first, window.until) == (date(2031, 2, 16), date(2031, 5, 16))
    year = window_of(terms(WindowKind.CALENDAR_YEAR), now, TAIPEI)
    assert (year.first, year.until) == (date(2031, 1, 1), date(2032, 1, 1))
    ever = window_of(terms(WindowKind.LIFETIME), now, TAIPEI)
    assert (ever.first, ever.until) == (None, None)


def row(kind: str, order: int, day: int, amount: str) -> dict[str, Any]:
    """A happening as it is read."""
    return {
        "kind": kind,
        "order_id": UUID(int=order),
        "order_number": f"O-{order}",
        "happened_at": datetime(2031, 1, day, tzinfo=UTC),
        "amount": Decimal(amount),
    }


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([("order_delivered", 1, 1, "100"), ("order_refunded", 1, 2, "30")], ["70"]),
        (
            [
                ("order_delivered", 1, 1, "100"),
                ("order_delivered", 1, 2, "50"),
                ("order_refunded", 1, 3, "60"),
            ],
            ["90"],
        ),
        # Paid back before anything of it was delivered: that was for what never came.
        ([("order_refunded", 1, 1, "30"), ("order_delivered", 1, 2, "70")], ["70"]),
        # Another order's money, and more than there was.
        (
            [
                ("order_delivered", 1, 1, "100"),
                ("order_refunded", 2, 2, "30"),
                ("order_refunded", 1, 3, "400"),
                ("order_delivered", 1, 4, "20"),
            ],
            ["20"],
        ),
    ],
)
def test_what_was_paid_back_is_taken_off_the_last_that_was_delivered_by_then(
    rows: list[tuple[str, int, int, str]], left: list[str]
) -> None:
    kept = kept_of([row(*one) for one in rows])
    assert [str(one.amount) for _, one in kept] == left
