"""Makes a person's daily report from what they did, and from what was to be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from sales.activities.domain import ActivityState
from sales.activities.models import shown
from sales.activities.storage import activities, activity_of

MOST_SHOWN = 500
_columns = activities.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))


@dataclass(slots=True)
class _Report:
    completed: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    minutes: int = 0
    due: int = 0
    overdue: int = 0


def daily_reports(
    reading: Reading, on: date, zone: ZoneInfo, owner_id: UUID | None
) -> dict[str, Any]:
    """The reports of a day, from midnight to midnight in a time zone, by person.

    What was completed counts for the day on which it was done, whenever somebody noted it.
    """
    begin, end = (
        datetime.combine(day, time.min, zone).astimezone(UTC)
        for day in (on, on + timedelta(days=1))
    )
    reports: dict[UUID, _Report] = {}
    for row in reading.connection.execute(_completed(reading, begin, end, owner_id)):
        report = reports.setdefault(row.owner_id, _Report())
        report.completed[row.kind] += row.activities
        if row.outcome:
            report.outcomes[row.outcome] += row.activities
        report.minutes += row.minutes
    for row in reading.connection.execute(_to_do(reading, begin, end, owner_id)):
        report = reports.setdefault(row.owner_id, _Report())
        report.due, report.overdue = row.due, row.overdue
    shown_here = None if owner_id is None else _shown(reading, begin, end, owner_id)
    return {
        "on": on,
        "time_zone": zone.key,
        "items": [_present(one, reports[one], shown_here) for one in sorted(reports)],
    }


def _within(reading: Reading, statement: sa.Select[Any], owner_id: UUID | None) -> sa.Select[Any]:
    """The rows of the tenant, of people, within reach, of one person if one is named."""
    statement = statement.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.owner_id.isnot(None)
    )
    if owner_id is not None:
        statement = statement.where(_columns.owner_id == owner_id)
    return reading.scope.narrow(statement, _columns.owner_id)


def _completed(
    reading: Reading, begin: datetime, end: datetime, owner_id: UUID | None
) -> sa.Select[Any]:
    counted = sa.select(
        _columns.owner_id,
        _columns.kind,
        _columns.outcome,
        sa.func.count().label("activities"),
        sa.func.coalesce(sa.func.sum(_columns.minutes), 0).label("minutes"),
    ).where(_columns.completed_at >= begin, _columns.completed_at < end)
    grouped = counted.group_by(_columns.owner_id, _columns.kind, _columns.outcome)
    return _within(reading, grouped, owner_id)


def _to_do(
    reading: Reading, begin: datetime, end: datetime, owner_id: UUID | None
) -> sa.Select[Any]:
    counted = sa.select(
        _columns.owner_id,
        sa.func.count().filter(_columns.due_at >= begin).label("due"),
        sa.func.count().filter(_columns.due_at < begin).label("overdue"),
    ).where(_columns.state == ActivityState.OPEN, _columns.due_at < end)
    return _within(reading, counted.group_by(_columns.owner_id), owner_id)


def _shown(
    reading: Reading, begin: datetime, end: datetime, owner_id: UUID
) -> Sequence[dict[str, Any]]:
    done = _all.where(_columns.completed_at >= begin, _columns.completed_at < end)
    ordered = done.order_by(_columns.completed_at, _columns.id).limit(MOST_SHOWN)
    rows = reading.connection.execute(_within(reading, ordered, owner_id)).mappings()
    return [shown(activity_of(row)) for row in rows]


def _present(
    owner_id: UUID, report: _Report, activities_shown: Sequence[dict[str, Any]] | None
) -> dict[str, Any]:
    return {
        "owner_id": owner_id,
        "completed": dict(report.completed),
        "outcomes": dict(report.outcomes),
        "minutes": report.minutes,
        "due": report.due,
        "overdue": report.overdue,
        "activities": activities_shown,
    }
