"""What people earn by selling: plans with rates, tiers by attainment, and effective dates.

The rate is a percentage of what somebody is credited with; product categories may have rates of their
own. Tiers multiply it by how much of the quota was attained: an accelerator is a multiplier above 1.
Marginal tiers multiply the part of the credits that lies in them; retroactive ones multiply all, once
they are reached. A first tier with the multiplier 0 is a threshold below which nothing is earned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Violation
from sales.periods.domain import EARLIEST, LATEST, Period, PeriodLength
from sales.sales_credits.domain import Basis

MOST_PLANS = 200
MOST_TIERS = 20
MOST_PARTICIPANTS = 500
MOST_CATEGORIES = 100


class TierMethod(StrEnum):
    """Whether a tier counts for what lies in it, or for everything once it is reached."""

    MARGINAL = "marginal"
    RETROACTIVE = "retroactive"


@dataclass(frozen=True, slots=True)
class Tier:
    """From so many per cent of the quota on, the rate times `multiplier`."""

    from_percent: Decimal
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class Participant:
    """Who earns by a plan, and from when until when; without days, as long as the plan holds."""

    user_id: UUID
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class EarningTerms:
    """How credits become commissions; rates are in per cent."""

    basis: Basis
    rate: Decimal
    category_rates: Mapping[str, Decimal] = field(default_factory=dict)
    tiers: tuple[Tier, ...] = (Tier(Decimal(0), Decimal(1)),)
    method: TierMethod = TierMethod.MARGINAL

    def rate_of(self, category: str) -> Decimal:
        """The rate for products of a category, before tiers."""
        return self.category_rates.get(category, self.rate)

    def multiplier(self, quota: Decimal | None, credited: Decimal) -> Fraction:
        """What the rate is multiplied by for all that is credited; for marginal tiers the average.

        Without a quota nothing is attained, so the first tier holds for everything.
        """
        first = Fraction(self.tiers[0].multiplier)
        if quota is None or credited <= 0:
            return first
        bounds = [Fraction(quota) * Fraction(tier.from_percent) / 100 for tier in self.tiers]
        reached = Fraction(credited)
        if self.method is TierMethod.RETROACTIVE:
            return max(
                (bound, Fraction(tier.multiplier))
                for bound, tier in zip(bounds, self.tiers, strict=True)
                if bound <= reached
            )[1]
        ends = [*bounds[1:], reached]
        parts = (
            max(min(end, reached) - bound, Fraction(0)) * Fraction(tier.multiplier)
            for bound, end, tier in zip(bounds, ends, self.tiers, strict=True)
        )
        return sum(parts, Fraction(0)) / reached

    def earned(self, quota: Decimal | None, credited: Mapping[str, Decimal]) -> Fraction:
        """The exact commission on credits by category, which depends on nothing but their sums."""
        at_rates = sum(
            (
                Fraction(amount) * Fraction(self.rate_of(category)) / 100
                for category, amount in credited.items()
            ),
            Fraction(0),
        )
        whole = sum(credited.values(), Decimal(0))
        return at_rates * self.multiplier(quota, whole)


@dataclass(frozen=True, slots=True)
class PlanDefinition:
    """Everything about a plan that somebody may enter. Statements are made for each period."""

    name: Mapping[str, str]
    currency: str
    frequency: PeriodLength
    terms: EarningTerms
    valid_from: date
    valid_until: date | None = None
    participants: tuple[Participant, ...] = ()

    def participant(self, user_id: UUID) -> Participant | None:
        """Somebody who earns by the plan."""
        return next((one for one in self.participants if one.user_id == user_id), None)

    def begins_for(self, one: Participant) -> date:
        """The first day that counts for somebody."""
        return max(self.valid_from, one.since or self.valid_from)

    def counted(self, one: Participant, period: Period) -> Period | None:
        """The days of a period that count for somebody; None when none does."""
        ends = [day for day in (self.valid_until, one.until) if day is not None]
        first, last = max(period.first, self.begins_for(one)), min([period.last, *ends])
        return Period(first, last) if first <= last else None


@dataclass(frozen=True, slots=True)
class CommissionPlanDefined(Fact):
    """There is a plan by which people earn commissions."""

    plan: CommissionPlan


@dataclass(frozen=True, slots=True)
class CommissionPlanChanged(Fact):
    """A plan is different."""

    plan: CommissionPlan
    changed_fields: tuple[str, ...]


@dataclass(kw_only=True)
class CommissionPlan(Aggregate):
    """A plan by which people earn commissions."""

    definition: PlanDefinition
    created_at: datetime
    updated_at: datetime

    def define(self) -> None:
        """Say that it is there. Raises `Invalid` that names everything wrong with it."""
        require_sound(self.definition)
        self.record(CommissionPlanDefined(self))

    def redefine(self, definition: PlanDefinition, now: datetime) -> None:
        """Have it go otherwise from the next statement on; nothing happens when nothing differs.

        Its basis, currency, frequency and first day stay, since corrections and the order of periods
        go by them. Raises `Invalid`.
        """
        require_sound(definition)
        changed = _differing(self.definition, definition)
        if changed:
            self.definition, self.updated_at = definition, now
            self.record(CommissionPlanChanged(self, tuple(sorted(changed))))


def require_sound(definition: PlanDefinition) -> None:
    """Check that commissions can be made by it. Raises `Invalid` that names everything wrong."""
    wrong = [*_wrong_tiers(definition.terms.tiers), *_wrong_days(definition)]
    if definition.terms.category_rates and definition.terms.basis is not Basis.DELIVERED:
        message = "An opportunity has no product categories: they need the basis delivered."
        wrong.append(Violation("/category_rates", "categories_need_delivered", message))
    if wrong:
        raise Invalid("Such a plan cannot be.", violations=tuple(wrong))


def _wrong_tiers(tiers: Sequence[Tier]) -> Sequence[Violation]:
    bounds = [tier.from_percent for tier in tiers]
    if not bounds or bounds[0] != 0:
        return [Violation("/tiers", "first_tier_missing", "The first tier begins at 0 per cent.")]
    return [
        Violation(
            f"/tiers/{place}/from_percent",
            "tier_order",
            "Each tier begins at more of the quota than the one before.",
        )
        for place in range(1, len(bounds))
        if bounds[place] <= bounds[place - 1]
    ]


_BEYOND = f"No statement can be from before {EARLIEST} or after {LATEST}."


def _wrong_days(definition: PlanDefinition) -> Sequence[Violation]:
    wrong: list[Violation] = []
    backwards = "The last day comes before the first one."
    if definition.valid_until is not None and definition.valid_until < definition.valid_from:
        wrong.append(Violation("/valid_until", "days_backwards", backwards))
    if not EARLIEST <= definition.valid_from <= LATEST:
        wrong.append(Violation("/valid_from", "day_impossible", _BEYOND))
    seen: set[UUID] = set()
    for place, one in enumerate(definition.participants):
        at = f"/participants/{place}"
        if one.user_id in seen:
            wrong.append(Violation(f"{at}/user_id", "participant_repeated", "Named twice."))
        seen.add(one.user_id)
        if one.since is not None and not EARLIEST <= one.since <= LATEST:
            wrong.append(Violation(f"{at}/since", "day_impossible", _BEYOND))
        if one.until is not None and one.until < (one.since or definition.valid_from):
            wrong.append(Violation(f"{at}/until", "days_backwards", backwards))
    return wrong


def _differing(old: PlanDefinition, new: PlanDefinition) -> set[str]:
    names = {one.name for one in fields(PlanDefinition)} - {"terms"}
    changed = {name for name in names if getattr(old, name) != getattr(new, name)}
    terms = (one.name for one in fields(EarningTerms))
    return changed | {n for n in terms if getattr(old.terms, n) != getattr(new.terms, n)}
