"""Reads root causes, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, text_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.complaint_causes.models import shown
from desk.complaint_causes.storage import cause_of, complaint_causes

_columns = complaint_causes.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_one = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

COMPLAINT_CAUSES = ListSpec(
    key=_columns.id,
    sorts={"key": _columns.key, "created_at": _columns.created_at},
    default_sort="key",
    filters={"archived": archived_filter(_columns.archived_at), "key": text_filter(_columns.key)},
)


def get_cause(reading: Reading, cause_id: UUID) -> dict[str, Any]:
    """The cause as the API shows one. Raises `NotFound`."""
    row = reading.fetch_one(_one, {"tenant_id": reading.caller.tenant_id, "id": cause_id})
    if row is None:
        raise NotFound.of("complaint cause", cause_id)
    return shown(cause_of(row))


def list_causes(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of causes; archived ones only when they are asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(cause_of(dict(row._mapping))))
