"""Reads pipelines, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.pipelines.storage import pipelines

_columns = pipelines.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

PIPELINES = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={"archived": archived_filter(_columns.archived_at)},
)


def get_pipeline(reading: Reading, pipeline_id: UUID) -> dict[str, Any]:
    """The pipeline as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == pipeline_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("pipeline", pipeline_id)
    return _present(row._mapping)


def list_pipelines(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of pipelines; archived ones only when they are asked for."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: _present(row._mapping))


def list_definitions(reading: Reading, pipeline_id: UUID) -> dict[str, Any]:
    """All definitions of a pipeline, the newest first. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "pipeline_id": pipeline_id}
    rows = reading.fetch_all(_DEFINITIONS, about)
    if not rows:
        raise NotFound.of("pipeline", pipeline_id)
    return {"items": [{**row.pop("document"), **row} for row in rows]}


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    shown = {column.name: row[column] for column in _shown.selected_columns}
    document, number = shown.pop("definition"), shown.pop("number")
    return {**shown, **document, "definition": number}


_DEFINITIONS = Statement(
    "SELECT number AS definition, definition AS document, defined_at, defined_by"
    " FROM pipeline_definitions"
    " WHERE tenant_id = %(tenant_id)s AND pipeline_id = %(pipeline_id)s ORDER BY number DESC"
)
