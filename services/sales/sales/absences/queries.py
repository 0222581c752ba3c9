"""Reads absences, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, date_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from sales.absences.storage import absences

_columns = absences.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

ABSENCES = ListSpec(
    key=_columns.id,
    sorts={"first_day": _columns.first_day},
    default_sort="first_day",
    filters={
        "user_id": uuid_filter(_columns.user_id),
        "first_day": date_filter(_columns.first_day),
        "last_day": date_filter(_columns.last_day),
    },
)


def get_absence(reading: Reading, absence_id: UUID) -> dict[str, Any]:
    """The absence as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == absence_id
    )
    narrowed = reading.scope.narrow(statement, _columns.user_id)
    row = reading.connection.execute(narrowed).first()
    if row is None:
        raise NotFound.of("absence", absence_id)
    return dict(row._mapping)


def list_absences(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of absences of those within reach."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, reading.scope.narrow(base, _columns.user_id))
