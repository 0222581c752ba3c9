"""Reads business calendars, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.calendars.models import shown
from desk.calendars.storage import business_calendars, calendar_of

_columns = business_calendars.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_one = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

BUSINESS_CALENDARS = ListSpec(
    key=_columns.id,
    sorts={"name": _columns.name, "created_at": _columns.created_at},
    default_sort="name",
    filters={"archived": archived_filter(_columns.archived_at)},
)


def get_calendar(reading: Reading, calendar_id: UUID) -> dict[str, Any]:
    """The calendar as the API shows one. Raises `NotFound`."""
    row = reading.fetch_one(_one, {"tenant_id": reading.caller.tenant_id, "id": calendar_id})
    if row is None:
        raise NotFound.of("business calendar", calendar_id)
    return shown(calendar_of(row))


def list_calendars(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of calendars; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(
        reading.connection, base, lambda row: shown(calendar_of(dict(row._mapping)))
    )
