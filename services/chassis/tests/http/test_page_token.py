"""Page tokens are opaque, signed, and hold for one list only."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http.page_token import PageTokens
from chassis.http.problem import HttpProblem

tokens = PageTokens("a secret of the tests that is long enough")


def test_a_position_comes_back_as_it_was() -> None:
    position = [
        datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        date(2026, 1, 2),
        uuid4(),
        "王小明",
        7,
        None,
    ]
    assert tokens.position("list", tokens.issue("list", position)) == position


def test_a_token_of_another_list_is_refused() -> None:
    token = tokens.issue("people", ["a"])
    with pytest.raises(HttpProblem) as caught:
        tokens.position("companies", token)
    assert (caught.value.status, caught.value.code) == (400, "page_token_invalid")
    assert caught.value.violations[0].pointer == "page_token"


@given(st.data())
def test_a_token_with_any_character_changed_is_refused(data: st.DataObject) -> None:
    token = tokens.issue("list", ["a", 1])
    index = data.draw(st.integers(0, len(token) - 2))  # the last one may hold unused bits
    other = data.draw(st.sampled_from("ABCDEFab019-_").filter(lambda c: c != token[index]))
    with pytest.raises(HttpProblem):
        tokens.position("list", token[:index] + other + token[index + 1 :])


@given(st.text(max_size=60))
def test_no_text_whatever_raises_anything_but_a_problem(text: str) -> None:
    with pytest.raises(HttpProblem):
        tokens.position("list", text)


def test_a_token_signed_with_another_secret_is_refused() -> None:
    other = PageTokens("another secret that is long enough too")
    with pytest.raises(HttpProblem):
        tokens.position("list", other.issue("list", ["a"]))
