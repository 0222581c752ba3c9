"""Reads frameworks, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, archived_filter
from chassis.storage.unit_of_work import Reading
from sales.qualification_frameworks.models import flat
from sales.qualification_frameworks.storage import qualification_frameworks

_columns = qualification_frameworks.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

FRAMEWORKS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="created_at",
    filters={"archived": archived_filter(_columns.archived_at)},
)


def get_framework(reading: Reading, framework_id: UUID) -> dict[str, Any]:
    """The framework as the API shows one. Raises `NotFound`."""
    statement = _shown.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == framework_id
    )
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("qualification framework", framework_id)
    return flat(row._mapping)


def list_frameworks(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of frameworks; archived ones only when they are asked for."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    return listing.fetch(reading.connection, base, lambda row: flat(row._mapping))
