"""Reads rates of retention and loss, cohorts, and kinds of loss, straight to the response.

All of it is counted from purchases and from the times as a customer that follow from them, as the rules
say that hold now; so it is what a recount of everything that befell people gives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from chassis.money import EXACT
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from loyalty.retention import definitions
from loyalty.retention.calendar import Length, Period, month_after, periods_of
from loyalty.retention.operations import require_defined
from loyalty.retention.purchases import COUNTS
from loyalty.retention.queries import turnover_out

MOST_PERIODS = 60
_PLACES = Decimal("0.01")


def retention_rates(reading: Reading, by: Length, first_on: date, last_on: date) -> dict[str, Any]:
    """Rates of retention and loss. Raises `Invalid` for too many periods, `Conflict` undefined."""
    zone, now = require_defined(reading).zone, reading.clock.now()
    periods = periods_of(by, first_on, last_on, zone, MOST_PERIODS)
    return {
        "by": by,
        "zone": zone.key,
        "as_of": now,
        "items": [_rate(reading, period, now) for period in periods if period.begins_at <= now],
        "definitions": definitions.RATES,
    }


def retention_cohorts(
    reading: Reading, first_on: date, last_on: date, months: int
) -> dict[str, Any]:
    """Who of those that first bought in a month has bought in which later one. Raises `Invalid`."""
    zone, now = require_defined(reading).zone, reading.clock.now()
    periods = periods_of(Length.MONTH, first_on, last_on, zone, MOST_PERIODS)
    about = {
        "tenant_id": reading.caller.tenant_id,
        "zone": zone.key,
        "first_on": periods[0].first_on,
        "next_on": periods[-1].next_on,
        "months": months,
    }
    rows = reading.fetch_all(_COHORTS, about)
    this_month = now.astimezone(zone).date().replace(day=1)
    return {
        "zone": zone.key,
        "as_of": now,
        "items": [
            _cohort(first, list(group), months, this_month)
            for first, group in groupby(rows, key=lambda row: row["first_month"])
        ],
        "definitions": definitions.COHORTS,
    }


def losses(reading: Reading, by: Length, day: date) -> dict[str, Any]:
    """What was lost in a period, by kind. Raises `Invalid`, `Conflict` undefined."""
    definition, now = require_defined(reading), reading.clock.now()
    (period,) = periods_of(by, day, day, definition.zone, 1)
    about = {
        "tenant_id": reading.caller.tenant_id,
        "begins_at": period.begins_at,
        "until": min(period.ends_at, now),
    }
    rows = reading.fetch_all(_LOST, about)
    high = definition.rules.high_value
    currency = None if high is None else high.currency
    return {
        **_named(period),
        "zone": definition.zone.key,
        "as_of": now,
        "customers": len(rows),
        "turnover": turnover_out(_sum(rows, currency), currency),
        "by_reason": _kinds(rows, "reason", currency),
        "by_value": _kinds(rows, "value_band", currency),
        "by_timing": _kinds(rows, "timing", currency),
        "definitions": definitions.LOSSES,
    }


def _rate(reading: Reading, period: Period, now: datetime) -> dict[str, Any]:
    is_over = period.ends_at <= now
    about = {
        "tenant_id": reading.caller.tenant_id,
        "begins_at": period.begins_at,
        "until": period.ends_at if is_over else now,
    }
    row = reading.fetch_one(_RATE, about)
    if row is None:
        raise RuntimeError("a count gives a row")
    start, retained = row["customers_at_start"], row["retained"]
    return {
        **_named(period),
        "is_over": is_over,
        **row,
        "lost": start - retained,
        "retention_rate": percent(retained, start),
        "loss_rate": percent(start - retained, start),
    }


def percent(part: int, whole: int) -> str | None:
    """Part of a whole in per cent, half up to two places; None of nothing."""
    if not whole:
        return None
    return f"{EXACT.quantize(EXACT.divide(Decimal(part * 100), Decimal(whole)), _PLACES):f}"


def _named(period: Period) -> dict[str, Any]:
    last_on = date.fromordinal(period.next_on.toordinal() - 1)
    return {"period": period.name, "first_on": period.first_on, "last_on": last_on}


def _cohort(
    first: date, rows: Sequence[dict[str, Any]], months: int, this_month: date
) -> dict[str, Any]:
    buyers = {row["month"]: row["buyers"] for row in rows}
    size = buyers[0]
    told = [each for each in range(months + 1) if month_after(first, each) <= this_month]
    return {
        "first_month": f"{first:%Y-%m}",
        "size": size,
        "months": [
            {
                "month": each,
                "buyers": buyers.get(each, 0),
                "percent": percent(buyers.get(each, 0), size),
            }
            for each in told
        ],
    }


def _kinds(rows: Sequence[dict[str, Any]], name: str, currency: str | None) -> list[dict[str, Any]]:
    grouped: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row[name]].append(row)
    ordered = sorted(grouped.items(), key=lambda each: (-len(each[1]), each[0] or ""))
    return [
        {
            "key": key,
            "customers": len(group),
            "turnover": turnover_out(_sum(group, currency), currency),
        }
        for key, group in ordered
    ]


def _sum(rows: Sequence[dict[str, Any]], currency: str | None) -> Decimal:
    amounts = (row["turnover"] for row in rows if row["currency"] == currency)
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


_HERE = "FROM retention_spells WHERE tenant_id = %(tenant_id)s"
_RATE = Statement(
    "WITH at_start AS ("  # noqa: S608 - names of our own
    f" SELECT DISTINCT customer_id {_HERE} AND began_at < %(begins_at)s AND ends_at > %(begins_at)s"
    "), at_end AS ("
    f" SELECT DISTINCT customer_id {_HERE} AND began_at < %(until)s AND ends_at > %(until)s"
    "), begun AS ("
    f" SELECT customer_id, bool_or(is_first) AS is_new {_HERE}"
    " AND began_at >= %(begins_at)s AND began_at < %(until)s GROUP BY customer_id"
    ") SELECT (SELECT count(*) FROM at_start)::integer AS customers_at_start,"
    " (SELECT count(*) FROM at_start JOIN at_end USING (customer_id))::integer AS retained,"
    " (SELECT count(*) FROM at_end)::integer AS customers_at_end,"
    " (SELECT count(*) FROM begun WHERE is_new)::integer AS new,"
    " (SELECT count(*) FROM begun WHERE NOT is_new AND customer_id NOT IN"
    " (SELECT customer_id FROM at_start))::integer AS returned"
)
_COHORTS = Statement(
    "WITH bought AS ("  # noqa: S608 - names of our own
    " SELECT DISTINCT customer_id,"
    " date_trunc('month', bought_at AT TIME ZONE %(zone)s)::date AS month_on"
    " FROM retention_purchases"
    f" WHERE tenant_id = %(tenant_id)s AND customer_id IS NOT NULL AND {COUNTS}"
    "), first AS ("
    " SELECT customer_id, min(month_on) AS first_month FROM bought GROUP BY customer_id"
    "), apart AS ("
    " SELECT f.first_month, ((extract(year FROM b.month_on) - extract(year FROM f.first_month)) * 12"
    " + extract(month FROM b.month_on) - extract(month FROM f.first_month))::integer AS month"
    " FROM first f JOIN bought b USING (customer_id)"
    " WHERE f.first_month >= %(first_on)s AND f.first_month < %(next_on)s"
    ") SELECT first_month, month, count(*)::integer AS buyers FROM apart WHERE month <= %(months)s"
    " GROUP BY first_month, month ORDER BY first_month, month"
)
_LOST = Statement(
    "SELECT s.value_band, s.timing, s.turnover, s.currency,"
    " coalesce(r.reason, nullif(s.order_reason, '')) AS reason"
    " FROM retention_spells s LEFT JOIN retention_loss_reasons r ON r.tenant_id = s.tenant_id"
    " AND r.customer_id = s.customer_id AND r.began_at = s.began_at"
    " WHERE s.tenant_id = %(tenant_id)s AND s.ends_at >= %(begins_at)s AND s.ends_at < %(until)s"
)
