"""Reports over leads: how many were converted, and how soon somebody turned to them (SA-5, SA-3)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from sales.analytics.domain import LEAD_DEFINITIONS, hours, ratio
from sales.analytics.reports import (
    Figures,
    Rows,
    percentiles,
    report,
    shown,
    shown_spread,
    spread,
)
from sales.analytics.selection import Counting, Selection, of_leads

_CREDITED = {"source": "credited_source", "campaign": "credited_campaign"}
"""What conversions are credited to, by the dimension that tells it."""


def get_lead_conversions(reading: Reading, selection: Selection) -> dict[str, Any]:
    """Conversion and first contact of leads, by where they came from first, and credits."""

    def present(rows: Rows) -> dict[str, Any]:
        counted = [row for row in rows if not row["credits"]]
        row = counted[0] if counted else {}
        leads, converted, contacted = (row.get(name) or 0 for name in _COUNTS)
        credited = sum(one["converted"] for one in rows if one["credits"])
        return {
            "leads": leads,
            "converted": converted,
            "conversion_rate": shown(ratio(converted, leads)),
            "contacted": contacted,
            "hours_to_first_contact": shown_spread(spread(row, contacted, hours)),
            "credited": credited if selection.by in _CREDITED else None,
        }

    figures = Figures(LEAD_DEFINITIONS, _leads, "size", present)
    return report(reading, of_leads(reading, selection), figures)


_COUNTS = ("leads", "converted", "contacted")


def _leads(counting: Counting) -> sa.Select[Any]:
    """Leads by group; and conversions by what they are credited to, where that is the group."""
    rows = counting.rows
    captured = counting.within(rows.captured_at)
    counted = counting.select(
        captured,
        sa.false().label("credits"),
        sa.func.count().label("leads"),
        sa.func.count(rows.converted_at).label("converted"),
        sa.func.count(rows.contacted_at).label("contacted"),
        sa.func.count().label("size"),
        *percentiles(_seconds_to_contact(rows), rows.contacted_at.isnot(None)),
    ).group_by("key")
    credited_to = _CREDITED.get(counting.selection.by or "")
    if credited_to is None:
        return counted
    key = rows[credited_to] if counting.is_apart else sa.null()
    nothing: list[Any] = [sa.literal_column("0").label(name) for name in ("leads", "contacted")]
    empty: list[Any] = [sa.literal_column("NULL").label(name) for name in ("mean", "median", "p90")]
    credited = (
        counting.keyed(key)
        .select(
            sa.and_(captured, rows.converted_at.isnot(None)),
            sa.true().label("credits"),
            nothing[0],
            sa.func.count().label("converted"),
            nothing[1],
            sa.func.count().label("size"),
            *empty,
        )
        .group_by("key")
    )
    return sa.select(sa.union_all(counted, credited).subquery("both"))


def _seconds_to_contact(rows: Any) -> sa.ColumnElement[Any]:
    """A contact that is older than its capture, as an import may have it, took no time."""
    return sa.func.greatest(sa.extract("epoch", rows.contacted_at - rows.captured_at), 0)
