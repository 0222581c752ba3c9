"""Amounts keep to the minor unit of their currency, and shares add up whatever they are shares of."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid, Money
from chassis.money import MINOR_UNITS, apportioned, minor_unit, money, rounded, total

CURRENCIES = st.sampled_from(["JPY", "TWD", "KWD", "CLF"])
WEIGHTS = st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=12)


def units_of(currency: str) -> st.SearchStrategy[Money]:
    """Amounts in whole minor units."""
    places = minor_unit(currency)
    return st.integers(-(10**12), 10**12).map(lambda n: Money(Decimal(n).scaleb(-places), currency))


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.125", "USD", "0.13"),
        ("-0.125", "USD", "-0.13"),
        ("0.124999", "USD", "0.12"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
        ("1", "TWD", "1.00"),
    ],
)
def test_halves_are_rounded_away_from_zero_at_the_minor_unit(
    amount: str, currency: str, expected: str
) -> None:
    assert f"{rounded(Decimal(amount), currency):f}" == expected


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        ("1.001", "USD", "amount_too_fine"),
        ("0.5", "JPY", "amount_too_fine"),
        ("1", "XYZ", "currency_unknown"),
        ("1", "DEM", "currency_unknown"),
        ("1e15", "TWD", "amount_too_large"),
        ("much", "TWD", "not_a_decimal"),
        ("NaN", "TWD", "not_a_decimal"),
    ],
)
def test_what_is_no_amount_is_refused_and_not_rounded(
    amount: str, currency: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        money(amount, currency)
    assert [violation.code for violation in refused.value.violations] == [code]


def test_an_entered_amount_has_all_places_of_its_currency() -> None:
    assert f"{money('1250', 'TWD').amount:f}" == "1250.00"
    assert f"{money('-0', 'JPY').amount:f}" == "0"


def test_every_currency_has_three_letters_and_at_most_four_places() -> None:
    assert all(len(code) == 3 and code.isupper() for code in MINOR_UNITS)
    assert set(MINOR_UNITS.values()) == {0, 2, 3, 4}


@given(CURRENCIES.flatmap(units_of), WEIGHTS)
def test_shares_add_up_to_what_is_shared(amount: Money, weights: list[Decimal]) -> None:
    shares = apportioned(amount, weights)
    assert total(shares, amount.currency) == amount


@given(CURRENCIES.flatmap(units_of), WEIGHTS)
def test_no_share_is_a_whole_unit_off_its_exact_part(amount: Money, weights: list[Decimal]) -> None:
    whole = sum(weights)
    unit = Decimal(1).scaleb(-minor_unit(amount.currency))
    for share, weight in zip(apportioned(amount, weights), weights, strict=True):
        if whole:
            assert abs(share - amount.amount * weight / whole) < unit


@pytest.mark.parametrize("weights", [[], [Decimal(1), Decimal(-1)]])
def test_shares_of_nothing_or_of_less_are_a_mistake(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="weights"):
        apportioned(Money(Decimal(1), "TWD"), weights)
