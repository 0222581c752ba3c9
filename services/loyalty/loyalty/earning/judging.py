"""Judges a happening by rules: which of them give points, how many, and why the others do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from loyalty.earning.domain import Share
from loyalty.earning_terms.domain import (
    MOST_POINTS,
    Basis,
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
from loyalty.happenings.domain import Happening
from loyalty.happenings.vocabulary import Standing, condition_of, values_of


@dataclass(frozen=True, slots=True)
class Cut:
    """A cap that left fewer points, with how much of it was used before."""

    measure: CapMeasure
    per: CapPeriod
    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule gives for a happening: `points` of those `computed`, after caps.

    Without any, `reason` says why: `not_a_member` then, `window`, `weekday`, `hour`, `tier`, `lines`
    (none that count), `condition`, `condition_unanswered`, `currency`, `nothing` (less than a point),
    `cap`, `group` (another rule of it counts).
    """

    rule: RuleInForce
    reason: str = ""
    base_amount: Decimal | None = None
    computed: int = 0
    points: int = 0
    shares: Sequence[Share] = ()
    cuts: Sequence[Cut] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """What a rule gave a member before within a period, less what was taken back."""

    points: int = 0
    times: int = 0


Uses = Callable[[UUID, date, date], Used]
"""What was used of a rule from one day to another, both included."""


@dataclass(frozen=True, slots=True)
class _Line:
    line_id: str
    category: str
    sku: str
    net: Decimal
    total: Decimal


def judge(
    happening: Happening, standing: Standing, rules: Sequence[RuleInForce], uses: Uses
) -> Sequence[Judgement]:
    """What each rule gives a member, in the order of the rules given.

    First what rules give by themselves, after caps; then of each group the one that counts; then
    multipliers, each of the sum of those, so that they do not multiply each other.
    """
    alone = [rule for rule in rules if not isinstance(rule.terms.gives, Multiplier)]
    found = _of_groups([_judged(happening, standing, rule, uses, ()) for rule in alone])
    given = [one for one in found if one.points]
    on_top = [rule for rule in rules if isinstance(rule.terms.gives, Multiplier)]
    found += _of_groups([_judged(happening, standing, rule, uses, given) for rule in on_top])
    by_rule = {one.rule.rule_id: one for one in found}
    return [by_rule[rule.rule_id] for rule in rules]


def _judged(
    happening: Happening,
    standing: Standing,
    rule: RuleInForce,
    uses: Uses,
    given: Sequence[Judgement],
) -> Judgement:
    """What a rule gives by itself, after its caps."""
    lines = [line for line in _lines_of(happening) if _counts(rule.terms, line)]
    reason = _refusal(happening, standing, rule.terms, lines)
    if reason is not None:
        return Judgement(rule, reason)
    computed = _computed(happening, rule, lines, given)
    if not computed.computed:
        return replace(computed, reason=computed.reason or "nothing")
    day = happening.judged_at.astimezone(standing.zone).date()
    return _capped(computed, day, uses)


def _refusal(
    happening: Happening, standing: Standing, terms: EarningTerms, lines: Sequence[_Line]
) -> str | None:
    if happening.happened_at < standing.enrolled_at:
        return "not_a_member"
    local = happening.judged_at.astimezone(standing.zone)
    outside = terms.window.refuses(happening.judged_at, local)
    if outside is not None:
        return outside
    if terms.tiers and standing.tier not in terms.tiers:
        return "tier"
    if terms.chooses_lines and not lines:
        return "lines"
    if not terms.condition:
        return None
    verdict = condition_of(terms.condition).judge(values_of(happening, standing))
    if verdict.problem is not None:
        return "condition_unanswered"
    return None if verdict.holds else "condition"


def _lines_of(happening: Happening) -> Sequence[_Line]:
    """The lines; what is worth something without having any is one line of no name."""
    if happening.lines or happening.value is None:
        return [
            _Line(one.line_id, one.category, one.sku, max(one.net, Decimal(0)), one.total)
            for one in happening.lines
            if one.total >= 0
        ]
    worth = max(happening.value.amount, Decimal(0))
    return [_Line("", "", "", worth, worth)]


def _counts(terms: EarningTerms, line: _Line) -> bool:
    return not terms.chooses_lines or line.category in terms.categories or line.sku in terms.skus


def _computed(
    happening: Happening, rule: RuleInForce, lines: Sequence[_Line], given: Sequence[Judgement]
) -> Judgement:
    gives = rule.terms.gives
    if isinstance(gives, Multiplier):
        return _multiplied(rule, gives, lines, given)
    if isinstance(gives, Fixed):
        shares = [Share(one.line_id, one.total, Fraction(one.total)) for one in lines]
        return Judgement(rule, computed=gives.points, shares=shares)
    value = happening.value
    if value is not None and value.currency != gives.amount.currency:
        return Judgement(rule, "currency")
    return _per_amount(rule, gives, lines)


def _per_amount(rule: RuleInForce, gives: PerAmount, lines: Sequence[_Line]) -> Judgement:
    rate = Fraction(gives.points) / Fraction(gives.amount.amount)
    amounts = [one.net if gives.basis is Basis.NET else one.total for one in lines]
    if gives.rounding is Rounding.LINE:
        weights = [Fraction(int(rate * Fraction(amount))) for amount in amounts]
        points = int(sum(weights))
    else:
        weights = [Fraction(amount) for amount in amounts]
        points = int(rate * sum(weights))
    shares = [
        Share(one.line_id, one.total, weight) for one, weight in zip(lines, weights, strict=True)
    ]
    base = sum(amounts, Decimal(0))
    return Judgement(rule, base_amount=base, computed=min(points, MOST_POINTS), shares=shares)


def _multiplied(
    rule: RuleInForce, gives: Multiplier, lines: Sequence[_Line], given: Sequence[Judgement]
) -> Judgement:
    """On top of what others give: for the lines that count, the part of it that is due to them."""
    counting = {one.line_id for one in lines}
    weights: dict[str, Fraction] = {}
    base = Fraction(0)
    for one in given:
        whole = sum((share.weight for share in one.shares), Fraction(0))
        if not whole:  # what has no lines is multiplied unless lines are chosen
            base += 0 if rule.terms.chooses_lines else one.points
        for share in one.shares if whole else ():
            if share.line_id in counting:
                part = one.points * share.weight / whole
                base += part
                weights[share.line_id] = weights.get(share.line_id, Fraction(0)) + part
    points = int(base * (Fraction(gives.factor) - 1))
    shares = [
        Share(one.line_id, one.total, weights[one.line_id])
        for one in lines
        if one.line_id in weights
    ]
    return Judgement(rule, computed=min(points, MOST_POINTS), shares=shares)


def _capped(judgement: Judgement, day: date, uses: Uses) -> Judgement:
    points, cuts = judgement.computed, []
    for cap in judgement.rule.terms.caps:
        used = _used(cap, judgement.rule.rule_id, day, uses)
        if cap.measure is CapMeasure.TIMES:
            left = points if used < cap.limit else 0
        else:
            left = min(points, max(0, cap.limit - used))
        if left < points:
            cuts.append(Cut(cap.measure, cap.per, cap.limit, used))
            points = left
    return replace(judgement, points=points, cuts=cuts, reason="" if points else "cap")


def _used(cap: Cap, rule_id: UUID, day: date, uses: Uses) -> int:
    if cap.per is CapPeriod.HAPPENING:
        return 0
    used = uses(rule_id, *cap.per.around(day))
    return used.times if cap.measure is CapMeasure.TIMES else used.points


def _of_groups(found: list[Judgement]) -> list[Judgement]:
    """The same, with nothing from rules of groups but from the one of each that counts."""
    best: dict[str, Judgement] = {}
    for one in found:
        group = one.rule.terms.group
        if group and one.points and (group not in best or _rank(one) < _rank(best[group])):
            best[group] = one
    return [
        replace(one, points=0, reason="group")
        if one.points and one.rule.terms.group and best[one.rule.terms.group] is not one
        else one
        for one in found
    ]


def _rank(one: Judgement) -> tuple[int, int, UUID]:
    return -one.rule.terms.priority, -one.points, one.rule.rule_id


def points_of(judged: Sequence[Judgement]) -> Mapping[UUID, int]:
    """What each rule gives, of those that give anything."""
    return {one.rule.rule_id: one.points for one in judged if one.points}
