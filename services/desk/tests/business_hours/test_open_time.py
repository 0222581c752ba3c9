"""How much open time lies between two instants, against a count of every single minute (DE-3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.domain import Invalid
from desk.business_hours.domain import (
    AROUND_THE_CLOCK,
    END_OF_DAY,
    HORIZON,
    Holiday,
    Hours,
    Interval,
    after_open_time,
    open_time_between,
    require_possible,
)

MINUTE = timedelta(minutes=1)
WORKDAY = (Interval(9 * 60, 18 * 60),)
OFFICE = Hours("Asia/Taipei", (WORKDAY,) * 5 + ((), ()))
CHANGES = {
    "Europe/Berlin": ((2026, 3, 29), (2026, 10, 25)),
    "America/New_York": ((2026, 3, 8), (2026, 11, 1)),
    "Australia/Lord_Howe": ((2026, 4, 4), (2026, 10, 3)),
    "America/Santiago": ((2026, 4, 4), (2026, 9, 5)),
    "Africa/Casablanca": ((2026, 2, 15), (2026, 3, 22)),
    "Pacific/Apia": ((2011, 12, 29), (2011, 12, 30)),
    "Asia/Kathmandu": ((2026, 3, 1), (2026, 3, 2)),
}
"""Zones, and days around which their clocks change: by an hour, half an hour, a whole day or never."""


@st.composite
def days(draw: st.DrawFn) -> tuple[Interval, ...]:
    """A day with none, one or two intervals, one of which may last up to midnight."""
    bounds = sorted(draw(st.sets(st.integers(0, END_OF_DAY // 30), max_size=4)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return tuple(Interval(start * 30, end * 30) for start, end in pairs)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Hours, datetime, datetime]:
    """Hours with a holiday or two, and two instants near a change of the clocks."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    around = date(*draw(st.sampled_from(CHANGES[zone])))
    holidays = draw(st.lists(st.integers(-2, 4), unique=True, max_size=2))
    hours = Hours(
        zone,
        tuple(draw(days()) for _ in range(7)),
        tuple(Holiday(around + timedelta(days=n), "Holiday", draw(days())) for n in holidays),
    )
    first = datetime(around.year, around.month, around.day, tzinfo=UTC) - timedelta(days=1)
    start = first + MINUTE * draw(st.integers(0, 2 * END_OF_DAY))
    return hours, start, start + MINUTE * draw(st.integers(0, 4 * END_OF_DAY))


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether the clock on the wall shows a time of one of the day's intervals."""
    local = at.astimezone(ZoneInfo(hours.time_zone))
    minute = local.hour * 60 + local.minute
    special = {one.on: one.intervals for one in hours.holidays}
    of_day = special.get(local.date(), hours.week[local.weekday()])
    return any(one.start <= minute < one.end for one in of_day)


@settings(max_examples=60, deadline=None)
@given(questions())
def test_open_time_is_what_counting_every_minute_gives(
    question: tuple[Hours, datetime, datetime],
) -> None:
    hours, start, end = question
    minutes = (end - start) // MINUTE
    counted = sum(is_open(hours, start + MINUTE * n) for n in range(minutes))
    assert open_time_between(hours, start, end) == MINUTE * counted


@settings(max_examples=60, deadline=None)
@given(questions(), st.integers(1, 600))
def test_a_deadline_is_the_first_minute_by_which_so_many_were_open(
    question: tuple[Hours, datetime, datetime], wanted: int
) -> None:
    hours, start, _end = question
    reached, at = 0, start
    while reached < wanted and at < start + timedelta(days=10):
        reached += is_open(hours, at)
        at += MINUTE
    found = after_open_time(hours, start, MINUTE * wanted)
    if reached == wanted:
        assert found == at
    else:
        assert found is None or found > at


@settings(max_examples=60, deadline=None)
@given(questions(), st.integers(0, 10**9))
def test_what_lies_between_an_instant_and_its_deadline_is_what_was_asked_for(
    question: tuple[Hours, datetime, datetime], microseconds: int
) -> None:
    hours, start, _end = question
    span = timedelta(microseconds=microseconds)
    found = after_open_time(hours, start, span)
    if found is not None:
        assert open_time_between(hours, start, found) == span


def test_an_hour_that_is_left_out_counts_not_and_one_that_comes_twice_counts_twice() -> None:
    night = Hours("Europe/Berlin", ((Interval(60, 240),),) * 7)
    spring, autumn = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
    day = timedelta(days=1)
    assert open_time_between(night, spring - day / 4, spring + day / 4) == timedelta(hours=2)
    assert open_time_between(night, autumn - day / 4, autumn + day / 4) == timedelta(hours=4)


def test_a_day_has_23_or_25_hours_when_the_clocks_change() -> None:
    always = Hours("Europe/Berlin", ((Interval(0, END_OF_DAY),),) * 7, ())
    berlin = ZoneInfo("Europe/Berlin")
    for day, hours in ((29, 23), (30, 24)):
        begins = datetime(2026, 3, day, tzinfo=berlin)
        ends = datetime(2026, 3, day + 1, tzinfo=berlin)
        assert open_time_between(always, begins, ends) == timedelta(hours=hours)


def test_four_hours_from_friday_afternoon_end_on_monday_after_a_half_holiday() -> None:
    half = Holiday(date(2026, 11, 27), "Company day", (Interval(9 * 60, 12 * 60),))
    hours = Hours(OFFICE.time_zone, OFFICE.week, (half,))
    friday = datetime(2026, 11, 27, 11, tzinfo=ZoneInfo("Asia/Taipei"))
    monday = datetime(2026, 11, 30, 12, tzinfo=ZoneInfo("Asia/Taipei"))
    assert after_open_time(hours, friday, timedelta(hours=4)) == monday


def test_a_deadline_at_the_end_of_a_day_is_not_put_off_to_the_next() -> None:
    five = datetime(2026, 11, 30, 17, tzinfo=ZoneInfo("Asia/Taipei"))
    assert after_open_time(OFFICE, five, timedelta(hours=1)) == five + timedelta(hours=1)


def test_what_is_beyond_the_horizon_is_never_due() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    hardly = Hours("UTC", ((Interval(0, 60),), (), (), (), (), (), ()))
    assert after_open_time(hardly, now, timedelta(days=300)) is None
    assert after_open_time(AROUND_THE_CLOCK, now, HORIZON + MINUTE) is None
    assert after_open_time(OFFICE, now.replace(year=9999), MINUTE) is None


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        (Hours("Mars/Olympus", OFFICE.week), "time_zone_unknown"),
        (Hours("UTC\x00", OFFICE.week), "time_zone_unknown"),
        (Hours("../UTC", OFFICE.week), "time_zone_unknown"),
        (Hours("UTC", ((),) * 7), "hardly_ever_open"),
        (Hours("UTC", ((Interval(0, 59),), *((),) * 6)), "hardly_ever_open"),
        (Hours("UTC", ((Interval(60, 60),), *((),) * 6)), "interval_impossible"),
        (Hours("UTC", ((Interval(0, END_OF_DAY + 1),), *((),) * 6)), "interval_impossible"),
        (Hours("UTC", ((Interval(0, 90), Interval(60, 120)), *((),) * 6)), "intervals_overlap"),
        (
            Hours("UTC", OFFICE.week, (Holiday(date(2026, 1, 1), "a"),) * 2),
            "holiday_twice",
        ),
        (Hours("UTC", OFFICE.week, (Holiday(date(9999, 1, 1), "a"),)), "year_out_of_range"),
    ],
)
def test_hours_that_no_desk_has_are_refused(hours: Hours, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_possible(hours)
    assert [one.code for one in refused.value.violations] == [code]
