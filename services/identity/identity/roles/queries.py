"""Reads roles, straight to the response."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    FilterField,
    Listing,
    ListSpec,
    Operator,
    read_boolean,
    text_filter,
    time_filter,
)
from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.domain import name_key
from identity.roles.domain import Grant
from identity.roles.storage import grants_of, roles

_columns = roles.c
_shown = sa.select(
    _columns.id,
    _columns.version,
    _columns.key,
    _columns.name,
    _columns.grants,
    _columns.created_at,
    _columns.updated_at,
)


def _built_in(operator: Operator, value: Any) -> sa.ColumnElement[bool]:
    del operator
    return _columns.key.is_not(None) if value else _columns.key.is_(None)


ROLES = ListSpec(
    key=_columns.id,
    sorts={"name": _columns.name, "created_at": _columns.created_at},
    default_sort="name",
    filters={
        "key": text_filter(_columns.key),
        "name": text_filter(_columns.name),
        "built_in": FilterField(read_boolean, _built_in, ("eq",), {"type": "boolean"}),
        "created_at": time_filter(_columns.created_at),
    },
    searchable=True,
)


def get_role(reading: Reading | UnitOfWork, role_id: UUID) -> dict[str, Any]:
    """The role as the API shows one. Raises `NotFound`."""
    statement = _shown.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == role_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("role", role_id)
    return _present(row)


def list_roles(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of roles."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    if listing.query is not None:
        base = base.where(_columns.name_key.contains(name_key(listing.query), autoescape=True))
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: _present(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def _present(row: sa.RowMapping) -> dict[str, Any]:
    return {**row, "built_in": row["key"] is not None}


def grants_by_role(
    reading: Reading | UnitOfWork, role_ids: Iterable[UUID]
) -> dict[UUID, tuple[Grant, ...]]:
    """What each of these roles grants; those that do not exist are left out."""
    rows = reading.connection.execute(
        sa.select(_columns.id, _columns.grants).where(
            _columns.tenant_id == reading.caller.tenant_id, _columns.id.in_(list(role_ids))
        )
    )
    return {row.id: grants_of(row.grants) for row in rows}
