"""Counts what was in days, so that a million tickets are read once and grouped by what there is little of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from desk.reports.selection import MOST_GROUPS, Selection
from desk.reports.storage import counted_tickets

_QUARTER = 900
"""Seconds: every clock that is in use now is some quarters of an hour ahead of or behind the universal one."""
_ORIGIN = datetime(2000, 1, 1, tzinfo=UTC)
_columns = counted_tickets.c
_count = sa.func.count()


def by_period(
    reading: Reading,
    chosen: Selection,
    base: sa.FromClause,
    at: sa.ColumnElement[Any],
    *further: sa.ColumnElement[bool],
) -> list[tuple[int, int]]:
    """The numbers of periods, from 1, and how much was in each; periods without any are left out.

    Quarters of hours are counted first and then brought into periods, which takes a fraction of finding
    the period of every ticket. Where a period begins within a quarter (before 1972 in some places), each is looked at.
    """
    aligned = all(edge.timestamp() % _QUARTER == 0 for edge in chosen.edges)
    moment = sa.func.date_bin(sa.text("interval '15 minutes'"), at, _ORIGIN) if aligned else at
    counted = (
        sa.select(moment.label("at"), _count.label("count"))
        .select_from(base)
        .where(*chosen.conditions(reading), *further, at >= chosen.since, at < chosen.until)
        .group_by(sa.text("1"))
        .subquery()
    )
    total = sa.cast(sa.func.sum(counted.c.count), sa.BigInteger)
    place = chosen.place_of(counted.c.at)
    statement = sa.select(place, total).group_by(sa.text("1"))
    return [(number, count) for number, count in reading.connection.execute(statement)]


def by_tag(
    reading: Reading, chosen: Selection, counts: Mapping[str, sa.ColumnElement[bool]]
) -> list[dict[str, Any]]:
    """How many tickets of each tag are within each condition: those with the same tags are counted first."""
    together = (
        sa.select(_columns.tags, *(_count.filter(one).label(name) for name, one in counts.items()))
        .where(*chosen.conditions(reading), sa.or_(*counts.values()))
        .group_by(_columns.tags)
        .subquery()
    )
    tag = sa.func.unnest(together.c.tags).table_valued("tag", name="tags_of").render_derived()
    sums = (sa.cast(sa.func.sum(together.c[name]), sa.BigInteger).label(name) for name in counts)
    statement = (
        sa.select(tag.c.tag.label("key"), *sums)
        .select_from(together.outerjoin(tag, sa.true()))
        .group_by(sa.text("1"))
        .order_by(sa.text(f"{next(iter(counts))} DESC, key"))
        .limit(MOST_GROUPS + 1)
    )
    return [dict(row) for row in reading.connection.execute(statement).mappings()]
