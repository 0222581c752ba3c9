"""Days that come round, without any input or output (LO-9)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.profiles.domain import in_year, zone_named
from loyalty.programs.domain import LeapDay


@pytest.mark.parametrize(
    ("year", "leap_day", "day"),
    [
        (2027, LeapDay.FEBRUARY_28, date(2027, 2, 28)),
        (2027, LeapDay.MARCH_1, date(2027, 3, 1)),
        (2028, LeapDay.FEBRUARY_28, date(2028, 2, 29)),
        (2028, LeapDay.MARCH_1, date(2028, 2, 29)),
        (2100, LeapDay.MARCH_1, date(2100, 3, 1)),
    ],
)
def test_a_leap_day_is_kept_in_other_years_as_the_program_says(
    year: int, leap_day: LeapDay, day: date
) -> None:
    assert in_year(date(1992, 2, 29), year, leap_day) == day


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(1900, 2200))
def test_every_day_comes_round_once_in_every_year(first: date, year: int) -> None:
    for leap_day in LeapDay:
        day = in_year(first, year, leap_day)
        assert day.year == year
        assert (first.month, first.day) in {(day.month, day.day), (2, 29)}


def test_what_is_no_time_zone_is_none() -> None:
    assert [zone_named(name) for name in ("", "Asia/Atlantis", "../etc/passwd")] == [None] * 3
    zone = zone_named("Asia/Taipei")
    assert zone is not None
    assert zone.key == "Asia/Taipei"
