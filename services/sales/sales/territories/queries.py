"""Reads territories, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter
from chassis.storage.unit_of_work import Reading
from sales.territories.models import shown
from sales.territories.storage import territories, territory_of

_columns = territories.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

TERRITORIES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={"archived": archived_filter(_columns.archived_at)},
)


def get_territory(reading: Reading, territory_id: UUID) -> dict[str, Any]:
    """The territory as the API shows one. Raises `NotFound`."""
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == territory_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("territory", territory_id)
    return shown(territory_of(row))


def list_territories(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of territories; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(
        reading.connection, base, lambda row: shown(territory_of(dict(row._mapping)))
    )
