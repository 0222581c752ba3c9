"""Spelling: what is one or two slips away is found through the deletions, finished or not, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from contacts.search.spelling import (
    TextRange,
    allowed_slips,
    corrections,
    deletion_ranges,
    deletions,
    slips,
)

WORD = st.text("abcdef", min_size=4, max_size=11)


def covers(ranges: tuple[TextRange, ...], keys: frozenset[str]) -> bool:
    """Whether a look-up over the ranges meets one of the keys."""
    return any(low <= key and (high is None or key < high) for low, high in ranges for key in keys)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("jonhson", "johnson"),
        ("johson", "johnson"),
        ("johnnson", "johnson"),
        ("jahnson", "johnson"),
        ("cristopher", "christopher"),
        ("chrsitofpher", "christopher"),
        ("mray", "mary"),
    ],
)
def test_a_slip_in_a_finished_word_is_forgiven(typed: str, word: str) -> None:
    assert covers(deletion_ranges(typed, finished=True), deletions(word))
    assert corrections(typed, frozenset({word, "zzzz"}), finished=True) == (word,)


@pytest.mark.parametrize(("typed", "word"), [("jonhs", "johnson"), ("chirst", "christopher")])
def test_a_slip_in_an_unfinished_word_is_forgiven(typed: str, word: str) -> None:
    assert covers(deletion_ranges(typed, finished=False), deletions(word))
    assert corrections(typed, frozenset({word}), finished=False) == (word,)


@pytest.mark.parametrize(
    ("typed", "word"), [("mary", "john"), ("jonhs", "jon"), ("abc", "abd"), ("smith", "smythe")]
)
def test_what_is_further_away_is_not_forgiven(typed: str, word: str) -> None:
    assert slips(typed, word, finished=True) is None


@pytest.mark.parametrize(
    ("word", "allowed"), [("abc", 0), ("abcd", 1), ("abcdefgh", 2), ("ab3d", 0)]
)
def test_longer_words_are_forgiven_more(word: str, allowed: int) -> None:
    assert allowed_slips(word) == allowed
    assert bool(deletions(word)) == bool(allowed)


@given(WORD, WORD)
def test_every_word_within_the_limit_is_met_through_its_deletions(typed: str, word: str) -> None:
    limit = min(allowed_slips(typed), allowed_slips(word))
    if OSA.distance(typed, word) <= limit:
        assert covers(deletion_ranges(typed, finished=True), deletions(word))
        assert slips(typed, word, finished=True) is not None


@given(st.text("abcdef", min_size=5, max_size=11), st.data())
def test_the_front_of_a_word_with_one_slip_is_met_while_it_is_typed(
    word: str, data: st.DataObject
) -> None:
    front = word[: data.draw(st.integers(5, len(word)))]
    place = data.draw(st.integers(0, len(front) - 1))
    letter = data.draw(st.sampled_from("abcdefg"))
    typed = data.draw(
        st.sampled_from(
            [
                front[:place] + letter + front[place + 1 :],
                front[:place] + letter + front[place:],
                front[:place] + front[place + 1 : place + 2] + front[place] + front[place + 2 :],
            ]
        )
    )
    assert covers(deletion_ranges(typed, finished=False), deletions(word))
    assert slips(typed, word, finished=False) is not None


@given(WORD)
def test_the_number_of_deletions_is_bounded(word: str) -> None:
    assert 1 <= len(deletions(word)) <= 29
    assert len(deletion_ranges(word, finished=False)) <= 29


def test_the_nearest_words_come_first_and_only_a_few() -> None:
    words = frozenset(
        {"johnson", "johnsen", "jonson", "johnsons", "jhnson", "johanson", "johnston"}
    )
    found = corrections("johnsonn", words, finished=True)
    assert found[0] in {"johnson", "johnsons"}
    assert len(found) <= 6
