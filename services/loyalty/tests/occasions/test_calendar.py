"""When a day of every year comes round: zones, leap days, clocks that change (LO-9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.occasions.calendar import Due, When, YearlyDate, dues_from, instant, next_due
from loyalty.programs.domain import LeapDay

TAIPEI = ZoneInfo("Asia/Taipei")
MORNING = When(0, time(9))
FEBRUARY, MARCH = LeapDay.FEBRUARY_28, LeapDay.MARCH_1


def at(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Taipei", "2031-06-15T01:00Z"),
        ("Europe/Berlin", "2031-06-15T07:00Z"),
        ("Pacific/Kiritimati", "2031-06-14T19:00Z"),
        ("Pacific/Pago_Pago", "2031-06-15T20:00Z"),
        ("America/New_York", "2031-06-15T13:00Z"),
    ],
)
def test_a_day_comes_in_the_zone_of_whose_it_is(zone: str, expected: str) -> None:
    found = next_due(YearlyDate(6, 15), MORNING, ZoneInfo(zone), FEBRUARY, at("2031-01-01T00:00Z"))
    assert found == Due(at(expected), 2031)


@pytest.mark.parametrize(
    ("leap_day", "days"),
    [
        (FEBRUARY, ["2031-02-28", "2032-02-29", "2033-02-28", "2034-02-28"]),
        (MARCH, ["2031-03-01", "2032-02-29", "2033-03-01", "2034-03-01"]),
    ],
)
def test_who_was_born_on_a_leap_day_has_a_day_in_every_year(
    leap_day: LeapDay, days: list[str]
) -> None:
    born = YearlyDate(2, 29)
    assert [born.in_year(year, leap_day).isoformat() for year in range(2031, 2035)] == days


def test_a_century_without_a_leap_day_has_none() -> None:
    assert YearlyDate(2, 29).in_year(2100, FEBRUARY) == date(2100, 2, 28)
    assert YearlyDate(2, 29).in_year(2000, FEBRUARY) == date(2000, 2, 29)


def test_a_time_that_the_clocks_leave_out_comes_after_the_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert instant(date(2031, 3, 30), time(2, 30), berlin) == at("2031-03-30T01:30Z")


def test_of_a_time_that_comes_twice_the_first_counts() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert instant(date(2031, 10, 26), time(2, 30), berlin) == at("2031-10-26T00:30Z")


def test_a_day_that_a_zone_leaves_out_is_kept_all_the_same() -> None:
    apia = ZoneInfo("Pacific/Apia")
    found = next_due(YearlyDate(12, 30), MORNING, apia, FEBRUARY, at("2011-06-01T00:00Z"))
    assert found == Due(at("2011-12-30T19:00Z"), 2011)
    assert found.at.astimezone(apia).isoformat() == "2011-12-31T09:00:00+14:00"


def test_the_day_itself_that_something_began_on_is_no_anniversary() -> None:
    joined = YearlyDate(3, 5, since=date(2031, 3, 5))
    found = next_due(joined, MORNING, TAIPEI, FEBRUARY, at("2031-01-01T00:00Z"))
    assert found.year == 2032


def test_a_gift_before_the_date_is_of_the_year_of_the_date() -> None:
    week_before = When(-7, time(9))
    found = next_due(YearlyDate(1, 3), week_before, TAIPEI, FEBRUARY, at("2031-12-01T00:00Z"))
    assert found == Due(at("2031-12-27T01:00Z"), 2032)


zones = st.sampled_from(
    ["Asia/Taipei", "Europe/Berlin", "Pacific/Apia", "Pacific/Kiritimati", "America/St_Johns",
     "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "UTC"]
)  # fmt: skip
days = st.dates(date(2000, 1, 1), date(2000, 12, 31))
whens = st.builds(When, st.integers(-60, 60), st.times().map(lambda t: t.replace(tzinfo=None)))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(days, whens, zones, st.sampled_from(LeapDay), instants)
def test_the_next_time_is_after_now_and_within_a_year_and_a_bit(
    day: date, when: When, zone: str, leap_day: LeapDay, after: datetime
) -> None:
    dated = YearlyDate(day.month, day.day)
    found = next_due(dated, when, ZoneInfo(zone), leap_day, after)
    assert after < found.at <= after + timedelta(days=369)
    assert (
        next_due(dated, when, ZoneInfo(zone), leap_day, found.at - timedelta(microseconds=1))
        == found
    )


@given(days, whens, zones, st.sampled_from(LeapDay), st.integers(1990, 2080))
def test_there_is_one_time_for_each_year_and_they_lie_far_apart(
    day: date, when: When, zone: str, leap_day: LeapDay, year: int
) -> None:
    dues = dues_from(YearlyDate(day.month, day.day), when, ZoneInfo(zone), leap_day, year)
    some = [next(dues) for _ in range(5)]
    assert [due.year for due in some] == list(range(year, year + 5))
    assert all(b.at - a.at > timedelta(days=362) for a, b in pairwise(some))
