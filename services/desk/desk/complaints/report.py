"""What complaints were about, and what they have cost: of those of some days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from chassis.domain import Invalid
from chassis.http.money import MoneyOut, amount_out
from chassis.http.query_string import Query
from chassis.money import rounded
from chassis.storage.unit_of_work import Reading
from desk.clocks.models import Day
from desk.complaints.queries import of_reach
from desk.complaints.storage import complaints
from desk.tenant_days.zones import zone_of

_columns = complaints.c
_ROWS_AT_MOST = 1_000


class ComplaintDimension(StrEnum):
    """What complaints are told apart by."""

    CAUSE = "cause"
    PRODUCT = "product"
    PROCESS = "process"
    CATEGORY = "category"
    SEVERITY = "severity"
    REMEDY = "remedy"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class ComplaintReportQuery(Query):
    """Which complaints: those of these days of the tenant's, the last one included."""

    first_on: Day
    last_on: Day
    by: ComplaintDimension | None = None


class ComplaintReportRowOut(BaseModel):
    """How many complaints there were, and what they have cost, in each currency.

    `key` is a word, or the first day of a period; null where there is none, and when all are told
    together. `prevented` are those of which that was done which keeps them from happening again;
    `mean_days` is how long those that are closed took.
    """

    key: str | None
    complaints: int
    open: int
    closed: int
    prevented: int
    mean_days: str | None
    costs: list[MoneyOut]


class ComplaintReportOut(BaseModel):
    """What complaints were about, at most 1,000 rows, the most frequent first; withdrawn ones are left out."""

    items: list[ComplaintReportRowOut]


_KEYS: Mapping[ComplaintDimension, sa.ColumnElement[Any]] = {
    ComplaintDimension.CAUSE: _columns.cause,
    ComplaintDimension.PRODUCT: _columns.product_sku,
    ComplaintDimension.PROCESS: _columns.process,
    ComplaintDimension.CATEGORY: _columns.category,
    ComplaintDimension.SEVERITY: _columns.severity,
    ComplaintDimension.REMEDY: _columns.remedy,
}


def complaint_report(reading: Reading, query: ComplaintReportQuery) -> dict[str, Any]:
    """How many there were, and what they have cost. Raises `Invalid` for days not in order."""
    if query.last_on < query.first_on:
        raise Invalid.at("last_on", "days_not_in_order", "The last day is not before the first.")
    zone = zone_of(reading)
    since = datetime.combine(query.first_on, time(), zone)
    until = datetime.combine(query.last_on + timedelta(days=1), time(), zone)
    key = _key(query.by, str(zone))
    count, closed_at = sa.func.count(), _columns.closed_at
    seconds = sa.func.extract("epoch", closed_at - _columns.opened_at)
    of_them = (
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.opened_at >= since,
        _columns.opened_at < until,
        _columns.status != "withdrawn",
    )
    counted = (
        sa.select(
            key.label("key"),
            count.label("complaints"),
            count.filter(_columns.status == "open").label("open"),
            count.filter(_columns.status == "closed").label("closed"),
            count.filter(_columns.prevented_at.isnot(None)).label("prevented"),
            sa.func.avg(seconds).label("seconds"),
        )
        .where(*of_them)
        .group_by(sa.text("1"))
        .order_by(sa.text("complaints DESC"), sa.text("1"))
        .limit(_ROWS_AT_MOST)
    )
    costs = (
        sa.select(
            key.label("key"),
            _columns.cost_currency.label("currency"),
            sa.func.sum(_columns.cost_amount).label("amount"),
        )
        .where(*of_them, _columns.cost_amount.isnot(None))
        .group_by(sa.text("1"), _columns.cost_currency)
        .order_by(_columns.cost_currency)
    )
    spent: dict[str | None, list[dict[str, str]]] = {}
    for row in reading.connection.execute(of_reach(reading, costs)).mappings():
        amount = rounded(row["amount"], row["currency"])
        spent.setdefault(row["key"], []).append(amount_out(amount, row["currency"]))
    rows = reading.connection.execute(of_reach(reading, counted)).mappings()
    return {"items": [_shown(dict(row), spent.get(row["key"], [])) for row in rows]}


def _key(by: ComplaintDimension | None, zone: str) -> sa.ColumnElement[Any]:
    if by is None:
        return sa.cast(sa.null(), sa.Text)
    if by in _KEYS:
        return sa.func.nullif(_KEYS[by], "")
    day = sa.func.date_trunc(by.value, sa.func.timezone(zone, _columns.opened_at))
    return sa.cast(sa.cast(day, sa.Date), sa.Text)


def _shown(row: Mapping[str, Any], costs: list[dict[str, str]]) -> dict[str, Any]:
    seconds = row["seconds"]
    days = None if seconds is None else Decimal(seconds) / 86_400
    names = ("key", "complaints", "open", "closed", "prevented")
    return {
        **{name: row[name] for name in names},
        "mean_days": None if days is None else f"{days.quantize(Decimal('0.01')):f}",
        "costs": costs,
    }
