"""What texts are found by (DE-7)."""

from __future__ import annotations

import pytest

from desk.article_search.analysis import asked_terms, terms_of, weighted


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Cleaning the Machines", {"clean", "machin"}),
        ("The and of", set()),
        ("無法開機", {"無法", "法開", "開機"}),
        ("機", {"機"}),
        ("X-100", {"x", "100"}),
        ("Caf\u00e9", {"cafe"}),
        ("\uff21\uff22\uff23", {"abc"}),
        ("咖啡machine壞了", {"咖啡", "machin", "壞了"}),
        ("コーヒー", {"コー", "ーヒ", "ヒー"}),
        ("커피", {"커피"}),
        ("", set()),
        ("--- !?", set()),
    ],
)
def test_what_is_asked_for_falls_into_terms(text: str, terms: set[str]) -> None:
    assert set(asked_terms(text)) == terms


def test_all_that_can_be_asked_for_is_in_what_is_kept() -> None:
    text = "咖啡機無法開機 when cleaning the X-100"
    assert set(asked_terms(text)) <= set(terms_of(text))
    assert "機" in terms_of(text)


def test_a_word_in_the_title_is_worth_more() -> None:
    terms, length = weighted([("clean clean", 5), ("clean water", 1)])
    assert (terms["clean"], terms["water"], length) == (11, 1, 12)


def test_a_word_without_end_is_cut() -> None:
    assert max(len(term) for term in terms_of("x" * 10_000)) == 40
