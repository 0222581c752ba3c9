"""What subscriptions bring by the month and the year, and by how much that moves (SA-12).

The amount of a billing period is the sum of its lines, each rounded once. Monthly recurring revenue
(MRR) is that amount divided by the months of the period, annual recurring revenue (ARR) is twelve
times as much; each is rounded once, half up, from the exact figure, so that ARR is not twelve times
the rounded MRR. Taxes are no part of either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Invalid, Money, Violation
from chassis.money import EXACT, LARGEST, nothing, rounded, total

MOST_LINES = 100


class MovementKind(StrEnum):
    """Why monthly recurring revenue moves."""

    NEW = "new"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"
    CHURN = "churn"
    REACTIVATION = "reactivation"


DEFINITIONS = {
    "mrr": "What all subscriptions that run bring in a month: the amount of a billing period"
    " without tax, divided by its months, rounded once for each subscription.",
    "arr": "What they bring in a year: twelve times the MRR that closes.",
    MovementKind.NEW: "MRR of subscriptions that began.",
    MovementKind.EXPANSION: "MRR that came on top through upgrades.",
    MovementKind.CONTRACTION: "MRR that went through downgrades and pauses.",
    MovementKind.CHURN: "MRR of subscriptions that ended; of one that was paused, none is left.",
    MovementKind.REACTIVATION: "MRR that came back with subscriptions that were paused or over.",
    "closing": "Opening and all movements of the period: MRR at the end of its last day.",
    "base": "In the base currency by the rate of the day on which each subscription began or was"
    " taken up again, so that a change of rates is no movement; `unvalued` movements had no rate.",
}
"""What the figures say, in words."""


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """What is subscribed to; `unit_price` is for one piece and one billing period, without tax."""

    name: str
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    product_id: UUID | None = None

    def amount(self, currency: str) -> Decimal:
        """What it comes to in a billing period."""
        return rounded(EXACT.multiply(self.unit_price, self.quantity), currency)


@dataclass(frozen=True, slots=True)
class Movement:
    """By how much MRR went up or down from a day on; `number` counts those of a subscription from 1.

    `proration` is what a change comes to for the rest of the billing period that it falls into.
    """

    kind: MovementKind
    moved_on: date
    amount: Money
    base_amount: Money | None
    reason: str = ""
    proration: Money | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class ValuationRate:
    """What one unit of a subscription's currency is worth in the base currency, kept for good."""

    currency: str
    rate: Decimal

    def worth(self, amount: Money) -> Money:
        """An amount in the base currency, rounded once."""
        return Money(
            rounded(EXACT.multiply(amount.amount, self.rate), self.currency), self.currency
        )


def period_amount(lines: Sequence[SubscriptionLine], currency: str) -> Money:
    """What all lines come to in a billing period."""
    return total([line.amount(currency) for line in lines], currency)


def monthly(amount: Money, billing_months: int) -> Money:
    """The MRR of what is billed every so many months."""
    return Money(
        rounded(EXACT.divide(amount.amount, billing_months), amount.currency), amount.currency
    )


def yearly(amount: Money, billing_months: int) -> Money:
    """The ARR of what is billed every so many months."""
    exact = EXACT.divide(EXACT.multiply(amount.amount, 12), billing_months)
    return Money(rounded(exact, amount.currency), amount.currency)


def prorated(before: Money, after: Money, on: date, period: tuple[date, date]) -> Money:
    """What another amount comes to for the rest of a billing period: its share by days.

    The day `on` counts as the first with the new amount. Negative when there is to be less.
    """
    first, last = period
    share = EXACT.multiply(after.amount - before.amount, (last - on).days + 1)
    exact = EXACT.divide(share, (last - first).days + 1)
    return Money(rounded(exact, after.currency), after.currency)


def movement_of(
    kind: MovementKind,
    on: date,
    amounts: tuple[Money | None, Money | None],
    base_rate: ValuationRate | None,
    *,
    reason: str = "",
    proration: Money | None = None,
) -> Movement:
    """The movement between two amounts of MRR, before and after, of which one is there at least.

    In the base currency it is the difference of what both are worth, so that movements add up.
    """
    amount, base_amount = _difference(*amounts), None
    if base_rate is not None:
        worth = [None if one is None else base_rate.worth(one) for one in amounts]
        base_amount = _difference(worth[0], worth[1])
    return Movement(kind, on, amount, base_amount, reason, proration)


def require_sound(lines: Sequence[SubscriptionLine], currency: str) -> None:
    """Check what is subscribed to. Raises `Invalid` that names every line that cannot be."""
    if not lines:
        raise Invalid.at("/lines", "lines_missing", "A subscription needs a line.")
    wrong = tuple(
        Violation(f"/lines/{place}/quantity", "quantity_missing", "It has to be more than 0.")
        for place, line in enumerate(lines)
        if not line.quantity > 0
    )
    if wrong:
        raise Invalid("Such lines cannot be.", violations=wrong)
    if period_amount(lines, currency).amount >= LARGEST:
        message = f"Together they come to more than any amount may: {LARGEST:f}."
        raise Invalid.at("/lines", "amount_too_large", message)


def _difference(before: Money | None, after: Money | None) -> Money:
    """What is more in `after`, where None is nothing; both None are no money of no currency."""
    known = after or before
    if known is None:
        raise ValueError("an amount has to be there")
    none = nothing(known.currency)
    return Money((after or none).amount - (before or none).amount, known.currency)
