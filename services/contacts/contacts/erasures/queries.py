"""Reads who was erased, straight to the response."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.storage.listing import (
    EXACT,
    FilterField,
    Listing,
    ListSpec,
    Operator,
    read_uuid,
    time_filter,
)
from chassis.storage.unit_of_work import Reading
from contacts.erasures.storage import erasures

_columns = erasures.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))


def _about(_operator: Operator, person_id: Any) -> sa.ColumnElement[bool]:
    return sa.or_(_columns.person_id == person_id, person_id == sa.any_(_columns.merged_person_ids))


ERASURES = ListSpec(
    key=_columns.id,
    sorts={"erased_at": _columns.erased_at},
    default_sort="-erased_at",
    filters={
        "person_id": FilterField(read_uuid, _about, EXACT, {"type": "string", "format": "uuid"}),
        "erased_at": time_filter(_columns.erased_at),
    },
)


def list_erasures(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of the tenant's erasures; who is erased is nobody's any more."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: dict(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page
