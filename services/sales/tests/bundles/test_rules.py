"""A choice is valid exactly when it breaks no rule, as told by a model that counts one by one."""

from __future__ import annotations

from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid
from sales.bundles.documents import bundle_of, document_of
from sales.bundles.domain import Bundle, Option, Rule, RuleKind, broken_rules, require_sound

KEYS = ("a", "b", "c")
WORDS = {"en": "No."}


@st.composite
def rules(draw: st.DrawFn) -> list[Rule]:
    """Rules that are sound between three options of up to two pieces."""
    made = []
    for number in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(RuleKind))
        counting = kind in (RuleKind.AT_LEAST, RuleKind.AT_MOST)
        when = draw(st.sampled_from([None, *KEYS] if counting else KEYS))
        others = [key for key in KEYS if key != when]
        options = draw(st.lists(st.sampled_from(others), min_size=1, unique=True))
        count = draw(st.integers(0, 2 * len(options))) if counting else None
        made.append(Rule(f"r{number}", kind, tuple(options), WORDS, when, count))
    return made


def holds(rule: Rule, pieces: list[str]) -> bool:
    """The model: a choice is a bag of pieces, looked at one by one."""
    if rule.when is not None and rule.when not in pieces:
        return True
    of_rule = [piece for piece in pieces if piece in rule.options]
    return {
        RuleKind.REQUIRES: set(of_rule) == set(rule.options),
        RuleKind.EXCLUDES: of_rule == [],
        RuleKind.AT_LEAST: len(of_rule) >= (rule.count or 0),
        RuleKind.AT_MOST: len(of_rule) <= (rule.count or 0),
    }[rule.kind]


@given(rules())
def test_what_is_accepted_breaks_no_rule_and_what_is_refused_names_every_one(
    given_rules: list[Rule],
) -> None:
    options = tuple(Option(key, UUID(int=place), most=2) for place, key in enumerate(KEYS))
    bundle = Bundle(options, tuple(given_rules))
    require_sound(bundle)
    for amounts in product(range(4), repeat=len(KEYS)):
        chosen = dict(zip(KEYS, amounts, strict=True))
        pieces = [key for key, amount in chosen.items() for _ in range(amount)]
        expected = {key for key, amount in chosen.items() if amount > 2}
        expected |= {rule.key for rule in given_rules if not holds(rule, pieces)}
        assert {broken.key for broken in broken_rules(bundle, chosen)} == expected


@given(rules())
def test_bundles_come_back_from_their_documents(given_rules: list[Rule]) -> None:
    bundle = Bundle((Option("a", UUID(int=1)),), tuple(given_rules))
    assert bundle_of(document_of(bundle)) == bundle


@pytest.mark.parametrize(
    ("rule", "pointer", "code"),
    [
        (Rule("r", RuleKind.REQUIRES, ("b",), WORDS), "/when", "when_missing"),
        (Rule("r", RuleKind.REQUIRES, ("b",), WORDS, "z"), "/when", "option_unknown"),
        (Rule("r", RuleKind.EXCLUDES, ("a",), WORDS, "a"), "/options/0", "option_repeated"),
        (Rule("r", RuleKind.EXCLUDES, ("z",), WORDS, "a"), "/options/0", "option_unknown"),
        (Rule("r", RuleKind.EXCLUDES, ("b",), WORDS, "a", 1), "/count", "count_meaningless"),
        (Rule("r", RuleKind.AT_MOST, ("a",), WORDS), "/count", "count_missing"),
        (Rule("r", RuleKind.AT_LEAST, ("a",), WORDS, None, 2), "/count", "count_impossible"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named(rule: Rule, pointer: str, code: str) -> None:
    options = (Option("a", UUID(int=1)), Option("b", UUID(int=2)))
    with pytest.raises(Invalid) as refused:
        require_sound(Bundle(options, (rule,)))
    found = [(one.pointer, one.code) for one in refused.value.violations]
    assert found == [(f"/bundle/rules/0{pointer}", code)]
