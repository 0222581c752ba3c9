"""What fits a field and what does not, type by type."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.custom_fields.domain import (
    Choice,
    Definition,
    FieldType,
    Limits,
    RecordKind,
    ReferenceTarget,
)
from contacts.custom_fields.plain_text import text_of_value, value_of_text
from contacts.custom_fields.values import Unfit, fitted, merged

CHOICES = (
    Choice("red", {"en": "Red"}),
    Choice("blue", {"en": "Blue"}),
    Choice("old", {"en": "Old"}, archived=True),
)
SOMEBODY = "0197a1b2-0000-7000-8000-000000000001"


def field(kind: str, **more: Any) -> Definition:
    choices = CHOICES if "choice" in kind else ()
    target = ReferenceTarget.PERSON if kind == "reference" else None
    return Definition(
        RecordKind.PERSON,
        "colour",
        FieldType(kind),
        {"en": "Colour"},
        choices=choices,
        reference_to=target,
        limits=Limits(**more),
    )


@pytest.mark.parametrize(
    ("definition", "given_value", "value"),
    [
        (field("text"), "  blue  ", "blue"),
        (field("text"), "e\u0301", "é"),
        (field("text", min_length=2, max_length=3), "abc", "abc"),
        (field("text", pattern=r"\d+"), "123", "123"),
        (field("number"), "0012.50", "12.5"),
        (field("number"), "-0.0", "0"),
        (field("number", minimum="0", maximum="10"), "10", "10"),
        (
            field("money"),
            {"amount": "01250.00", "currency": "TWD"},
            {"amount": "1250.00", "currency": "TWD"},
        ),
        (field("date", minimum="2026-01-01"), "2026-01-31", "2026-01-31"),
        (field("choice"), "red", "red"),
        (field("multi_choice"), ["red", "blue", "red"], ["red", "blue"]),
        (field("boolean"), False, False),
        (field("link"), "https://rapport.dev/a?b=c", "https://rapport.dev/a?b=c"),
        (field("reference"), SOMEBODY.upper(), SOMEBODY),
    ],
)
def test_a_value_is_brought_into_normal_form(
    definition: Definition, given_value: Any, value: Any
) -> None:
    assert fitted(definition, given_value) == value
    assert fitted(definition, value) == value


@pytest.mark.parametrize(
    ("definition", "given_value", "code"),
    [
        (field("text"), 5, "not_text"),
        (field("text"), "a\x07", "unprintable"),
        (field("text", max_length=3), "abcd", "too_long"),
        (field("text", min_length=3), "ab", "too_short"),
        (field("text"), "   ", "too_short"),
        (field("text", pattern=r"\d+"), "12a", "pattern_mismatch"),
        (field("text", pattern=".*"), "a" * 1001, "too_long"),
        (field("number"), 12.5, "not_a_decimal"),
        (field("number"), 12, "not_a_decimal"),
        (field("number"), "1e5", "not_a_decimal"),
        (field("number"), "1,000", "not_a_decimal"),
        (field("number"), "NaN", "not_a_decimal"),
        (field("number"), "٣", "not_a_decimal"),
        (field("number"), "1" * 21, "not_a_decimal"),
        (field("number", minimum="0"), "-0.01", "too_small"),
        (field("number", maximum="10"), "10.01", "too_large"),
        (field("money"), "5 TWD", "not_money"),
        (field("money"), {"amount": "5"}, "not_money"),
        (field("money"), {"amount": 5, "currency": "TWD"}, "not_a_decimal"),
        (field("money"), {"amount": "5", "currency": "NT$"}, "not_a_currency"),
        (field("money"), {"amount": "5", "currency": ["TWD"]}, "not_a_currency"),
        (field("money", maximum="4"), {"amount": "5", "currency": "TWD"}, "too_large"),
        (field("date"), "2026-02-30", "not_a_date"),
        (field("date"), "20260131", "not_a_date"),
        (field("date", maximum="2025-12-31"), "2026-01-01", "too_large"),
        (field("choice"), "green", "not_a_choice"),
        (field("choice"), "old", "not_a_choice"),
        (field("choice"), ["red"], "not_a_choice"),
        (field("multi_choice"), "red", "not_choices"),
        (field("multi_choice"), ["red", 7], "not_a_choice"),
        (field("boolean"), "true", "not_a_boolean"),
        (field("boolean"), 1, "not_a_boolean"),
        (field("link"), "javascript:alert(1)", "not_a_link"),
        (field("link"), "https://", "not_a_link"),
        (field("link"), "https://a b", "not_a_link"),
        (field("link"), "http://[broken", "not_a_link"),
        (field("reference"), "nobody", "not_an_id"),
        (field("reference"), 7, "not_an_id"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(
    definition: Definition, given_value: Any, code: str
) -> None:
    with pytest.raises(Unfit) as refused:
        fitted(definition, given_value)
    assert refused.value.code == code


def test_a_choice_that_was_archived_since_may_stay_but_not_come() -> None:
    assert fitted(field("choice"), "old", "old") == "old"
    assert fitted(field("multi_choice"), ["old", "red"], ["old"]) == ["old", "red"]
    with pytest.raises(Unfit):
        fitted(field("multi_choice"), ["old", "red"], ["red"])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    ),
    st.sampled_from(FieldType),
)
def test_nothing_that_json_can_say_breaks_a_rule(value: Any, kind: FieldType) -> None:
    definition = field(kind)
    try:
        fit = fitted(definition, value)
    except Unfit:
        return
    assert fitted(definition, fit) == fit


@pytest.mark.parametrize(
    ("definition", "value", "text"),
    [
        (field("money"), {"amount": "5.00", "currency": "TWD"}, "5.00 TWD"),
        (field("multi_choice"), ["red", "blue"], "red; blue"),
        (field("boolean"), True, "true"),
        (field("number"), "12.5", "12.5"),
    ],
)
def test_a_value_survives_a_cell_of_a_table(definition: Definition, value: Any, text: str) -> None:
    assert text_of_value(definition, value) == text
    assert fitted(definition, value_of_text(definition, text)) == value


def test_a_merge_patch_touches_what_it_mentions() -> None:
    before = {"a": "1", "b": "2", "m": {"amount": "1", "currency": "TWD"}}
    change = {"a": None, "c": "3", "m": {"amount": "2"}}
    expected = {"b": "2", "c": "3", "m": {"amount": "2", "currency": "TWD"}}
    assert merged(before, change) == expected
