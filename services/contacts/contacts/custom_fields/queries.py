"""Reads definitions, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
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
from contacts.custom_fields.documents import definition_of
from contacts.custom_fields.domain import Definition, FieldType, RecordKind
from contacts.custom_fields.storage import custom_fields

_columns = custom_fields.c


FIELDS = ListSpec(
    key=_columns.id,
    sorts={
        "position": _columns.position,
        "key": _columns.key,
        "created_at": _columns.created_at,
    },
    default_sort="position",
    filters={
        "object": choice_filter(_columns.object, *RecordKind),
        "type": choice_filter(_columns.type, *FieldType),
        "key": text_filter(_columns.key),
        "archived": archived_filter(_columns.archived_at),
    },
)


def definitions_of(reading: Reading, kind: RecordKind) -> dict[str, Definition]:
    """The fields of this kind of record that are in use, by their keys."""
    statement = sa.select(custom_fields).where(
        _columns.tenant_id == reading.caller.tenant_id,
        _columns.object == kind,
        _columns.archived_at.is_(None),
    )
    rows = reading.connection.execute(statement).mappings()
    return {row["key"]: definition_of(row) for row in rows}


def get_field(reading: Reading, field_id: UUID) -> dict[str, Any]:
    """The definition as the API shows one. Raises `NotFound`."""
    statement = sa.select(custom_fields).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == field_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("custom field", field_id)
    return _present(row._mapping)


def list_fields(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of definitions."""
    base = sa.select(custom_fields).where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: _present(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    shown = {column.name: row[column] for column in _columns if column.name != "tenant_id"}
    shown["validation"] = shown.pop("limits")
    return shown
