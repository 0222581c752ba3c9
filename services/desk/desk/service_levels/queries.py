"""Reads policies of service levels, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.service_levels.models import shown
from desk.service_levels.storage import service_level_of, service_levels
from desk.ticket_vocabulary import MEANINGS, VARIABLES

_columns = service_levels.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_one = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

SERVICE_LEVELS = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "name": _columns.name, "created_at": _columns.created_at},
    default_sort="position",
    filters={
        "archived": archived_filter(_columns.archived_at),
        "business_calendar_id": uuid_filter(_columns.business_calendar_id),
    },
)


def get_service_level(reading: Reading, service_level_id: UUID) -> dict[str, Any]:
    """The policy as the API shows one. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "id": service_level_id}
    row = reading.fetch_one(_one, about)
    if row is None:
        raise NotFound.of("service level", service_level_id)
    return shown(service_level_of(row))


def list_service_levels(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of policies; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(
        reading.connection, base, lambda row: shown(service_level_of(dict(row._mapping)))
    )


def vocabulary() -> dict[str, Any]:
    """What conditions about tickets can ask."""
    return {
        "variables": [
            {"name": name, "kind": kind, "meaning": MEANINGS[name]}
            for name, kind in VARIABLES.items()
        ]
    }
