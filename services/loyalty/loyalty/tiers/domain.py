"""What tiers a program has, by what members reach them, and how long they keep them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Violation

MOST_TIERS = 20


class QualifyBy(StrEnum):
    """What counts towards a tier."""

    POINTS = "points"
    SPEND = "spend"
    PURCHASES = "purchases"


class WindowKind(StrEnum):
    """Within which time it counts."""

    ROLLING = "rolling"
    CALENDAR_YEAR = "calendar_year"
    LIFETIME = "lifetime"


class BenefitKind(StrEnum):
    """What a tier gives."""

    EARNING_MULTIPLIER = "earning_multiplier"
    DISCOUNT = "discount"
    FREE_SHIPPING = "free_shipping"
    PRIVILEGE = "privilege"


@dataclass(frozen=True, slots=True)
class Benefit:
    """Something that members of a tier have.

    `percent` is what an earning is multiplied by (150 for half as many again), or what comes off a
    price. `text` says it to members, by language.
    """

    kind: BenefitKind
    percent: int | None = None
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier: who has `threshold` of what counts is in it."""

    key: str
    name: Mapping[str, str]
    threshold: Decimal
    benefits: tuple[Benefit, ...] = ()

    @property
    def multiplier_percent(self) -> int:
        """What earnings of its members are multiplied by, in per cent."""
        given = [b.percent for b in self.benefits if b.kind is BenefitKind.EARNING_MULTIPLIER]
        return next((percent for percent in given if percent is not None), 100)


@dataclass(frozen=True, slots=True)
class TierTerms:
    """By what members of a program are told apart; `tiers` from the lowest to the highest.

    What counts is reckoned in whole days of the member's own zone. `months` is how long the rolling
    window is: what befell on a day counts until the same day so many months later begins. In a
    calendar year it counts towards a tier at once, and keeps it through the year after as well.

    Who falls short keeps the tier for `grace_days` more, and for `hold_months` after reaching it in
    any case. `one_step`: no more than one tier is lost within the length of a window. When it was a
    change of these terms that members fall short by, they have `change_grace_days` at least.
    `replaced` says into which tier those of a tier that is gone belong; in none where it says None.
    """

    tiers: tuple[Tier, ...]
    by: QualifyBy
    window: WindowKind = WindowKind.ROLLING
    months: int = 12
    grace_days: int = 0
    hold_months: int = 0
    one_step: bool = False
    change_grace_days: int = 30
    replaced: Mapping[str, str | None] = field(default_factory=dict)

    def rank(self, key: str | None) -> int:
        """The place of a tier from the bottom, 0 for the lowest; -1 for none.

        That of one that is gone is the place of the one that took its place.
        """
        places = {tier.key: place for place, tier in enumerate(self.tiers)}
        while key is not None and key not in places:
            key = self.replaced.get(key)
        return -1 if key is None else places[key]

    def at(self, rank: int) -> Tier | None:
        """The tier at a place; None for -1."""
        return None if rank < 0 else self.tiers[rank]

    def key_at(self, rank: int) -> str | None:
        """The key of the tier at a place; None for -1."""
        return None if rank < 0 else self.tiers[rank].key

    def reached_by(self, value: Decimal) -> int:
        """The place of the highest tier that so much is enough for; -1 for none."""
        return sum(tier.threshold <= value for tier in self.tiers) - 1

    @property
    def window_months(self) -> int:
        """How long a window is; a year where it has no end."""
        return self.months if self.window is WindowKind.ROLLING else 12


@dataclass(frozen=True, slots=True)
class TierSchemeDefined(Fact):
    """A program has tiers that had none."""

    scheme: TierScheme


@dataclass(frozen=True, slots=True)
class TierSchemeChanged(Fact):
    """A program has other tiers, or others are reached by other means."""

    scheme: TierScheme


@dataclass(kw_only=True)
class TierScheme(Aggregate):
    """The tiers of a program. Its id is the program's; each change makes another revision."""

    revision: int = 1
    terms: TierTerms
    created_at: datetime
    updated_at: datetime

    def define(self) -> None:
        """Come into being. Raises `Invalid`."""
        _require_possible(self.terms)
        self.record(TierSchemeDefined(self))

    def change(self, terms: TierTerms, now: datetime) -> bool:
        """Go by other terms; whether any differs. Raises `Invalid`.

        Members of a tier that is gone belong into the next lower one that is left.
        """
        _require_possible(terms)
        terms = _with_replacements(self.terms, terms)
        if terms == self.terms:
            return False
        self.terms, self.updated_at = terms, now
        self.revision += 1
        self.record(TierSchemeChanged(self))
        return True

    @property
    def program_id(self) -> UUID:
        """Whose tiers they are."""
        return self.id


def as_if_changed(before: TierTerms | None, terms: TierTerms) -> TierTerms:
    """The terms that would hold if a program went by others. Raises `Invalid` for impossible ones."""
    _require_possible(terms)
    return terms if before is None else _with_replacements(before, terms)


def _with_replacements(before: TierTerms, terms: TierTerms) -> TierTerms:
    kept = {tier.key for tier in terms.tiers}
    replaced = {key: to for key, to in before.replaced.items() if key not in kept}
    lower: str | None = None
    for tier in before.tiers:
        if tier.key in kept:
            lower = tier.key
        else:
            replaced[tier.key] = lower
    return TierTerms(
        tiers=terms.tiers,
        by=terms.by,
        window=terms.window,
        months=terms.months,
        grace_days=terms.grace_days,
        hold_months=terms.hold_months,
        one_step=terms.one_step,
        change_grace_days=terms.change_grace_days,
        replaced=replaced,
    )


def _require_possible(terms: TierTerms) -> None:
    wrong = tuple(_wrong(terms.tiers))
    if wrong:
        raise Invalid("The tiers cannot be told apart.", violations=wrong)
    if terms.by is QualifyBy.SPEND:
        return
    for place, tier in enumerate(terms.tiers):
        if tier.threshold != tier.threshold.to_integral_value():
            message = "Points and purchases are counted: the threshold is a whole number."
            raise Invalid.at(f"/tiers/{place}/threshold", "threshold_not_whole", message)


def _wrong(tiers: Sequence[Tier]) -> Iterator[Violation]:
    keys = [tier.key for tier in tiers]
    for place, tier in enumerate(tiers):
        if tier.key in keys[:place]:
            yield Violation(f"/tiers/{place}/key", "tier_twice", "Two tiers have this key.")
        if place and tier.threshold <= tiers[place - 1].threshold:
            message = "Each tier takes more than the one before."
            yield Violation(f"/tiers/{place}/threshold", "threshold_not_rising", message)
        for number, benefit in enumerate(tier.benefits):
            needs = benefit.kind in (BenefitKind.EARNING_MULTIPLIER, BenefitKind.DISCOUNT)
            if needs != (benefit.percent is not None):
                message = "A multiplier and a discount need a percentage, and nothing else has one."
                at = f"/tiers/{place}/benefits/{number}/percent"
                yield Violation(at, "percent_unfitting", message)
