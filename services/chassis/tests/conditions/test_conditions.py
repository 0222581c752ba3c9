"""Conditions: what can be said with them, and what is refused, with its place."""

from __future__ import annotations

import pytest

from chassis.conditions.condition import Condition, compile_condition
from chassis.conditions.evaluation import MAX_TEXT, Value
from chassis.conditions.syntax import MAX_DEPTH, MAX_SOURCE, Kind
from chassis.domain import Invalid

VARIABLES = {
    "kind": Kind.TEXT,
    "total": Kind.INTEGER,
    "first": Kind.BOOLEAN,
    "categories": Kind.TEXTS,
    "properties": Kind.PROPERTIES,
    "member.tier": Kind.TEXT,
    "local.weekday": Kind.INTEGER,
}
VALUES: dict[str, Value] = {
    "kind": "order_delivered",
    "total": 125000,
    "first": True,
    "categories": ["coffee", "tea"],
    "properties": {"interaction_kind": "review", "stars": 5, "public": True},
    "member.tier": "gold",
    "local.weekday": 6,
}


def condition(source: str) -> Condition:
    """The condition over the variables above."""
    return compile_condition(source, VARIABLES)


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("true", True),
        ("first && !false", True),
        ("total >= 100000 && 'coffee' in categories", True),
        ("total / 1000 % 100 + 1 == 26", True),
        ("kind == 'order_placed' || kind == \"order_delivered\"", True),
        ("local.weekday in [6, 7] ? total > 200000 : total > 1", False),
        ("member.tier in ['gold', 'platinum']", True),
        ("member.tier == 'silver'", False),
        ("properties.interaction_kind == 'review' && properties.stars >= 4", True),
        ("properties['stars'] == 5 && 'stars' in properties", True),
        ("properties.public", True),
        ("properties.stars == true", False),
        ("has(properties.stars) && !has(properties.answer) && has(member.tier)", True),
        ("kind.startsWith('order_') && kind.endsWith('ed') && kind.contains('deliver')", True),
        ("size(categories) == 2 && kind.size() == size('order_delivered')", True),
        ("categories[1] == 'tea' && categories == ['coffee', 'tea']", True),
        ("-7 / 2 == -3 && -7 % 2 == -1 && 7 / -2 == -3 && 7 % -2 == 1", True),
        ("0x10 == 16 && '\\u5496' == '咖' && 'it\\'s' != \"its\" // a remark", True),
        ("-9223372036854775808 < 9223372036854775807", True),
    ],
)
def test_a_condition_holds_or_does_not(source: str, *, holds: bool) -> None:
    verdict = condition(source).judge(VALUES)
    assert (verdict.holds, verdict.problem) == (holds, None)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("properties.answer == 'yes'", "there is no 'answer'"),
        ("properties.interaction_kind > 3", "numbers are compared with numbers, texts with texts"),
        ("properties.stars.contains('5')", "a text is needed"),
        ("properties.stars", "no truth value"),
        ("!properties.stars", "a truth value is needed"),
        ("categories[2] == 'milk'", "there is no such element"),
        ("categories[-1] == 'milk'", "there is no such element"),
        ("total / (total - total) == 1", "nothing can be divided by 0"),
        ("total * 9223372036854775807 > 0", "a number has more than 64 bits"),
        ("-(-9223372036854775808) > 0", "a number has more than 64 bits"),
        ("size(properties.stars) == 1", "a single value has no size"),
    ],
)
def test_what_cannot_be_said_does_not_hold_and_says_why(source: str, problem: str) -> None:
    verdict = condition(source).judge(VALUES)
    assert (verdict.holds, verdict.problem) == (False, problem)


def test_what_cannot_be_said_does_not_matter_where_something_else_decides() -> None:
    for source in ("properties.answer == 1 || first", "!(properties.answer == 1 && !first)"):
        assert condition(source).holds(VALUES), source
    for source in ("properties.answer == 1 && first", "properties.answer == 1 || !first"):
        assert condition(source).judge(VALUES).problem == "there is no 'answer'", source


def test_a_value_that_is_missing_or_too_large_makes_no_condition_fail() -> None:
    assert condition("total > 1").judge({}).problem == "total has no value"
    assert not condition("has(member.tier)").holds({})
    long: dict[str, Value] = {"kind": "x" * (MAX_TEXT + 1), "categories": ["x"] * 5_000}
    assert condition("kind == kind").judge(long).problem == "kind has too long a text"
    assert condition("'x' in categories").judge(long).problem == "categories has too many values"


@pytest.mark.parametrize(
    ("source", "code", "place"),
    [
        ("", "token_unexpected", 1),
        ("total >", "token_unexpected", 8),
        ("total > 1 1", "token_unexpected", 11),
        ("(total > 1", "token_unexpected", 11),
        ("true ? true ? true : false : false", "token_unexpected", 13),
        ("total = 1", "character_unexpected", 7),
        ("kind == 'open", "character_unexpected", 9),
        ("kind == '\\q'", "escape_unknown", 10),
        ("kind == '\\ud800'", "escape_unknown", 10),
        ("total > 1.5", "number_unknown", 10),
        ("total > 15u", "number_unknown", 11),
        ("total > 9223372036854775808", "number_too_large", 9),
        ("kind == r'raw'", "text_unknown", 10),
        ("kind == '''three'''", "text_unknown", 11),
        ("kind == null", "name_unknown", 9),
        ("member.name == 'x'", "name_unknown", 1),
        ("kind.length == 3", "name_unknown", 6),
        ("__import__('os')", "function_unknown", 1),
        ("kind.matches('(a+)+$')", "function_unknown", 6),
        ("contains(kind, 'x')", "arguments_wrong", 1),
        ("kind.contains()", "arguments_wrong", 6),
        ("categories.all(c, c == 'x')", "macro_refused", 12),
        ("categories.exists(c, true)", "macro_refused", 12),
        ("size(categories.filter(c, true)) > 0", "macro_refused", 17),
        ("categories.map(c, c) == categories", "macro_refused", 12),
        ("total", "kinds_differ", 1),
        ("total && first", "kinds_differ", 1),
        ("total == 'x'", "kinds_differ", 10),
        ("first > false", "kinds_differ", 7),
        ("kind + kind == kind", "kinds_differ", 1),
        ("1 in 2", "kinds_differ", 6),
        ("1 in categories", "kinds_differ", 1),
        ("kind in [1, 'x']", "kinds_differ", 13),
        ("first in [first]", "kinds_differ", 11),
        ("size(total) > 1", "kinds_differ", 1),
        ("kind[0] == 'x'", "kinds_differ", 5),
        ("properties == properties", "kinds_differ", 12),
        ("kind in []", "list_empty", 9),
    ],
)
def test_what_is_not_of_the_language_is_refused_with_its_place(
    source: str, code: str, place: int
) -> None:
    with pytest.raises(Invalid) as refusal:
        condition(source)
    (wrong,) = refusal.value.violations
    assert (wrong.pointer, wrong.code) == ("/condition", code)
    assert wrong.message.startswith(f"At character {place}: ")


def test_length_and_depth_have_bounds_and_rows_are_not_deep() -> None:
    longest = f"true{' ' * (MAX_SOURCE - 4)}"
    assert condition(longest).holds({})
    assert condition(" && ".join(["true"] * 120)).holds({})
    assert condition("(" * MAX_DEPTH + "true" + ")" * MAX_DEPTH).holds({})
    too_deep = (
        "(" * (MAX_DEPTH + 1) + "true" + ")" * (MAX_DEPTH + 1),
        "!" * (MAX_DEPTH + 1) + "true",
        "true ? true : " * (MAX_DEPTH + 1) + "true",
        " + ".join(["1"] * (MAX_DEPTH + 1)) + " > 0",
        "[" * 900,
    )
    for source in too_deep:
        with pytest.raises(Invalid) as refusal:
            condition(source)
        assert refusal.value.violations[0].code == "condition_too_deep", source
    with pytest.raises(Invalid) as refusal:
        condition(longest + " ")
    assert refusal.value.violations[0].code == "condition_too_long"


def test_a_condition_says_which_variables_it_asks_for() -> None:
    asked = condition("total > 1 && has(member.tier) || properties.stars == size(categories)")
    assert asked.names() == {"total", "member.tier", "properties", "categories"}
