"""Judging a happening by many rules: what holds whatever the rules and the purchase are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Money
from loyalty.earning.judging import Judgement, Used, judge
from loyalty.earning_terms.domain import (
    MOST_POINTS,
    Cap,
    CapMeasure,
    CapPeriod,
    EarningTerms,
    Fixed,
    Multiplier,
    PerAmount,
    Rounding,
    RuleInForce,
)
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.happenings.vocabulary import Standing
from services.loyalty.tests.gaining import of_lines

NOW = datetime(2031, 3, 5, 4, tzinfo=UTC)
TWD = "TWD"


def happening(*lines: tuple[str, str]) -> Happening:
    """A delivery of lines by category and total."""
    total = sum((Decimal(amount) for _, amount in lines), Decimal(0))
    return Happening(
        id=uuid4(),
        kind=HappeningKind.ORDER_DELIVERED,
        key="1",
        person_id=uuid4(),
        happened_at=NOW,
        judged_at=NOW,
        value=Money(total, TWD),
        lines=of_lines(lines),
    )


def standing(**more: Any) -> Standing:
    """A member since the beginning of the year."""
    since = datetime(2031, 1, 1, tzinfo=UTC)
    return Standing(uuid4(), uuid4(), since, ZoneInfo("Asia/Taipei"), **more)


def rule(number: int, **terms: Any) -> RuleInForce:
    """A rule whose place among others the number says."""
    plain: dict[str, Any] = {"name": "R", "trigger": HappeningKind.ORDER_DELIVERED}
    return RuleInForce(UUID(int=number), 1, uuid4(), EarningTerms(**{**plain, **terms}))


def unused(_rule_id: UUID, _first: date, _last: date) -> Used:
    """Nothing was given before."""
    return Used()


_LINES = st.lists(
    st.tuples(
        st.sampled_from(["coffee", "tea", "milk"]), st.decimals(0, 10_000, places=2).map(str)
    ),
    max_size=5,
    unique_by=lambda line: line[0],
)
_GIVES = st.one_of(
    st.integers(1, MOST_POINTS).map(Fixed),
    st.builds(
        PerAmount,
        st.integers(1, 1000),
        st.decimals("0.01", 1000, places=2).map(lambda amount: Money(amount, TWD)),
        rounding=st.sampled_from(Rounding),
    ),
    st.decimals("1.01", 100, places=2).map(Multiplier),
)
_CAPS = st.lists(
    st.builds(Cap, st.just(CapMeasure.POINTS), st.sampled_from(CapPeriod), st.integers(1, 10_000)),
    max_size=2,
    unique_by=lambda cap: cap.per,
).map(tuple)
_TERMS = st.fixed_dictionaries(
    {
        "gives": _GIVES,
        "caps": _CAPS,
        "categories": st.sampled_from([(), ("coffee",), ("tea", "milk")]),
        "group": st.sampled_from(["", "", "a", "b"]),
        "priority": st.integers(-1, 1),
    }
)


@given(_LINES, st.lists(_TERMS, max_size=6), st.integers(0, 9_000))
def test_no_rule_gives_more_than_it_says_and_the_same_is_always_judged_the_same(
    lines: list[tuple[str, str]], many: list[dict[str, Any]], used: int
) -> None:
    rules = [rule(place + 1, **terms) for place, terms in enumerate(many)]
    bought, member = happening(*lines), standing()

    def uses(_rule_id: UUID, _first: date, _last: date) -> Used:
        return Used(points=used, times=1)

    judged = judge(bought, member, rules, uses)
    assert [one.rule for one in judged] == rules
    for one in judged:
        assert 0 <= one.points <= one.computed <= MOST_POINTS
        assert bool(one.points) is not bool(one.reason)
        for cap in one.rule.terms.caps:
            before = 0 if cap.per is CapPeriod.HAPPENING else used
            assert one.points <= max(0, cap.limit - before)
        assert all(share.weight >= 0 and share.refunded == 0 for share in one.shares)
    for group in ("a", "b"):
        for multiplier in (True, False):
            counting = [
                one
                for one in judged
                if one.rule.terms.group == group
                and one.points
                and isinstance(one.rule.terms.gives, Multiplier) is multiplier
            ]
            assert len(counting) <= 1
    again = {one.rule.rule_id: one for one in judge(bought, member, rules[::-1], uses)}
    assert [again[one.rule.rule_id] for one in judged] == list(judged)


@given(_LINES, st.integers(1, 50), st.decimals("0.01", 500, places=2))
def test_points_per_amount_are_never_more_than_the_amount_says(
    lines: list[tuple[str, str]], points: int, amount: Decimal
) -> None:
    gives = {
        rounding: PerAmount(points, Money(amount, TWD), rounding=rounding) for rounding in Rounding
    }
    rules = [rule(1, gives=gives[Rounding.WHOLE]), rule(2, gives=gives[Rounding.LINE])]
    whole, by_line = (one.computed for one in judge(happening(*lines), standing(), rules, unused))
    total = sum((Decimal(amount) for _, amount in lines), Decimal(0))
    exact = Fraction(total) * points / Fraction(amount)
    assert exact - 1 < whole <= exact
    assert whole - len(lines) <= by_line <= whole


def test_a_group_gives_way_to_what_is_not_capped_away() -> None:
    full = rule(
        1,
        gives=Fixed(100),
        group="a",
        priority=9,
        caps=(Cap(CapMeasure.TIMES, CapPeriod.EVER, 1),),
    )
    rest = rule(2, gives=Fixed(5), group="a")

    def uses(rule_id: UUID, _first: date, _last: date) -> Used:
        return Used(100, 1) if rule_id == full.rule_id else Used()

    capped, given_ = judge(happening(("coffee", "1")), standing(), [full, rest], uses)
    assert (capped.points, capped.reason, given_.points) == (0, "cap", 5)


def judged_one(one: RuleInForce, member: Standing) -> Judgement:
    """What a single rule gives for a cup."""
    (found,) = judge(happening(("coffee", "100")), member, [one], unused)
    return found


def test_tiers_are_asked_for_by_their_keys_and_in_conditions() -> None:
    for terms in ({"tiers": ("gold", "platinum")}, {"condition": "member.tier == 'gold'"}):
        one = rule(1, gives=Fixed(1), **terms)
        assert judged_one(one, standing(tier="gold")).points == 1
        assert not judged_one(one, standing(tier="silver")).points
        assert not judged_one(one, standing()).points


def test_a_multiplier_of_chosen_lines_leaves_alone_what_is_due_to_others() -> None:
    rules = [
        rule(1, gives=Fixed(10)),
        rule(2, gives=Multiplier(Decimal(2)), categories=("coffee",)),
        rule(3, gives=Multiplier(Decimal(2)), categories=("milk",)),
    ]
    bought = happening(("coffee", "30"), ("tea", "70"))
    fixed, coffee, milk = judge(bought, standing(), rules, unused)
    assert (fixed.points, coffee.points, milk.points, milk.reason) == (10, 3, 0, "lines")
    nothing = judge(happening(), standing(), rules[:2], unused)
    assert [one.points for one in nothing] == [10, 0]
