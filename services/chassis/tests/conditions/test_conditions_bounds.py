"""No source, however hostile, costs more than its bound; and what conditions say is what CEL says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import cel
from hypothesis import given
from hypothesis import strategies as st

from chassis.conditions.condition import Condition, compile_condition
from chassis.conditions.evaluation import Value
from chassis.conditions.syntax import MAX_DEPTH, MAX_SOURCE, nodes_of
from chassis.domain import Invalid
from services.chassis.tests.conditions.test_conditions import VALUES, VARIABLES

CALLS_A_CHARACTER = 60
"""How many calls of functions reading a character may cost, generously; it is counted, not timed."""

_PIECES = st.sampled_from(
    [
        *"()[]!-?:.,<>+*/% \"'\\\n",
        *(
            "&&",
            "||",
            "==",
            "!=",
            " in ",
            "true",
            "1",
            "0x7f",
            "'x'",
            "total",
            "kind",
            "properties",
        ),
        *(
            "categories",
            ".stars",
            ".all(",
            "size(",
            ".contains(",
            "has(",
            "true?",
            ":true",
            "//",
            "咖",
        ),
        *("9" * 30, "\x00", "null", "[[", "((", "!!", "--", "member.tier"),
    ]
)
_SOURCES = st.one_of(
    st.text(max_size=1_200),
    st.lists(_PIECES, max_size=400).map("".join),
    st.tuples(_PIECES, st.integers(1, 600)).map(lambda given: given[0] * given[1]),
    st.tuples(_PIECES, _PIECES, st.integers(1, 300)).map(
        lambda given: given[0] * given[2] + "true" + given[1] * given[2]
    ),
)


def counted(act: Callable[[], Any]) -> tuple[Any, int]:
    """What something gives, and how many calls of functions it took."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        given = act()
    finally:
        sys.setprofile(before)
    return given, calls


def compiled(source: str) -> Condition | None:
    """The condition, or none where it is refused; nothing else may happen."""
    try:
        return compile_condition(source, VARIABLES)
    except Invalid:
        return None


def require_bounded(source: str) -> None:
    """See that a source is refused or read, and then judged, within the bound."""
    read, calls = counted(lambda: compiled(source))
    assert calls <= CALLS_A_CHARACTER * (min(len(source), MAX_SOURCE) + 10), source
    if read is None:
        return
    assert read.nodes <= len(source), source
    assert max(depth for _node, depth in nodes_of(read.root)) <= MAX_DEPTH, source
    verdict, calls = counted(lambda: read.judge(VALUES))
    assert verdict.steps <= read.nodes, source
    assert calls <= CALLS_A_CHARACTER * (read.nodes + 10), source


@given(_SOURCES)
def test_every_source_is_read_or_refused_within_a_bounded_number_of_steps(source: str) -> None:
    require_bounded(source)


def test_the_nastiest_sources_known_stay_within_the_bound() -> None:
    rows = " || ".join(["properties.none == 1"] * 40)
    for source in (
        "[" * 24 + "1" + "]" * 24,
        "size([" * 12 + "'x'" + "])" * 12 + " == 1",
        "(" * 20 + "total" + " + 1)" * 20 + " > 0",
        "!(" * 10 + "first" + ")" * 10,
        rows,
        f"!({rows})",
    ):
        require_bounded(source)


_NUMBERS: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.integers(-20, 20).map(str),
        st.sampled_from(["total", "local.weekday", "properties.stars", "size(categories)"]),
        st.tuples(_NUMBERS, st.sampled_from("+-*/%"), _NUMBERS).map(
            lambda given: f"({given[0]} {given[1]} {given[2]})"
        ),
    )
)
_TEXTS = st.sampled_from(
    ["kind", "member.tier", "properties.interaction_kind", "'gold'", '"tea"', "categories[0]", "''"]
)
_TRUTHS: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["true", "false", "first", "properties.public", "has(properties.none)"]),
        st.tuples(_NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), _NUMBERS).map(
            " ".join
        ),
        st.tuples(_TEXTS, st.sampled_from(["<", ">=", "==", "!="]), _TEXTS).map(" ".join),
        st.tuples(_TEXTS, st.sampled_from(["contains", "startsWith", "endsWith"]), _TEXTS).map(
            lambda given: f"{given[0]}.{given[1]}({given[2]})"
        ),
        _TEXTS.map(lambda text: f"{text} in categories"),
        _NUMBERS.map(lambda number: f"{number} in [1, 6, {number}]"),
        st.tuples(_TRUTHS, st.sampled_from(["&&", "||", "==", "!="]), _TRUTHS).map(
            lambda given: f"(({given[0]}) {given[1]} ({given[2]}))"
        ),
        st.tuples(_TRUTHS, _TRUTHS, _TRUTHS).map(
            lambda given: f"(({given[0]}) ? ({given[1]}) : ({given[2]}))"
        ),
        _TRUTHS.map(lambda truth: f"!({truth})"),
    )
)


def as_cel(values: dict[str, Value]) -> dict[str, Any]:
    """The values with what has a dot in its name one below the other."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        above, _, below = name.partition(".")
        if below:
            nested.setdefault(above, {})[below] = value
        else:
            nested[name] = value
    return nested


@given(_TRUTHS)
def test_conditions_say_what_another_implementation_of_cel_says(source: str) -> None:
    read = compiled(source)
    if read is None:
        return  # too long or too deep
    verdict = read.judge(VALUES)
    try:
        theirs = cel.evaluate(source, as_cel(VALUES))
    except Exception:  # noqa: BLE001 - of whatever kind: it gives no answer
        # Where we answer and it does not, an operand that decides must have been overlooked by it.
        assert verdict.problem is not None or "&&" in source or "||" in source, source
        return
    assert verdict.problem is None, source
    assert verdict.holds is theirs, source
