"""Periods: what they are called, which days they have, and which one comes next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid
from sales.periods.domain import Period, PeriodLength

days = st.dates(date(1900, 1, 1), date(2998, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2026-04-01..2027-03-31", "2026-04-01", "2027-03-31"),
    ],
)
def test_a_period_is_read_and_written_alike(text: str, first: str, last: str) -> None:
    period = Period.parse(text)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)
    assert period.name == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "0000",
        "9999",
        "9999-02",
        "9999-Q1",
        "1899-12",
        "3000-01",
        "9999-12-01..9999-12-31",
        "9999-12-31..9999-12-31",
        "2026-Q5",
        "2026-13",
        "2026-02-30..2026-03-01",
        "2026-03-02..2026-03-01",
        "2026-01-01..2027-01-02",
        "2026-Q1 ",
        "\uff12\uff10\uff12\uff16",
    ],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Period.parse(text)
    assert refusal.value.violations[0].code == "period_unknown"


@given(days, st.sampled_from(PeriodLength))
def test_periods_of_the_calendar_follow_each_other_without_a_gap(
    day: date, length: PeriodLength
) -> None:
    period = Period.containing(day, length)
    assert day in period
    assert period.length is length
    following = period.following()
    assert following.first == period.last + timedelta(days=1)
    assert following.length is length
    assert Period.parse(period.name) == period


@given(days, st.integers(0, 365))
def test_any_days_are_a_period_that_is_read_back(day: date, more: int) -> None:
    period = Period(day, day + timedelta(days=more))
    assert Period.parse(period.name) == period
    assert period.days == more + 1
    assert (period.ends_at - period.begins_at).days == more + 1
