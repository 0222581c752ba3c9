"""How codes are written, read and checked, without any input or output (LO-6, LO-7, LO-8)."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loyalty.codes.domain import (
    ALPHABET,
    LONG,
    MOST_CHARACTERS,
    SHORT,
    CodeShape,
    digest_of,
    normalized,
)
from loyalty.codes.generation import new_code

codes = st.lists(st.integers(0, 30), min_size=14, max_size=14).map(
    lambda drawn: LONG.new(lambda _: drawn.pop())
)
FULL_WIDTH = "".join(chr(ord(one) + 0xFEE0) for one in "ABCDE-FGHJK-MNPQR")

places = st.integers(0, LONG.length - 1)


def test_no_character_looks_like_another() -> None:
    assert not set(ALPHABET) & set("01OIL")
    assert len(set(ALPHABET)) == 31


def test_codes_of_bearers_hold_more_chance_than_anybody_can_try() -> None:
    assert LONG.bits > 60
    assert SHORT.bits > 32


@given(codes)
def test_a_code_has_its_shape_and_is_read_back_as_it_is_written(code: str) -> None:
    assert LONG.fits(code)
    written = LONG.written(code)
    assert [len(group) for group in written.split("-")] == [5, 5, 5]
    assert normalized(written) == code


@given(codes, places, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, place: int, wrong: str) -> None:
    assume(code[place] != wrong)
    assert not LONG.fits(code[:place] + wrong + code[place + 1 :])


@given(codes, places, places)
def test_two_characters_that_changed_places_are_always_noticed(
    code: str, one: int, other: int
) -> None:
    assume(code[one] != code[other])
    swapped = list(code)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert not LONG.fits("".join(swapped))


@pytest.mark.parametrize(
    "given_",
    [
        "abcde-fghjk-mnpqr",
        "  ABCDE FGHJK\tMNPQR ",
        FULL_WIDTH,
        "abcde–fghjk—mnpqr",
        "ABCDE\u3000FGHJK\u00a0MNPQR",
        "ABCDE\u200bFGHJK_MNPQR",
    ],
)
def test_case_width_spaces_and_dashes_do_not_matter(given_: str) -> None:
    assert normalized(given_) == "ABCDEFGHJKMNPQR"


@pytest.mark.parametrize(
    "given_", ["", "  - ", "ABC.DE", "新年", "A'B", "x" * 41, " " * 1000 + "A"]
)
def test_what_can_be_no_code_is_none(given_: str) -> None:
    assert normalized(given_) == ""


@given(st.text(max_size=200))
def test_reading_any_text_gives_a_normal_form_or_nothing(text: str) -> None:
    code = normalized(text)
    assert len(code) <= MOST_CHARACTERS
    assert normalized(code) == code


def test_codes_of_another_length_or_alphabet_do_not_fit() -> None:
    code = new_code()
    assert LONG.fits(code)
    assert not LONG.fits(code[:-1])
    assert not LONG.fits("O" + code[1:])
    assert not SHORT.fits(code)
    assert SHORT.fits(new_code(SHORT))


def test_new_codes_differ() -> None:
    assert len({new_code() for _ in range(1000)}) == 1000


def test_a_shape_that_cannot_be_checked_is_refused() -> None:
    with pytest.raises(ValueError, match="2 to 30"):
        CodeShape(groups=8, group_size=4)


def test_a_digest_is_of_its_tenant_and_purpose_alone() -> None:
    one, other = UUID(int=1), UUID(int=2)
    digests = {
        digest_of(purpose, tenant, code)
        for purpose in ("coupon", "gift")
        for tenant in (one, other)
        for code in ("ABC", "ABD")
    }
    assert len(digests) == 8
    assert digest_of("coupon", one, "ABC") in digests
