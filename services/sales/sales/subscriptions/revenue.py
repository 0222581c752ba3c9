"""What subscriptions bring on a day, and how that moved by periods: the figures add up by their making.

Everything is a sum of movements, each of which holds from a day on. So what a period opens with is
the sum of all before it, and what it closes with that and its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Invalid
from chassis.money import EXACT, rounded
from chassis.storage.unit_of_work import Reading
from sales.exchange_rates.storage import base_currency_of
from sales.periods.domain import EARLIEST, LATEST
from sales.recurring_revenue.domain import DEFINITIONS, MovementKind
from sales.subscription_settings.storage import settings_of
from sales.subscription_terms.domain import months_later
from sales.subscriptions.storage import subscription_movements, subscriptions

MOST_PERIODS = 120
_moved = subscription_movements.c
_of = subscriptions.c


class Period(StrEnum):
    """By what figures are split up."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days, split up by what, and of whose subscriptions."""

    since: date | None = None
    until: date | None = None
    by: Period = Period.MONTH
    filters: Mapping[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Moved:
    """What moved in a currency for one reason on the days of one period; None is before all."""

    currency: str
    period: date | None
    kind: str
    reason: str
    amount: Decimal
    movements: int


def subscription_revenue(reading: Reading, asked: Asked) -> dict[str, Any]:
    """MRR by period, within reach. Raises `Invalid` for days that cannot be, or too many periods."""
    today = reading.clock.now().astimezone(settings_of(reading).zone).date()
    until = asked.until or today
    since = asked.since or until.replace(day=1)
    periods = list(_periods(since, until, asked.by))
    rows = reading.connection.execute(_statement(reading, since, until, asked)).mappings().all()
    starts = [first for first, _ in periods]
    given, valued, unvalued = [], [], 0
    for row in rows:
        period = None if row["moved_on"] < since else _period_of(row["moved_on"], starts)
        about = (period, row["kind"], row["reason"])
        given.append(_Moved(row["currency"], *about, row["amount"], row["movements"]))
        unvalued += row["movements"] - row["valued"]
        if row["base_currency"] is not None:
            valued.append(_Moved(row["base_currency"], *about, row["base_amount"], row["valued"]))
    base, _ = base_currency_of(reading)
    return {
        "since": since,
        "until": until,
        "by": asked.by,
        "definitions": DEFINITIONS,
        "currencies": [
            _figures(one, given, periods) for one in sorted({m.currency for m in given})
        ],
        "base": None if base is None else {**_figures(base, valued, periods), "unvalued": unvalued},
    }


def _statement(reading: Reading, since: date, until: date, asked: Asked) -> sa.Select[Any]:
    """Sums by day; all days before the first are one, so that their number does not matter."""
    day = sa.case((_moved.moved_on < since, since - timedelta(days=1)), else_=_moved.moved_on)
    on = sa.type_coerce(day, sa.Date)
    keys = (_moved.currency, _moved.base_currency, _moved.kind, _moved.reason)
    statement = (
        sa.select(
            on.label("moved_on"),
            *keys,
            sa.func.sum(_moved.amount).label("amount"),
            sa.func.sum(_moved.base_amount).label("base_amount"),
            sa.func.count().label("movements"),
            sa.func.count(_moved.base_amount).label("valued"),
        )
        .join(
            subscriptions,
            sa.and_(_of.tenant_id == _moved.tenant_id, _of.id == _moved.subscription_id),
        )
        .where(_moved.tenant_id == reading.caller.tenant_id, _moved.moved_on <= until)
        .group_by(sa.text("1"), *keys)
    )
    for name, value in asked.filters.items():
        statement = statement.where(_of[name] == value)
    return reading.scope.narrow(statement, _of.owner_id)


def _periods(since: date, until: date, by: Period) -> Iterator[tuple[date, date]]:
    """The first and last days of the periods; the first and the last one may be cut off."""
    if since > until:
        raise Invalid.at("since", "after_until", "The first day is after the last one.")
    if since < EARLIEST or until > LATEST:
        message = f"Figures are from {EARLIEST} to {LATEST}."
        raise Invalid.at("since", "day_impossible", message)
    months = _MONTHS[by]
    if (until.year - since.year) * 12 + until.month - since.month >= MOST_PERIODS * months:
        message = f"That is more than {MOST_PERIODS} periods; ask for longer ones, or fewer."
        raise Invalid.at("since", "too_many_periods", message)
    whole = date(since.year, since.month - (since.month - 1) % months, 1)
    first = since
    while first <= until:
        whole = months_later(whole, months, 1)
        yield first, min(whole - timedelta(days=1), until)
        first = whole


def _period_of(day: date, starts: Sequence[date]) -> date:
    return max(start for start in starts if start <= day)


def _figures(
    currency: str, moved: Sequence[_Moved], periods: Sequence[tuple[date, date]]
) -> dict[str, Any]:
    """What one currency opens with, how it moves in each period, and what it closes with."""
    own = [one for one in moved if one.currency == currency]
    opening = sum((one.amount for one in own if one.period is None), Decimal(0))
    running, told = opening, []
    for first, last in periods:
        here = [one for one in own if one.period == first]
        closing = running + sum((one.amount for one in here), Decimal(0))
        told.append(
            {
                "since": first,
                "until": last,
                "opening": _amount(running, currency),
                **_by_kind(here, currency),
                "closing": _amount(closing, currency),
            }
        )
        running = closing
    within = [one for one in own if one.period is not None]
    return {
        "currency": currency,
        "opening": _amount(opening, currency),
        **_by_kind(within, currency),
        "closing": _amount(running, currency),
        "arr": _amount(EXACT.multiply(running, Decimal(12)), currency),
        "churned_by_reason": _churned(within, currency),
        "periods": told,
    }


def _by_kind(moved: Sequence[_Moved], currency: str) -> dict[str, str]:
    sums: dict[str, Decimal] = {kind: Decimal(0) for kind in MovementKind}
    for one in moved:
        sums[one.kind] += one.amount
    return {kind: _amount(amount, currency) for kind, amount in sums.items()}


def _churned(moved: Sequence[_Moved], currency: str) -> list[dict[str, Any]]:
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    counts: defaultdict[str, int] = defaultdict(int)
    for one in moved:
        if one.kind == MovementKind.CHURN:
            amounts[one.reason] += one.amount
            counts[one.reason] += one.movements
    return [
        {
            "reason": reason,
            "amount": _amount(amounts[reason], currency),
            "subscriptions": counts[reason],
        }
        for reason in sorted(amounts)
    ]


def _amount(amount: Decimal, currency: str) -> str:
    return f"{rounded(amount, currency):f}"
