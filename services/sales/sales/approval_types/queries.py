"""Reads types of requests for approval, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter, text_filter
from chassis.storage.unit_of_work import Reading
from sales.approval_types.storage import approval_types

_columns = approval_types.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

APPROVAL_TYPES = ListSpec(
    key=_columns.id,
    sorts={"key": _columns.key},
    default_sort="key",
    filters={
        "key": text_filter(_columns.key),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_approval_type(reading: Reading, approval_type_id: UUID) -> dict[str, Any]:
    """The type as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == approval_type_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("approval type", approval_type_id)
    return dict(row._mapping)


def list_approval_types(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of types; archived ones only when they are asked for."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base)
