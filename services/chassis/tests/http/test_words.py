"""Everybody is served in the language that comes nearest to what they want."""

from __future__ import annotations

import pytest

from chassis.http.words import Words, match, said_in, words_for

CATALOGUE = {tag: Words(tag, {"hello": f"{{name}} ({tag})"}) for tag in ("en", "zh-Hant")}


@pytest.mark.parametrize(
    ("wish", "served"),
    [
        ("zh-Hant", "zh-Hant"),
        ("ZH_HANT", "zh-Hant"),
        ("zh-CN", "zh-Hant"),
        ("en-GB", "en"),
        ("de", None),
        ("", None),
    ],
)
def test_the_tag_itself_counts_and_else_its_language(wish: str, served: str | None) -> None:
    assert match(wish, CATALOGUE) == served


def test_the_first_wish_that_can_be_met_is_and_english_when_none_can() -> None:
    assert words_for(CATALOGUE, ("de", "zh-TW", "en")).language == "zh-Hant"
    assert words_for(CATALOGUE, ("de", ""))("hello", name="Ada") == "Ada (en)"
    with pytest.raises(KeyError):
        words_for(CATALOGUE, ())("unknown")


def test_a_text_by_language_falls_back_to_english_and_then_to_any() -> None:
    assert said_in("zh-TW", {"en": "Hi", "zh-Hant": "您好"}) == "您好"
    assert said_in("de", {"fr": "Salut", "en": "Hi"}) == "Hi"
    assert said_in("de", {"fr": "Salut"}) == "Salut"
    assert said_in("de", {}) == ""
