"""Which tickets a report is about, and what they are told apart by: as parts of statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from chassis.domain import Invalid
from chassis.storage.unit_of_work import Reading
from desk.reports.models import PERIODS, Dimension, ReportQuery
from desk.reports.storage import counted_tickets
from desk.tenant_days.zones import zone_of
from desk.tickets import reach

MOST_GROUPS = 1_000
MOST_PERIODS = 400
"""So many days, weeks or months are told of at once."""
_columns = counted_tickets.c
_KEYS: Mapping[Dimension, sa.ColumnElement[Any]] = {
    Dimension.QUEUE: _columns.queue_id,
    Dimension.TEAM: _columns.team_id,
    Dimension.AGENT: _columns.assignee_id,
    Dimension.COMPANY: _columns.company_id,
    Dimension.TYPE: _columns.type,
    Dimension.PRIORITY: _columns.priority,
    Dimension.CHANNEL: _columns.channel,
    Dimension.PRODUCT: sa.func.nullif(_columns.product_sku, ""),
    Dimension.LANGUAGE: sa.func.nullif(_columns.language, ""),
}
_tags = sa.func.unnest(_columns.tags).table_valued("tag", name="tags_of").render_derived()
_FILTERS: Mapping[str, sa.Column[Any]] = {
    "queue_id": _columns.queue_id,
    "team_id": _columns.team_id,
    "agent_id": _columns.assignee_id,
    "company_id": _columns.company_id,
    "type": _columns.type,
    "priority": _columns.priority,
    "channel": _columns.channel,
    "product_sku": _columns.product_sku,
    "language": _columns.language,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked for. `edges` are where periods begin, and the end; empty for no periods."""

    query: ReportQuery
    zone: ZoneInfo
    since: datetime
    until: datetime
    starts: tuple[date, ...]
    edges: tuple[datetime, ...]

    @property
    def by_period(self) -> bool:
        """Whether it is told apart by when something was."""
        return self.query.by in PERIODS

    def undivided(self) -> Selection:
        """The same tickets, told apart by nothing."""
        query = self.query.model_copy(update={"by": None})
        return replace(self, query=query, starts=(), edges=())

    def key(self, at: sa.ColumnElement[Any] | None, *, total: bool) -> sa.ColumnElement[Any]:
        """What rows are grouped by: a text, or the number of the period in which `at` is."""
        by = self.query.by
        if total or by is None:
            return sa.cast(sa.null(), sa.Text)
        if by in PERIODS:
            return self.place_of(at)
        return _tags.c.tag if by is Dimension.TAG else _KEYS[by]

    def place_of(self, at: sa.ColumnElement[Any] | None) -> sa.ColumnElement[int]:
        """The number of the period, from 1, in which a moment is."""
        edges = sa.literal(list(self.edges), sa.ARRAY(sa.DateTime(timezone=True)))
        return sa.func.width_bucket(at, edges)

    def source(self, base: sa.FromClause, *, total: bool) -> sa.FromClause:
        """Where the rows come from."""
        if self.query.by is Dimension.TAG and not total:
            return base.outerjoin(_tags, sa.true())
        return base

    def conditions(self, reading: Reading) -> list[sa.ColumnElement[bool]]:
        """Which tickets: the tenant's, those within reach, and those of the values asked for."""
        found: list[sa.ColumnElement[bool]] = [_columns.tenant_id == reading.caller.tenant_id]
        for name, column in _FILTERS.items():
            value = getattr(self.query, name)
            if value is not None:
                found.append(column == value)
        if self.query.tag is not None:
            found.append(sa.literal(self.query.tag) == sa.func.any(_columns.tags))
        ids = reach.ids_within(reading)
        if ids is not None:
            found.append(_columns.ticket_id.in_(ids))
        return found

    def named(self, key: Any) -> str | None:
        """A group's key as the report has it."""
        if self.by_period:
            day: date = self.starts[key - 1]
            return day.isoformat()
        return None if key is None else str(key)

    def about(self, definitions: Mapping[str, str], *, truncated: bool) -> dict[str, Any]:
        """What every report says besides its figures."""
        return {
            "first_on": self.query.first_on,
            "last_on": self.query.last_on,
            "time_zone": str(self.zone),
            "by": self.query.by,
            "definitions": dict(definitions),
            "truncated": truncated,
        }


def selection_of(reading: Reading, query: ReportQuery) -> Selection:
    """What a question asks for. Raises `Invalid` for days not in order, and for too many periods."""
    if query.last_on < query.first_on:
        raise Invalid.at("last_on", "days_not_in_order", "The last day is not before the first.")
    zone = zone_of(reading)
    after = query.last_on + timedelta(days=1)
    starts = _starts(query) if query.by in PERIODS else ()
    return Selection(
        query=query,
        zone=zone,
        since=_midnight(query.first_on, zone),
        until=_midnight(after, zone),
        starts=starts,
        edges=tuple(_midnight(day, zone) for day in (*starts, after)) if starts else (),
    )


def _starts(query: ReportQuery) -> tuple[date, ...]:
    """The first days of the periods, the first of them cut at the first day asked for."""
    found, day = [query.first_on], _next(query.first_on, query.by)
    while day <= query.last_on:
        if len(found) == MOST_PERIODS:
            message = f"At most {MOST_PERIODS} periods are told of at once."
            raise Invalid.at("by", "too_many_periods", message)
        found.append(day)
        day = _next(day, query.by)
    return tuple(found)


def _next(day: date, by: Dimension | None) -> date:
    if by is Dimension.DAY:
        return day + timedelta(days=1)
    if by is Dimension.WEEK:
        return day + timedelta(days=7 - day.weekday())
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
