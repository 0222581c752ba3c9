"""Reads what complaints have in common, straight to the response."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from desk.complaint_patterns.models import PatternDimension, PatternsQuery, shown
from desk.complaint_patterns.storage import settings_of
from desk.complaints.queries import of_reach
from desk.complaints.storage import DIMENSIONS, complaints

_columns = complaints.c
_ROWS_AT_MOST = 1_000


def get_settings(reading: Reading) -> dict[str, Any]:
    """The tenant's settings as the API shows them."""
    return shown(settings_of(reading))


def patterns(reading: Reading, query: PatternsQuery) -> dict[str, Any]:
    """What there are too many complaints about, of those within reach."""
    measure = settings_of(reading).measure
    threshold, days = query.threshold or measure.threshold, query.days or measure.days
    wanted = PatternDimension if query.dimension is None else [query.dimension]
    items = [row for one in wanted for row in _of_dimension(reading, one, threshold, days)]
    items.sort(key=lambda row: (-row["count"], row["dimension"], row["value"]))
    return {"threshold": threshold, "days": days, "items": items}


def _of_dimension(
    reading: Reading, dimension: PatternDimension, threshold: int, days: int
) -> list[dict[str, Any]]:
    value, count = DIMENSIONS[dimension], sa.func.count()
    statement = (
        sa.select(
            value.label("value"),
            count.label("count"),
            count.filter(_columns.status == "open").label("open"),
            sa.func.min(_columns.opened_at).label("first_at"),
            sa.func.max(_columns.opened_at).label("last_at"),
        )
        .where(
            _columns.tenant_id == reading.caller.tenant_id,
            _columns.opened_at > reading.clock.now() - timedelta(days=days),
            _columns.status != "withdrawn",
            value != "",
        )
        .group_by(value)
        .having(count >= threshold)
        .order_by(count.desc(), value)
        .limit(_ROWS_AT_MOST)
    )
    rows = reading.connection.execute(of_reach(reading, statement)).mappings()
    return [{"dimension": dimension, **row} for row in rows]
