"""Reads the clocks of tickets, and how well targets are kept; straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Invalid
from chassis.storage.listing import (
    Listing,
    ListSpec,
    boolean_filter,
    choice_filter,
    presence_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.calendars.storage import hours_by
from desk.clock_courses.domain import Allowance, Course, courses_of, later, used
from desk.clocks.domain import Clock, ClockState
from desk.clocks.models import AttainmentDimension, AttainmentQuery
from desk.clocks.storage import clock_of, clocks, history_of
from desk.service_levels.domain import Target, Terms
from desk.service_levels.storage import policy_named
from desk.tenant_days.zones import zone_of
from desk.ticket_facts.domain import Priority, Status, TicketType
from desk.tickets import reach
from desk.tickets.storage import within_reach

_columns = clocks.c
_HIDDEN = ("tenant_id", "version", "met_told", "set_anew_at")
_shown = [column for column in _columns if column.name not in _HIDDEN]
_all = sa.select(*_shown)
_ROWS_AT_MOST = 1_000
_WHOLE_DAY = timedelta(days=1)

CLOCKS = ListSpec(
    key=_columns.id,
    sorts={"due_at": _columns.due_at},
    default_sort="due_at",
    filters={
        "due_at": time_filter(_columns.due_at),
        "state": choice_filter(_columns.state, *ClockState),
        "target": choice_filter(_columns.target, *Target),
        "breached": boolean_filter(_columns.breached_at.isnot(None)),
        "warned": boolean_filter(_columns.warned_at.isnot(None)),
        "ticket_id": uuid_filter(_columns.ticket_id),
        "service_level_id": uuid_filter(_columns.service_level_id),
        "queue_id": uuid_filter(_columns.queue_id),
        "assignee_id": uuid_filter(_columns.assignee_id),
        "assigned": presence_filter(_columns.assignee_id),
        "priority": choice_filter(_columns.priority, *Priority),
        "type": choice_filter(_columns.type, *TicketType),
    },
)
_DIMENSIONS: Mapping[AttainmentDimension, sa.ColumnElement[Any]] = {
    AttainmentDimension.SERVICE_LEVEL: _columns.service_level_id,
    AttainmentDimension.QUEUE: _columns.queue_id,
    AttainmentDimension.ASSIGNEE: _columns.assignee_id,
    AttainmentDimension.PRIORITY: _columns.priority,
    AttainmentDimension.TYPE: _columns.type,
}


def list_clocks(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of clocks with a deadline, of tickets within reach."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.due_at.isnot(None))
    return listing.fetch(reading.connection, _of_reach(reading, base))


def ticket_clocks(reading: Reading, ticket_id: UUID) -> dict[str, Any]:
    """The clocks of a ticket, each with how its time has passed. Raises `NotFound`."""
    within_reach(reading, ticket_id)
    now, history = reading.clock.now(), history_of(reading, ticket_id)
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket_id}
    items = []
    for row in reading.fetch_all(_OF_TICKET, about):
        clock = clock_of(row)
        terms = _terms_of(reading, clock)
        pauses = frozenset[Status]() if terms is None else terms.pauses
        course = next(
            one
            for one in courses_of(history, pauses)
            if (one.target, one.round) == (clock.target, clock.round)
        )
        seen = {column.name: row[column.name] for column in _shown}
        items.append({**seen, **_passing(reading, clock, course, terms, now)})
    return {"at": now, "items": items}


def _terms_of(reading: Reading, clock: Clock) -> Terms | None:
    if clock.service_level_id is None:
        return None
    return policy_named(reading, clock.service_level_id)


def _passing(
    reading: Reading, clock: Clock, course: Course, terms: Terms | None, now: datetime
) -> dict[str, Any]:
    calendar_id = None if terms is None else terms.business_calendar_id
    hours = hours_by(reading, calendar_id)
    grace_since = later(clock.set_anew_at, course.reopened_at)
    left = None
    if terms is not None and clock.whole is not None:
        grace = min(timedelta(minutes=terms.grace_minutes), clock.whole)
        allowance = Allowance(clock.whole, grace, grace_since)
        left = int(allowance.left(course, hours, now).total_seconds())
    return {
        "service_level": "" if terms is None else terms.name,
        "business_calendar_id": calendar_id,
        "used_seconds": int(used(course, hours, now).total_seconds()),
        "left_seconds": left,
        "grace_since": grace_since,
        "stretches": [{"since": one.since, "until": one.until} for one in course.stretches],
    }


def attainment(reading: Reading, query: AttainmentQuery) -> dict[str, Any]:
    """How many targets were kept, and how many were not. Raises `Invalid` for days not in order."""
    if query.last_on < query.first_on:
        raise Invalid.at("last_on", "days_not_in_order", "The last day is not before the first.")
    zone = zone_of(reading)
    since = datetime.combine(query.first_on, time(), zone)
    until = datetime.combine(query.last_on + _WHOLE_DAY, time(), zone)
    key = sa.null() if query.by is None else sa.cast(_DIMENSIONS[query.by], sa.Text)
    broke = _columns.breached_at.isnot(None)
    breached = sa.func.count().filter(broke)
    statement = (
        sa.select(
            key.label("key"),
            _columns.target,
            sa.func.count().filter(sa.not_(broke)).label("kept"),
            breached.label("breached"),
            sa.func.count().filter(broke, _columns.met_at.isnot(None)).label("late"),
        )
        .where(
            _columns.tenant_id == reading.caller.tenant_id,
            _columns.service_level_id.isnot(None),
            _columns.settled_at >= since,
            _columns.settled_at < until,
        )
        .group_by(sa.text("1"), _columns.target)
        .order_by(breached.desc(), sa.text("1"), _columns.target)
        .limit(_ROWS_AT_MOST)
    )
    for name in ("target", "service_level_id", "queue_id", "assignee_id"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(_columns[name] == value)
    rows = reading.connection.execute(_of_reach(reading, statement)).mappings()
    return {"items": [{**row, "percent": _percent(row)} for row in rows]}


def _percent(row: sa.RowMapping) -> str:
    """The share that was kept, in per cent to two places."""
    whole = row["kept"] + row["breached"]
    return f"{(Decimal(100) * row['kept'] / whole).quantize(Decimal('0.01')):f}"


def _of_reach(reading: Reading, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Narrowed to clocks of tickets within reach: they go by their tickets."""
    ids = reach.ids_within(reading)
    return statement if ids is None else statement.where(_columns.ticket_id.in_(ids))


_OF_TICKET = Statement(
    "SELECT * FROM clocks WHERE tenant_id = %(tenant_id)s AND ticket_id = %(ticket_id)s"
    " ORDER BY target = 'next_response', target, round DESC LIMIT 200"
)
