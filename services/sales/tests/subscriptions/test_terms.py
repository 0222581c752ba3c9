"""Days of terms: months that are too short, leap years, pauses, billing periods, summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid
from sales.subscription_terms.domain import (
    SubscriptionTerms,
    Term,
    begin_of,
    billing_period,
    months_later,
    require_sound,
)

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("starts_on", "months", "ends_on"),
    [
        (date(2026, 1, 1), 12, date(2026, 12, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 27)),
        (date(2028, 1, 31), 1, date(2028, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 27)),
        (date(2028, 2, 29), 48, date(2032, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 27)),
        (date(2026, 12, 15), 1, date(2027, 1, 14)),
    ],
)
def test_a_term_ends_on_the_day_before_the_one_with_its_number(
    starts_on: date, months: int, ends_on: date
) -> None:
    assert Term(starts_on, months, starts_on.day).ends_on == ends_on


def test_after_a_short_month_terms_go_back_to_the_number_that_they_began_with() -> None:
    term, begins = Term(date(2026, 1, 31), 1, 31), []
    for _ in range(4):
        term = term.following(1)
        begins.append(term.starts_on)
    assert begins == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]


def test_a_term_from_29_february_is_back_there_in_the_next_leap_year() -> None:
    term, begins = Term(date(2024, 2, 29), 12, 29), []
    for _ in range(4):
        term = term.following(12)
        begins.append(term.starts_on)
    assert begins == [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)]


def test_after_a_pause_terms_keep_the_number_that_it_has_led_to() -> None:
    paused = Term(date(2026, 1, 31), 1, 31).longer(5)
    assert paused.ends_on == date(2026, 3, 4)
    assert paused.following(1) == Term(date(2026, 3, 5), 1, 5)


@given(days, st.integers(1, 120), st.integers(1, 30))
def test_terms_leave_no_day_out_and_have_none_twice(
    starts_on: date, months: int, count: int
) -> None:
    term = Term(starts_on, months, starts_on.day)
    for _ in range(count % 5 + 1):
        after = term.following(months)
        assert after.starts_on == term.ends_on + timedelta(days=1)
        term = after
    # However many terms there were, the months add up from the first day on.
    whole = months_later(starts_on, months * (count % 5 + 2), starts_on.day)
    assert term.ends_on + timedelta(days=1) == whole


@given(days, days, st.sampled_from([1, 2, 3, 6, 12]))
def test_every_day_is_in_one_billing_period(day: date, starts_on: date, months: int) -> None:
    term = Term(starts_on, 12, starts_on.day)
    first, last = billing_period(day, term, months)
    assert first <= day <= last
    assert billing_period(last + timedelta(days=1), term, months)[0] == last + timedelta(days=1)
    assert billing_period(first, term, months) == (first, last)


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        (SubscriptionTerms(0), "/term_months"),
        (SubscriptionTerms(121), "/term_months"),
        (SubscriptionTerms(12, 5), "/billing_months"),
        (SubscriptionTerms(12, 24), "/billing_months"),
        (SubscriptionTerms(12, 12, 367), "/notice_days"),
    ],
)
def test_terms_that_do_not_go_together_are_refused(terms: SubscriptionTerms, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_sound(terms)
    assert [one.pointer for one in refused.value.violations] == [pointer]


def test_only_reminders_after_the_first_day_of_a_term_are_given() -> None:
    year, month = Term(date(2026, 1, 1), 12, 1), Term(date(2026, 1, 1), 1, 1)
    assert month.reminders((90, 60, 30), None) == []
    assert month.reminders((29, 7), None) == [date(2026, 1, 2), date(2026, 1, 24)]
    dates = [date(2026, 10, 2), date(2026, 11, 1), date(2026, 12, 1)]
    assert year.reminders((90, 60, 30), None) == dates
    assert year.reminders((90, 60, 30), 60) == dates[2:]


def test_a_day_begins_at_midnight_of_its_time_zone_in_summer_and_in_winter() -> None:
    berlin, taipei = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Taipei")
    assert begin_of(date(2026, 3, 29), berlin) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert begin_of(date(2026, 3, 30), berlin) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert begin_of(date(2026, 3, 30), taipei) == datetime(2026, 3, 29, 16, tzinfo=UTC)


@given(days, st.sampled_from(["America/Santiago", "Asia/Beirut", "Europe/Berlin", "Asia/Taipei"]))
def test_where_the_clock_leaves_midnight_out_a_day_begins_on_that_day_all_the_same(
    day: date, zone: str
) -> None:
    begin = begin_of(day, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assert begin.date() == day
    assert (begin.astimezone(UTC) - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() < day
