"""Patterns mean what they mean elsewhere, and take no longer for being nasty."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.custom_fields.pattern import LONGEST_TEXT, WrongPattern, compiled

_ATOMS = st.sampled_from([*"abc", ".", r"\d", r"\w", r"\S", "[ab]", "[^a]", "[a-c_]", r"\."])
_REPETITIONS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,}", "{0,3}"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    grouped = st.builds(lambda p, r: f"({p}){r}", inner, _REPETITIONS)
    joined = st.builds(lambda a, b: a + b, inner, inner)
    either = st.builds(lambda a, b: f"{a}|{b}", inner, inner)
    return grouped | joined | either


PATTERNS = st.recursive(
    st.builds(lambda atom, times: atom + times, _ATOMS, _REPETITIONS), _grown, max_leaves=6
)


@given(PATTERNS, st.text("abc_.1 \n", max_size=8))
def test_a_pattern_matches_what_pythons_own_would(pattern: str, text: str) -> None:
    expected = re.fullmatch(pattern, text, re.ASCII) is not None
    assert compiled(pattern).matches(text) is expected


@pytest.mark.parametrize(
    ("pattern", "fits", "misses"),
    [
        (r"[A-Z]{2}-\d{4,6}", ["TW-1234", "JP-123456"], ["TW-123", "tw-1234", "TW-1234567"]),
        (r"(?:red|green)?", ["", "red", "green"], ["blue", "redgreen"]),
        (r"[\]\-x]+", ["]", "-x"], ["\\", "a"]),
        (r"[^\s@]+@[^\s@]+", ["a@b"], ["a@", "a b@c"]),
        (r"[\d-]+", ["1-2"], ["1a"]),
        ("小明|王.*", ["小明", "王", "王小明"], ["明"]),
        ("a{0}b", ["b"], ["ab"]),
    ],
)
def test_patterns_of_daily_life_work(pattern: str, fits: list[str], misses: list[str]) -> None:
    ready = compiled(pattern)
    assert [text for text in fits if not ready.matches(text)] == []
    assert [text for text in misses if ready.matches(text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "(", ")", "a)", "[", "[]", "[a", "*", "a**", "a{2}{3}", "a+?", "a{", "a{x}", "a{3,2}",
        "\\", r"\1", r"\b", "(?=a)", "(?P<x>a)", "^a$", "a{99999}", "[z-a]", "a" * 201,
        "(" * 30 + "a" + ")" * 30, "((a{9}){9}){9}", "((((){999}){999}){999}){999}",
    ],
)  # fmt: skip
def test_what_is_no_pattern_or_too_much_of_one_is_refused_at_once(pattern: str) -> None:
    started = time.process_time()
    with pytest.raises(WrongPattern):
        compiled(pattern)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a*)*b", "(.{0,49}){0,5}b", "a*a*a*a*b"])
def test_nasty_patterns_take_no_longer_than_their_bounds(pattern: str) -> None:
    ready = compiled(pattern)
    started = time.process_time()
    assert not ready.matches("a" * LONGEST_TEXT)
    assert time.process_time() - started < 1


def test_a_refused_pattern_says_where_it_goes_wrong() -> None:
    with pytest.raises(WrongPattern, match=r"has a \( that is not closed \(character 4\)"):
        compiled("ab(c")
