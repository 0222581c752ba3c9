"""Forecasts and their adjustments as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import MoneyIn, MoneyOut, amount_out, money_out
from chassis.http.query_string import Query
from chassis.money import rounded
from sales.forecasts.domain import Adjustable, Deals, Expected, ForecastAdjustment
from sales.periods.models import InPeriod, PeriodName, period_out

DEFINITIONS = {
    "closed": "Won on a day of the period.",
    "commit": "Closed, and open opportunities expected in the period whose category is commit.",
    "best_case": "Commit, and open opportunities expected in the period in the category best_case.",
    "pipeline": "Best case, and open opportunities expected in the period in the category pipeline;"
    " what is omitted is in none of the figures.",
    "weighted": "Closed, and of each open opportunity expected in the period that is not omitted its"
    " amount times its probability, rounded once for each person.",
    "by_category": "Opportunities of each category alone; unvalued ones have no amount and count 0.",
    "adjusted": "The cumulative figures with what managers expect in their place; a team's are the"
    " sums of its people's.",
    "amounts": "In the base currency, by the rate of the day on which the amount was entered or, for"
    " what was won, of the day on which it was. Days are those of UTC.",
    "team": "The people of the team and of the teams below it, added up. Teams with people out of"
    " the caller's reach are left out. The total counts everybody once.",
}


class GroupedBy(StrEnum):
    """Whose figures are told together."""

    USER = "user"
    TEAM = "team"


class ForecastQuery(Query):
    period: PeriodName
    by: GroupedBy = GroupedBy.USER


class CategoryOut(BaseModel):
    """Opportunities of one category alone; `unvalued` of them have no amount."""

    deals: int
    unvalued: int
    amount: MoneyOut


class ByCategoryOut(BaseModel):
    """Each category alone."""

    closed: CategoryOut
    commit: CategoryOut
    best_case: CategoryOut
    pipeline: CategoryOut
    omitted: CategoryOut


class AdjustedOut(BaseModel):
    """The cumulative figures with what managers expect in their place."""

    commit: MoneyOut
    best_case: MoneyOut
    pipeline: MoneyOut


class FiguresOut(BaseModel):
    """Cumulative figures as the opportunities give them, each category alone, and as adjusted.

    `adjusted_figures` names those that somebody has adjusted.
    """

    closed: MoneyOut
    commit: MoneyOut
    best_case: MoneyOut
    pipeline: MoneyOut
    weighted: MoneyOut
    by_category: ByCategoryOut
    adjusted: AdjustedOut
    adjusted_figures: list[Adjustable]


class ForecastItemOut(FiguresOut):
    """The forecast of a person or a team; without either, of what nobody owns."""

    user_id: UUID | None
    team_id: UUID | None


class ForecastOut(InPeriod):
    """A forecast as it stands, and what its figures mean."""

    by: GroupedBy
    currency: str
    as_of: datetime
    items: list[ForecastItemOut]
    total: FiguresOut
    definitions: dict[str, str]


class AdjustmentIn(Body):
    """What is expected of a person in a period; without an amount, an adjustment is taken back."""

    user_id: UUID
    period: PeriodName
    figure: Adjustable
    amount: MoneyIn | None
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class AdjustmentOut(InPeriod):
    """An adjustment; the one with the highest number of its person, period and figure holds.

    `unadjusted` is what the opportunities said when it was made.
    """

    id: UUID
    version: int
    user_id: UUID
    figure: Adjustable
    number: int
    amount: MoneyOut | None
    unadjusted: MoneyOut
    reason: str
    adjusted_by: str
    adjusted_at: datetime


def figures_out(expected: Expected, currency: str) -> dict[str, Any]:
    """Figures as the API shows them, as the opportunities give them and as adjusted."""
    figures = expected.figures

    def money(amount: Decimal) -> dict[str, str]:
        return amount_out(rounded(amount, currency), currency)

    def deals(one: Deals) -> dict[str, Any]:
        return {"deals": one.count, "unvalued": one.unvalued, "amount": money(one.amount)}

    return {
        "closed": money(figures.closed.amount),
        **{one: money(figures.expected(one)) for one in Adjustable},
        "weighted": money(figures.weighted),
        "by_category": {name: deals(getattr(figures, name)) for name in ByCategoryOut.model_fields},
        "adjusted": {one: money(expected.figure(one)) for one in Adjustable},
        "adjusted_figures": sorted(expected.adjusted),
    }


def shown(one: ForecastAdjustment) -> dict[str, Any]:
    """An adjustment as the API shows one."""
    currency = one.unadjusted.currency
    return {
        "id": one.id,
        "version": one.version,
        "user_id": one.user_id,
        **period_out(one.period),
        "figure": one.figure,
        "number": one.number,
        "amount": None if one.amount is None else amount_out(one.amount, currency),
        "unadjusted": money_out(one.unadjusted),
        "reason": one.reason,
        "adjusted_by": one.adjusted_by,
        "adjusted_at": one.adjusted_at,
    }
