"""Recurring revenue: defined once, rounded once, and moved without a rest."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid, Money
from chassis.money import MINOR_UNITS, rounded
from sales.recurring_revenue.domain import (
    MovementKind,
    SubscriptionLine,
    ValuationRate,
    monthly,
    movement_of,
    period_amount,
    prorated,
    require_sound,
    yearly,
)

currencies = st.sampled_from(["TWD", "JPY", "KWD", "USD"])
prices = st.decimals(0, 1_000_000, places=4)
quantities = st.decimals(Decimal("0.01"), 1_000, places=2)
intervals = st.sampled_from([1, 2, 3, 4, 6, 12, 24, 36])
lines = st.lists(st.builds(SubscriptionLine, st.just("Seat"), prices, quantities), min_size=1)


def test_mrr_and_arr_are_rounded_half_up_each_from_the_exact_figure() -> None:
    quarterly = Money(Decimal("100.00"), "TWD")
    assert (monthly(quarterly, 3).amount, yearly(quarterly, 3).amount) == (
        Decimal("33.33"),
        Decimal("400.00"),
    )
    assert monthly(Money(Decimal("0.06"), "TWD"), 4).amount == Decimal("0.02")
    assert monthly(Money(Decimal(1), "JPY"), 2).amount == 1


@given(lines, currencies, intervals)
def test_arr_is_twelve_times_mrr_before_rounding(
    subscribed: list[SubscriptionLine], currency: str, months: int
) -> None:
    amount = period_amount(subscribed, currency)
    mrr, arr = monthly(amount, months), yearly(amount, months)
    # What each is off by is at most half a minor unit, twelve times for the MRR.
    half = Decimal(1).scaleb(-MINOR_UNITS[currency]) / 2
    assert abs(arr.amount - 12 * mrr.amount) <= 13 * half
    assert abs(arr.amount * months - 12 * amount.amount) <= half * months
    if months == 12:
        assert arr == amount
    if months == 1:
        assert mrr == amount


@given(lines, currencies)
def test_a_billing_period_comes_to_the_sum_of_its_rounded_lines(
    subscribed: list[SubscriptionLine], currency: str
) -> None:
    by_hand = sum(rounded(one.unit_price * one.quantity, currency) for one in subscribed)
    assert period_amount(subscribed, currency).amount == by_hand


@given(
    st.lists(st.decimals(0, 1_000_000, places=2), min_size=1, max_size=10),
    st.decimals(Decimal("0.0001"), 1_000, places=10),
)
def test_movements_add_up_in_the_currency_and_in_the_base_currency(
    amounts: list[Decimal], rate: Decimal
) -> None:
    base, way = ValuationRate("JPY", rate), [None, *(Money(one, "TWD") for one in amounts), None]
    moved = [
        movement_of(MovementKind.NEW, date(2026, 1, 1), (before, after), base)
        for before, after in pairwise(way)
    ]
    assert sum(one.amount.amount for one in moved) == 0
    worth = [one.base_amount.amount for one in moved if one.base_amount is not None]
    assert len(worth) == len(moved)
    assert sum(worth) == 0
    assert sum(worth[:-1]) == base.worth(Money(amounts[-1], "TWD")).amount


def test_a_change_is_prorated_by_the_days_that_are_left_of_the_period() -> None:
    period = (date(2026, 4, 1), date(2026, 4, 30))
    less, more = Money(Decimal("100.00"), "TWD"), Money(Decimal("160.00"), "TWD")
    assert prorated(less, more, date(2026, 4, 1), period).amount == Decimal("60.00")
    assert prorated(less, more, date(2026, 4, 21), period).amount == Decimal("20.00")
    assert prorated(more, less, date(2026, 4, 30), period).amount == Decimal("-2.00")


@given(prices, prices, st.integers(0, 27))
def test_what_is_charged_for_an_upgrade_is_given_back_for_the_downgrade_of_that_day(
    one: Decimal, other: Decimal, day: int
) -> None:
    period = (date(2026, 2, 1), date(2026, 2, 28))
    before, after = (Money(rounded(each, "TWD"), "TWD") for each in (one, other))
    on = period[0] + timedelta(days=day)
    up = prorated(before, after, on, period).amount
    down = prorated(after, before, on, period).amount
    assert up == -down
    assert abs(up) <= abs(after.amount - before.amount)


def test_lines_of_nothing_or_beyond_all_bounds_are_refused() -> None:
    for wrong, pointer in (
        ([], "/lines"),
        ([SubscriptionLine("Seat", Decimal(1), Decimal(0))], "/lines/0/quantity"),
        ([SubscriptionLine("Seat", Decimal(10) ** 15)], "/lines"),
    ):
        with pytest.raises(Invalid) as refused:
            require_sound(wrong, "TWD")
        assert [one.pointer for one in refused.value.violations] == [pointer]
