"""Members' numbers, without any input or output."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from loyalty.members.domain import check_digit, new_number, normal_number
from loyalty.programs.domain import NumberFormat

digits = st.text("0123456789", min_size=2, max_size=20)


def checks(number: str) -> bool:
    """Whether the last digit is right for those before it: then nothing is left over."""
    return check_digit(number) == 0


def test_the_check_digit_is_that_of_the_published_example() -> None:
    assert check_digit("572") == 4


@given(digits, st.integers(0, 20), st.integers(1, 9))
def test_any_one_wrong_digit_is_noticed(drawn: str, place: int, off: int) -> None:
    number = f"{drawn}{check_digit(drawn)}"
    assert checks(number)
    place %= len(number)
    wrong = str((int(number[place]) + off) % 10)
    assert not checks(number[:place] + wrong + number[place + 1 :])


@given(digits, st.integers(0, 20))
def test_neighbours_that_changed_places_are_noticed(drawn: str, place: int) -> None:
    number = f"{drawn}{check_digit(drawn)}"
    place %= len(number) - 1
    one, other = number[place], number[place + 1]
    swapped = number[:place] + other + one + number[place + 2 :]
    assert checks(swapped) == (one == other)


def test_a_number_has_its_programs_form_and_is_read_however_it_is_typed() -> None:
    number = new_number(NumberFormat("CAFE", 8), random.Random(1).randrange)  # noqa: S311 - a fixed series of numbers
    assert number.startswith("CAFE")
    assert len(number) == 4 + 8 + 1
    assert checks(number.removeprefix("CAFE"))
    assert normal_number(f" {number[:4].lower()}-{number[4:8]} {number[8:]}") == number
