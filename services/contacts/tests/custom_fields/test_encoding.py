"""The text that stands for a value sorts as the values do, byte by byte."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.custom_fields.encoding import (
    LONGEST_INDEXED,
    sortable_money,
    sortable_number,
    sortable_text,
)
from contacts.custom_fields.values import decimal_text

NUMBERS = st.decimals(
    min_value=Decimal("-1e20"), max_value=Decimal("1e20"), places=10, allow_nan=False
) | st.decimals(allow_nan=False, allow_infinity=False, min_value=-100, max_value=100)


def sign(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


@given(NUMBERS, NUMBERS)
def test_numbers_and_their_texts_are_in_the_same_order(one: Decimal, other: Decimal) -> None:
    texts = sortable_number(one).encode(), sortable_number(other).encode()
    assert sign(*texts) == sign(one, other)


def test_neighbours_that_are_easily_mixed_up_are_in_order() -> None:
    words = "-100 -99.9 -10 -9 -1.55 -1.5 -1 -0.1 -0.01 0 0.001 0.01 0.1 0.9 1 1.05 1.5 9 10 99 100"
    texts = [sortable_number(Decimal(word)).encode() for word in words.split()]
    assert texts == sorted(texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("same", [("1", "1.0"), ("0", "-0.00"), ("1250.00", "1250"), ("10", "1e1")])
def test_equal_numbers_have_one_text(same: tuple[str, str]) -> None:
    one, other = map(Decimal, same)
    assert sortable_number(one) == sortable_number(other)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**19)))
def test_every_number_that_may_be_entered_has_a_text(number: Decimal) -> None:
    if abs(number) < 10**20:
        assert sortable_number(Decimal(decimal_text(f"{number:f}"))) == sortable_number(number)


def test_amounts_of_one_currency_lie_together() -> None:
    amounts = [sortable_money(Decimal(n), c) for c in ("JPY", "TWD", "USD") for n in (-5, 0, 100)]
    assert amounts == sorted(amounts)


def test_a_text_that_is_too_long_is_no_other_texts_equal() -> None:
    longest = "x" * LONGEST_INDEXED
    assert sortable_text(longest) == longest
    assert sortable_text(longest + "y") > longest


def test_the_last_of_thirty_digits_counts() -> None:
    one, other = (
        Decimal("99999999999999999999.9999999998"),
        Decimal("99999999999999999999.9999999999"),
    )
    assert sortable_number(one) < sortable_number(other)
