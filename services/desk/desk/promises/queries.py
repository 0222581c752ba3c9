"""Reads promises, and how many are kept; straight to the response."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Invalid, NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.promises.domain import ContactBy, PromiseStatus
from desk.promises.models import KeptDimension, KeptQuery, shown
from desk.promises.storage import moves_of, promise_of, promises
from desk.tenant_days.zones import zone_of
from desk.tickets import reach
from desk.tickets.storage import within_reach

_columns = promises.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_ROWS_AT_MOST = 1_000
_WHOLE_DAY = timedelta(days=1)

PROMISES = ListSpec(
    key=_columns.id,
    sorts={"due_at": _columns.due_at, "made_at": _columns.made_at},
    default_sort="due_at",
    filters={
        "ticket_id": uuid_filter(_columns.ticket_id),
        "user_id": uuid_filter(_columns.user_id),
        "queue_id": uuid_filter(_columns.queue_id),
        "status": choice_filter(_columns.status, *PromiseStatus),
        "contact_by": choice_filter(_columns.contact_by, *ContactBy),
        "due_at": time_filter(_columns.due_at),
    },
)
PROMISES_OF_TICKET = ListSpec(
    key=_columns.id, sorts=PROMISES.sorts, default_sort="due_at", filters={}
)
_PERIODS = {KeptDimension.DAY: "day", KeptDimension.WEEK: "week", KeptDimension.MONTH: "month"}


def get_promise(reading: Reading, promise_id: UUID) -> dict[str, Any]:
    """The promise as the API shows one. Raises `NotFound` when absent or out of reach."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == promise_id
    )
    row = reading.connection.execute(_of_reach(reading, statement)).first()
    if row is None:
        raise NotFound.of("promise", promise_id)
    return shown(promise_of(dict(row._mapping)))


def list_promises(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of promises about tickets within reach."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return _page(reading, listing, _of_reach(reading, base))


def list_promises_of_ticket(reading: Reading, listing: Listing, ticket_id: UUID) -> dict[str, Any]:
    """A page of a ticket's promises. Raises `NotFound`."""
    within_reach(reading, ticket_id)
    base = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.ticket_id == ticket_id
    )
    return _page(reading, listing, base)


def list_moves(reading: Reading, promise_id: UUID) -> dict[str, Any]:
    """When a promise was moved. Raises `NotFound`."""
    get_promise(reading, promise_id)
    return {"items": moves_of(reading, promise_id)}


def kept(reading: Reading, query: KeptQuery) -> dict[str, Any]:
    """How many promises were kept, and how many were not. Raises `Invalid` for days not in order."""
    if query.last_on < query.first_on:
        raise Invalid.at("last_on", "days_not_in_order", "The last day is not before the first.")
    zone = zone_of(reading)
    since = datetime.combine(query.first_on, time(), zone)
    until = datetime.combine(query.last_on + _WHOLE_DAY, time(), zone)
    was_broken = _columns.broken_at.isnot(None)
    broken = sa.func.count().filter(was_broken)
    statement = (
        sa.select(
            _key(query.by, str(zone)).label("key"),
            sa.func.count().filter(sa.not_(was_broken)).label("kept"),
            broken.label("broken"),
            sa.func.count().filter(was_broken, _columns.kept_at.isnot(None)).label("late"),
        )
        .where(
            _columns.tenant_id == reading.caller.tenant_id,
            _columns.settled_at >= since,
            _columns.settled_at < until,
        )
        .group_by(sa.text("1"))
        .order_by(broken.desc(), sa.text("1"))
        .limit(_ROWS_AT_MOST)
    )
    for name in ("user_id", "queue_id"):
        if (value := getattr(query, name)) is not None:
            statement = statement.where(_columns[name] == value)
    rows = reading.connection.execute(_of_reach(reading, statement)).mappings()
    return {"items": [{**row, "percent": _percent(row)} for row in rows]}


def _key(by: KeptDimension | None, zone: str) -> sa.ColumnElement[Any]:
    if by is None:
        return sa.null()
    if by in _PERIODS:
        day = sa.func.date_trunc(_PERIODS[by], sa.func.timezone(zone, _columns.settled_at))
        return sa.cast(sa.cast(day, sa.Date), sa.Text)
    return sa.cast(_columns.user_id if by is KeptDimension.USER else _columns.queue_id, sa.Text)


def _percent(row: sa.RowMapping) -> str:
    """The share that was kept, in per cent to two places."""
    whole = row["kept"] + row["broken"]
    return f"{(Decimal(100) * row['kept'] / whole).quantize(Decimal('0.01')):f}"


def _page(reading: Reading, listing: Listing, base: sa.Select[Any]) -> dict[str, Any]:
    return listing.fetch(
        reading.connection, base, lambda row: shown(promise_of(dict(row._mapping)))
    )


def _of_reach(reading: Reading, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Narrowed to promises about tickets within reach: they go by their tickets."""
    ids = reach.ids_within(reading)
    return statement if ids is None else statement.where(_columns.ticket_id.in_(ids))
