"""What coupons take off a basket: what each promises, what it asks for, and which go together.

Every amount is in whole minor units of the basket's currency, and what is taken off the lines adds up
to what is taken off in all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Money
from chassis.money import EXACT, apportioned, rounded, total


class BenefitKind(StrEnum):
    """What a coupon is good for."""

    AMOUNT_OFF = "amount_off"
    PERCENT_OFF = "percent_off"
    FREE_ITEM = "free_item"
    GIFT = "gift"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a coupon promises.

    `amount` is what an amount off takes off, and the most that a percentage takes off. A free item is
    the cheapest of `skus` in the basket, `quantity` of them. A `gift` is handed over and takes nothing
    off; it is what it is called, by language.
    """

    kind: BenefitKind
    amount: Money | None = None
    percent: Decimal | None = None
    skus: Sequence[str] = ()
    quantity: int = 1
    gift: Mapping[str, str] = field(default_factory=dict)
    points: int = 0


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a purchase has to be like. Nothing said of products, channels or branches means all.

    The minimum is asked of what the coupon applies to, before any coupon.
    """

    minimum_spend: Money | None = None
    skus: Sequence[str] = ()
    product_ids: Sequence[UUID] = ()
    categories: Sequence[str] = ()
    excluded_skus: Sequence[str] = ()
    excluded_categories: Sequence[str] = ()
    channels: Sequence[str] = ()
    branches: Sequence[str] = ()
    first_purchase_only: bool = False


class StackingRule(StrEnum):
    """Which other coupons may be used at the same purchase."""

    ALONE = "alone"
    WITH_LISTED = "with_listed"
    WITH_ANY = "with_any"


@dataclass(frozen=True, slots=True)
class Stacking:
    """Both of two coupons have to allow the other. `most_per_basket` counts those of the same pool."""

    rule: StackingRule = StackingRule.ALONE
    pools: Sequence[UUID] = ()
    most_per_basket: int = 1

    def allows(self, pool_id: UUID) -> bool:
        """Whether a coupon of another pool may be used besides."""
        if self.rule is StackingRule.WITH_LISTED:
            return pool_id in self.pools
        return self.rule is StackingRule.WITH_ANY


@dataclass(frozen=True, slots=True)
class BasketLine:
    """What is bought: `total` is with tax and after all discounts but coupons."""

    line_id: str
    sku: str
    product_id: UUID | None
    category: str
    quantity: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Basket:
    """A purchase that coupons are shown at."""

    currency: str
    lines: Sequence[BasketLine]
    channel: str = ""
    branch: str = ""

    @property
    def total(self) -> Money:
        """What it comes to before any coupon."""
        return total([line.total for line in self.lines], self.currency)


class Refusal(StrEnum):
    """Why a coupon cannot be used at a purchase."""

    UNKNOWN = "coupon_unknown"
    REPEATED = "coupon_repeated"
    USED = "coupon_used"
    REVOKED = "coupon_revoked"
    NOT_ACTIVE = "coupon_not_active"
    NOT_YET_VALID = "coupon_not_yet_valid"
    EXPIRED = "coupon_expired"
    PERSON_NEEDED = "person_needed"
    PERSON_DIFFERS = "person_differs"
    NO_MEMBER = "member_needed"
    CHANNEL_DIFFERS = "channel_differs"
    BRANCH_DIFFERS = "branch_differs"
    CURRENCY_DIFFERS = "currency_differs"
    NOTHING_APPLIES = "nothing_applies"
    ITEM_MISSING = "item_missing"
    MINIMUM_MISSED = "minimum_missed"
    NOT_FIRST_PURCHASE = "purchase_not_first"
    EXHAUSTED = "uses_exhausted"
    PERSON_EXHAUSTED = "person_uses_exhausted"
    NOT_STACKABLE = "not_stackable"


@dataclass(frozen=True, slots=True)
class Offered:
    """A coupon that is shown at a purchase, as far as the purchase is concerned."""

    pool_id: UUID
    benefit: Benefit
    conditions: Conditions
    stacking: Stacking


@dataclass(frozen=True, slots=True)
class Discount:
    """What one coupon takes off each line of the basket, in their order."""

    lines: Sequence[Decimal]
    total: Money


def misfit(offered: Offered, basket: Basket) -> Refusal | None:
    """Why a coupon does not fit a purchase, whoever buys and whenever; None if it does."""
    asked, benefit = offered.conditions, offered.benefit
    if asked.channels and basket.channel not in asked.channels:
        return Refusal.CHANNEL_DIFFERS
    if asked.branches and basket.branch not in asked.branches:
        return Refusal.BRANCH_DIFFERS
    amounts = (asked.minimum_spend, benefit.amount)
    if any(amount and amount.currency != basket.currency for amount in amounts):
        return Refusal.CURRENCY_DIFFERS
    eligible = [line for line in basket.lines if applies_to(asked, line)]
    if not eligible:
        return Refusal.NOTHING_APPLIES
    if benefit.kind is BenefitKind.FREE_ITEM and not any(
        line.sku in benefit.skus and line.quantity > 0 for line in eligible
    ):
        return Refusal.ITEM_MISSING
    spent = sum((line.total for line in eligible), Decimal(0))
    if asked.minimum_spend is not None and spent < asked.minimum_spend.amount:
        return Refusal.MINIMUM_MISSED
    return None


def applies_to(asked: Conditions, line: BasketLine) -> bool:
    """Whether a line is one of those that a coupon is for."""
    if line.sku in asked.excluded_skus or line.category in asked.excluded_categories:
        return False
    if not (asked.skus or asked.product_ids or asked.categories):
        return True
    return (
        line.sku in asked.skus
        or line.category in asked.categories
        or line.product_id in asked.product_ids
    )


def go_together(one: Offered, others: Sequence[Offered]) -> bool:
    """Whether a coupon may be used besides these others."""
    alike = 1 + sum(other.pool_id == one.pool_id for other in others)
    if alike > one.stacking.most_per_basket:
        return False
    return all(
        other.pool_id == one.pool_id
        or (one.stacking.allows(other.pool_id) and other.stacking.allows(one.pool_id))
        for other in others
    )


_TURN = {BenefitKind.FREE_ITEM: 0, BenefitKind.PERCENT_OFF: 1, BenefitKind.AMOUNT_OFF: 2}


def discounts(basket: Basket, offered: Sequence[Offered]) -> Sequence[Discount]:
    """What each of these coupons takes off, in their order.

    Free items come first, then percentages, then amounts, each of what those before have left: so
    the order in which coupons are shown changes nothing between kinds, and nothing falls below zero.
    """
    left = [line.total for line in basket.lines]
    taken: dict[int, Discount] = {}
    order = sorted(range(len(offered)), key=lambda n: (_TURN.get(offered[n].benefit.kind, 3), n))
    for place in order:
        taken[place] = discount = _discount(basket, offered[place], left)
        left = [before - off for before, off in zip(left, discount.lines, strict=True)]
    return [taken[place] for place in range(len(offered))]


def _discount(basket: Basket, offered: Offered, left: Sequence[Decimal]) -> Discount:
    benefit, currency = offered.benefit, basket.currency
    weights = [
        rest if applies_to(offered.conditions, line) else Decimal(0)
        for line, rest in zip(basket.lines, left, strict=True)
    ]
    if benefit.kind is BenefitKind.FREE_ITEM:
        lines: Sequence[Decimal] = _free(basket, benefit, weights)
    else:
        lines = apportioned(_taken_off(benefit, sum(weights, Decimal(0)), currency), weights)
    return Discount(lines, total(lines, currency))


def _taken_off(benefit: Benefit, spent: Decimal, currency: str) -> Money:
    """What comes off an amount, never more than all of it."""
    off = Decimal(0)
    if benefit.kind is BenefitKind.AMOUNT_OFF and benefit.amount is not None:
        off = benefit.amount.amount
    elif benefit.kind is BenefitKind.PERCENT_OFF and benefit.percent is not None:
        off = EXACT.divide(EXACT.multiply(spent, benefit.percent), Decimal(100))
        if benefit.amount is not None:
            off = min(off, benefit.amount.amount)
    return Money(min(rounded(off, currency), spent), currency)


def _free(basket: Basket, benefit: Benefit, weights: Sequence[Decimal]) -> Sequence[Decimal]:
    """The cheapest pieces of what may be free; of less than one, by weight say, all of it."""
    found = [
        (rounded(EXACT.divide(weight, max(line.quantity, Decimal(1))), basket.currency), place)
        for place, (line, weight) in enumerate(zip(basket.lines, weights, strict=True))
        if line.sku in benefit.skus and line.quantity > 0
    ]
    off, free = [0 * weight for weight in weights], benefit.quantity
    for price, place in sorted(found):
        pieces = min(free, max(1, int(basket.lines[place].quantity)))
        off[place] = min(price * pieces, weights[place])
        free -= pieces
        if not free:
            break
    return off
