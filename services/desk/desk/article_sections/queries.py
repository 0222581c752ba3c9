"""Reads sections of the knowledge base, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, text_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from desk.article_sections.storage import article_sections

_columns = article_sections.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

SECTIONS = ListSpec(
    key=_columns.id,
    sorts={"position": _columns.position, "key": _columns.key, "created_at": _columns.created_at},
    default_sort="position,key",
    filters={
        "parent_id": uuid_filter(_columns.parent_id),
        "key": text_filter(_columns.key),
    },
)


def get_section(reading: Reading, section_id: UUID) -> dict[str, Any]:
    """A section as the API shows one. Raises `NotFound`."""
    statement = _of_tenant(reading).where(_columns.id == section_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("section", section_id)
    return dict(row._mapping)


def list_sections(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of sections."""
    return listing.fetch(reading.connection, _of_tenant(reading))


def all_sections(reading: Reading) -> list[dict[str, Any]]:
    """Every section, in order."""
    statement = _of_tenant(reading).order_by(_columns.position, _columns.key).limit(2_000)
    return [dict(row._mapping) for row in reading.connection.execute(statement)]


def _of_tenant(reading: Reading) -> sa.Select[Any]:
    return _shown.where(_columns.tenant_id == reading.caller.tenant_id)
