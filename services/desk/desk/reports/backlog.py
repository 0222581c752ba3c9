"""Works out how many tickets are unsettled at an end, and how old they are (DE-13)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from desk.reports.counting import by_period
from desk.reports.figures import Row
from desk.reports.models import ReportQuery
from desk.reports.selection import MOST_GROUPS, Selection, selection_of
from desk.reports.storage import counted_spells, counted_tickets

BACKLOG = {
    "open": "tickets that are neither resolved nor closed at the end of the last day, or of each period",
    "age": "whole days since a ticket was opened, whatever happened to it since",
}
_tickets, _spells = counted_tickets.c, counted_spells.c
_reopened = counted_spells.join(
    counted_tickets,
    sa.and_(
        _tickets.tenant_id == _spells.tenant_id,
        _tickets.ticket_id == _spells.ticket_id,
    ),
)
_SOURCES = (
    (counted_tickets, _tickets.opened_at, _tickets.ended_at),
    (_reopened, _spells.began_at, _spells.ended_at),
)
"""The times in which tickets were unsettled: the first of each, and those after it was reopened."""
_AGES = {"under_1_day": 1, "under_3_days": 3, "under_7_days": 7, "under_30_days": 30}


def backlog(reading: Reading, query: ReportQuery) -> Row:
    """How many tickets are unsettled. Raises `Invalid`."""
    chosen = selection_of(reading, query)
    whole = _at(reading, chosen, chosen.until, total=True)
    total = _figures(whole[0] if whole else {})
    if chosen.by_period:
        counts = _series(reading, chosen)
        shown = [
            {"key": day.isoformat(), "open": count, **dict.fromkeys((*_AGES, "older"))}
            for day, count in zip(chosen.starts, counts, strict=True)
        ]
        return {**chosen.about(BACKLOG, truncated=False), "total": total, "groups": shown}
    rows = [] if query.by is None else _at(reading, chosen, chosen.until, total=False)
    groups = [{"key": chosen.named(row["key"]), **_figures(row)} for row in rows[:MOST_GROUPS]]
    about = chosen.about(BACKLOG, truncated=len(rows) > MOST_GROUPS)
    return {**about, "total": total, "groups": groups}


def _at(reading: Reading, chosen: Selection, end: datetime, *, total: bool) -> list[Row]:
    """What is unsettled at an end, by group, the largest first."""
    open_then = sa.union_all(
        *(
            sa.select(
                chosen.key(None, total=total).label("key"),
                _tickets.opened_at.label("opened_at"),
            )
            .select_from(chosen.source(base, total=total))
            .where(
                *chosen.conditions(reading),
                began < end,
                sa.or_(ended.is_(None), ended >= end),
            )
            for base, began, ended in _SOURCES
        )
    ).subquery()
    count, opened_at = sa.func.count(), open_then.c.opened_at
    younger = {
        name: count.filter(opened_at > end - timedelta(days=days)) for name, days in _AGES.items()
    }
    statement = (
        sa.select(
            open_then.c.key,
            count.label("open"),
            *(figure.label(name) for name, figure in younger.items()),
        )
        .group_by(open_then.c.key)
        .order_by(sa.text("open DESC"), open_then.c.key)
        .limit(MOST_GROUPS + 1)
    )
    return [dict(row) for row in reading.connection.execute(statement).mappings()]


def _series(reading: Reading, chosen: Selection) -> list[int]:
    """How many are unsettled at the end of each period: those from before, and those that began less those that ended."""
    moved = [sum(row["open"] for row in _at(reading, chosen, chosen.since, total=True))]
    moved += [0] * len(chosen.starts)
    for base, began, ended in _SOURCES:
        for at, sign in ((began, 1), (ended, -1)):
            for place, count in by_period(reading, chosen, base, at, began < chosen.until):
                moved[place] += sign * count
    return list(accumulate(moved))[1:]


def _figures(row: Row) -> Row:
    """The row with each age by itself, where it has those up to each age."""
    upto = [0, *(row.get(name, 0) for name in _AGES), row.get("open", 0)]
    return {"open": upto[-1], **dict(zip((*_AGES, "older"), _steps(upto), strict=True))}


def _steps(upto: Iterable[Any]) -> list[int]:
    return [after - before for before, after in pairwise(upto)]
