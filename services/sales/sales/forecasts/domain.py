"""What is expected to be sold in a period: figures by category, and what managers make of them.

The figures of a forecast are cumulative, as is common: `commit` is what was won and what is committed,
`best_case` adds what may well come, `pipeline` adds all the rest but what is omitted. `weighted` is
what was won and each open opportunity's amount by its probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid, Money
from sales.periods.domain import Period


class Adjustable(StrEnum):
    """The figures that somebody may expect otherwise; what was won is no expectation."""

    COMMIT = "commit"
    BEST_CASE = "best_case"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Deals:
    """So many opportunities, worth so much in the base currency; `unvalued` have no amount."""

    count: int = 0
    unvalued: int = 0
    amount: Decimal = Decimal(0)

    def __add__(self, other: Deals) -> Deals:
        return Deals(
            self.count + other.count, self.unvalued + other.unvalued, self.amount + other.amount
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """The opportunities of a period, each in one category alone.

    `likely` is what the open ones that are not omitted come to by their probabilities, rounded once
    for each person.
    """

    closed: Deals = field(default_factory=Deals)
    commit: Deals = field(default_factory=Deals)
    best_case: Deals = field(default_factory=Deals)
    pipeline: Deals = field(default_factory=Deals)
    omitted: Deals = field(default_factory=Deals)
    likely: Decimal = Decimal(0)

    def __add__(self, other: Figures) -> Figures:
        names = (one.name for one in fields(self))
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def expected(self, figure: Adjustable) -> Decimal:
        """A cumulative figure."""
        sum_of = self.closed.amount + self.commit.amount
        if figure is Adjustable.COMMIT:
            return sum_of
        sum_of += self.best_case.amount
        return sum_of if figure is Adjustable.BEST_CASE else sum_of + self.pipeline.amount

    @property
    def weighted(self) -> Decimal:
        """What was won, and what is open by its probability."""
        return self.closed.amount + self.likely


@dataclass(frozen=True, slots=True)
class Expected:
    """Figures as the opportunities give them, and what managers expect in place of some."""

    figures: Figures = field(default_factory=Figures)
    adjusted: Mapping[Adjustable, Decimal] = field(default_factory=dict)

    def figure(self, one: Adjustable) -> Decimal:
        """What is expected in the end."""
        return self.adjusted.get(one, self.figures.expected(one))


def together(people: Sequence[Expected]) -> Expected:
    """Several people's figures added up; what is adjusted for one of them is adjusted for all."""
    adjusted = {one for person in people for one in person.adjusted}
    return Expected(
        sum((person.figures for person in people), Figures()),
        {one: sum((person.figure(one) for person in people), Decimal(0)) for one in adjusted},
    )


@dataclass(frozen=True, slots=True)
class ForecastAdjusted(Fact):
    """Somebody expects something else of a person, or has taken that back."""

    adjustment: ForecastAdjustment


@dataclass(kw_only=True)
class ForecastAdjustment(Aggregate):
    """What somebody expects of a person in place of what the opportunities say; never changed.

    The last one of a person, period and figure holds; one without an amount takes the one before
    back. `number` counts them from 1 on; `unadjusted` is what the opportunities said at the moment.
    """

    user_id: UUID
    period: Period
    figure: Adjustable
    number: int
    amount: Decimal | None
    unadjusted: Money
    reason: str
    adjusted_by: str
    adjusted_at: datetime

    def make(self) -> None:
        """Say that it holds. Raises `Invalid` without a reason, or for a negative amount."""
        if not self.reason.strip():
            raise Invalid.at("/reason", "reason_missing", "An adjustment needs a reason.")
        if self.amount is not None and self.amount < 0:
            raise Invalid.at("/amount/amount", "amount_negative", "Nobody sells less than nothing.")
        self.record(ForecastAdjusted(self))
