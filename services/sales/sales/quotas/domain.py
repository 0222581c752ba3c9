"""What people and teams are to sell in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid
from chassis.money import EXACT
from sales.exchange_rates.domain import Valued
from sales.periods.domain import Period
from sales.sales_credits.domain import Basis

MOST_DEALS = 1_000_000
_PLACES = Decimal("0.01")


class Measure(StrEnum):
    """What counts towards a target."""

    REVENUE_WON = "revenue_won"
    REVENUE_DELIVERED = "revenue_delivered"
    DEALS_WON = "deals_won"

    @classmethod
    def of(cls, basis: Basis) -> Measure:
        """The measure in money that commissions on this basis go by."""
        return cls.REVENUE_WON if basis is Basis.WON else cls.REVENUE_DELIVERED

    @property
    def basis(self) -> Basis:
        """Which credits count."""
        return Basis.DELIVERED if self is Measure.REVENUE_DELIVERED else Basis.WON


@dataclass(frozen=True, slots=True)
class Target:
    """How much: money, by the rate of the period's first day, or a number of deals."""

    amount: Valued | None = None
    deals: int | None = None


@dataclass(frozen=True, slots=True)
class QuotaHolder:
    """A person, or a team with those below it."""

    user_id: UUID | None = None
    team_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class QuotaSet(Fact):
    """There is a target."""

    quota: Quota


@dataclass(frozen=True, slots=True)
class QuotaChanged(Fact):
    """A target is higher or lower."""

    quota: Quota


@dataclass(frozen=True, slots=True)
class QuotaRemoved(Fact):
    """A target was taken back."""

    quota_id: UUID


@dataclass(kw_only=True)
class Quota(Aggregate):
    """A target of a person or a team for a period."""

    holder: QuotaHolder
    period: Period
    measure: Measure
    target: Target
    created_at: datetime
    updated_at: datetime

    def set(self) -> None:
        """Say that it is there. Raises `Invalid` for one of nobody, of two, or of nothing."""
        if (self.holder.user_id is None) == (self.holder.team_id is None):
            message = "A quota is a person's or a team's: either user_id or team_id is needed."
            raise Invalid.at("/user_id", "holder_unclear", message)
        _require_fitting(self.measure, self.target)
        self.record(QuotaSet(self))

    def change(self, target: Target, now: datetime) -> None:
        """Ask for more or less; nothing happens when nothing differs. Raises `Invalid`."""
        _require_fitting(self.measure, target)
        if target != self.target:
            self.target, self.updated_at = target, now
            self.record(QuotaChanged(self))

    def take_back(self) -> None:
        """Ask for nothing any more."""
        self.record(QuotaRemoved(self.id))


def percent_of(attained: Decimal, target: Decimal) -> Decimal:
    """How much of a target above 0 was attained: in per cent, rounded half up to two places."""
    return EXACT.quantize(EXACT.divide(attained * 100, target), _PLACES)


def _require_fitting(measure: Measure, target: Target) -> None:
    if measure is Measure.DEALS_WON:
        if target.amount is not None or target.deals is None:
            raise Invalid.at("/deals", "target_unclear", "Deals are counted: say how many.")
        if not 0 < target.deals <= MOST_DEALS:
            message = f"A target is 1 to {MOST_DEALS} deals."
            raise Invalid.at("/deals", "target_impossible", message)
        return
    if target.deals is not None or target.amount is None:
        raise Invalid.at("/amount", "target_unclear", "Revenue is measured in money: say how much.")
    if not target.amount.base.amount > 0:
        raise Invalid.at("/amount/amount", "target_impossible", "A target is more than nothing.")
