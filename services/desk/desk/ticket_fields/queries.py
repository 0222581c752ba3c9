"""Reads fields of tickets, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    archived_filter,
    choice_filter,
    text_filter,
)
from chassis.storage.unit_of_work import Reading
from desk.ticket_fields.domain import FieldKind
from desk.ticket_fields.models import shown
from desk.ticket_fields.storage import field_of, ticket_fields

_columns = ticket_fields.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

FIELDS = ListSpec(
    key=_columns.id,
    sorts={"key": _columns.key, "created_at": _columns.created_at},
    default_sort="key",
    filters={
        "key": text_filter(_columns.key),
        "kind": choice_filter(_columns.kind, *FieldKind),
        "archived": archived_filter(_columns.archived_at),
    },
)


def list_fields(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of fields; archived ones only when asked for."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: shown(field_of(row._mapping)))


def get_field(reading: Reading, field_id: UUID) -> dict[str, Any]:
    """A field. Raises `NotFound`."""
    statement = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == field_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("ticket field", field_id)
    return shown(field_of(row))
