"""What subscriptions bring, as the REST face is asked for it and shows it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from chassis.http.query_string import Query
from sales.subscriptions.revenue import Asked, Period

_WHOSE = ("owner_id", "person_id", "company_id")


class RevenueQuery(Query):
    """Days of the tenant's time zone, both included: by default this month until today."""

    since: date | None = None
    until: date | None = None
    by: Period = Period.MONTH
    owner_id: UUID | None = None
    person_id: UUID | None = None
    company_id: UUID | None = None


class RevenueFiguresOut(BaseModel):
    """Amounts of MRR as decimal strings: `opening` and all movements come to `closing`."""

    opening: str
    new: str
    expansion: str
    contraction: str
    churn: str
    reactivation: str
    closing: str


class RevenuePeriodOut(RevenueFiguresOut):
    """The figures of a period; the first and the last one may be cut off."""

    since: date
    until: date


class ChurnedOut(BaseModel):
    """What ended for a reason, an empty one when a term was over; how many subscriptions did."""

    reason: str
    amount: str
    subscriptions: int


class RevenueOut(RevenueFiguresOut):
    """The figures of all days in a currency; `arr` is what closes, by the year."""

    currency: str
    arr: str
    churned_by_reason: list[ChurnedOut]
    periods: list[RevenuePeriodOut]


class ValuedRevenueOut(RevenueOut):
    """The figures in the base currency; `unvalued` movements could not be valued in it."""

    unvalued: int


class SubscriptionRevenueOut(BaseModel):
    """What subscriptions bring, by currency and in the base currency, with what the words mean."""

    since: date
    until: date
    by: Period
    definitions: dict[str, str]
    currencies: list[RevenueOut]
    base: ValuedRevenueOut | None


def asked_in(query: RevenueQuery) -> Asked:
    """What a query asks for."""
    given = {name: getattr(query, name) for name in _WHOSE}
    filters = {name: value for name, value in given.items() if value is not None}
    return Asked(query.since, query.until, query.by, filters)
