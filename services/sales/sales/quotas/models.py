"""Quotas as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import MoneyIn, MoneyOut, decimal_out, money_in, money_out
from chassis.http.query_string import Query
from sales.periods.models import InPeriod, PeriodName, period_out
from sales.quotas.domain import MOST_DEALS, Measure, Quota
from sales.quotas.operations import TargetAsked

ATTAINMENT_DEFINITIONS = {
    "revenue_won": "The amounts of opportunities won on a day of the period, in the base currency by"
    " the rate of the day on which each was won.",
    "revenue_delivered": "The net amounts of what was delivered of orders on a day of the period, in"
    " the base currency by the rate of the day, less what was paid back of it by now; of several"
    " deliveries of a line, what is paid back is taken off the last.",
    "deals_won": "The number of opportunities won on a day of the period.",
    "percent": "Attained / target x 100, to two places; the target in the base currency by the rate"
    " of the period's first day, or of the day on which it was set if that came before.",
    "team": "What the people of the team and of the teams below it have attained, added up.",
}

Deals = Annotated[int, Field(ge=1, le=MOST_DEALS)]


class QuotaIn(Body):
    """A target of a person or a team: `amount` for revenue, `deals` where deals are counted."""

    user_id: UUID | None = None
    team_id: UUID | None = None
    period: PeriodName
    measure: Measure
    amount: MoneyIn | None = None
    deals: Deals | None = None


class QuotaPatch(Patch):
    """How high a target is now."""

    amount: MoneyIn | None = None
    deals: Deals | None = None


class QuotaOut(InPeriod):
    """A target. `base_amount` is what the amount is worth by `rate` of the day `valued_on`."""

    id: UUID
    version: int
    user_id: UUID | None
    team_id: UUID | None
    measure: Measure
    amount: MoneyOut | None
    base_amount: MoneyOut | None
    rate: str | None
    valued_on: date | None
    deals: int | None
    created_at: datetime
    updated_at: datetime


class AttainmentQuery(Query):
    period: PeriodName


class AttainmentOut(BaseModel):
    """How much of a target was attained so far: money in the base currency, or deals.

    `percent` is 100 for exactly the target. What is left is 0 once it was attained.
    """

    quota: QuotaOut
    attained: MoneyOut | None
    attained_deals: int | None
    left: MoneyOut | None
    left_deals: int | None
    percent: str


class AttainmentsOut(InPeriod):
    """The targets of a period within the caller's reach, and how much of each was attained."""

    as_of: datetime
    items: list[AttainmentOut]
    definitions: dict[str, str]


def asked_in(body: QuotaIn | QuotaPatch) -> TargetAsked:
    """The target that a body asks for. Raises `Invalid` for what is no money."""
    amount = None if body.amount is None else money_in(body.amount, "/amount")
    return TargetAsked(amount, body.deals)


def shown(quota: Quota) -> dict[str, Any]:
    """A quota as the API shows one, without reading it back."""
    valued = quota.target.amount
    return {
        "id": quota.id,
        "version": quota.version,
        "user_id": quota.holder.user_id,
        "team_id": quota.holder.team_id,
        **period_out(quota.period),
        "measure": quota.measure,
        "amount": None if valued is None else money_out(valued.given),
        "base_amount": None if valued is None else money_out(valued.base),
        "rate": None if valued is None else decimal_out(valued.rate),
        "valued_on": None if valued is None else valued.on,
        "deals": quota.target.deals,
        "created_at": quota.created_at,
        "updated_at": quota.updated_at,
    }
