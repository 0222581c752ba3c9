"""Reads kinds of interactions, straight to the response: the tenant's own and the platform's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    archived_filter,
    boolean_filter,
    choice_filter,
    text_filter,
)
from chassis.storage.unit_of_work import Reading
from contacts.interaction_kinds.built_in import BUILT_IN
from contacts.interaction_kinds.domain import Direction, built_in_id
from contacts.interaction_kinds.storage import interaction_kinds

_own = interaction_kinds.c


def _built_in(name: str, kind: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(f"built_in_{name}", type_=ARRAY(kind))


_theirs = (
    sa.func.unnest(
        _built_in("ids", sa.Uuid()),
        _built_in("keys", sa.Text()),
        _built_in("labels", sa.Text()),
        _built_in("directions", sa.Text()),
        _built_in("signs", sa.Boolean()),
    )
    .table_valued(
        sa.column("id", sa.Uuid()),
        sa.column("key", sa.Text()),
        sa.column("label", sa.Text()),
        sa.column("direction", sa.Text()),
        sa.column("sign_of_life", sa.Boolean()),
    )
    .render_derived("built_in")
)
_stored = sa.select(
    _own.id,
    _own.version,
    _own.key,
    _own.label,
    _own.direction,
    _own.sign_of_life,
    _own.properties,
    _own.created_at,
    _own.updated_at,
    _own.archived_at,
).where(_own.tenant_id == sa.bindparam("of_tenant", type_=sa.Uuid()))
_unchanged = sa.select(
    _theirs.c.id,
    sa.literal_column("0::bigint"),
    _theirs.c.key,
    sa.cast(_theirs.c.label, sa.JSON),
    _theirs.c.direction,
    _theirs.c.sign_of_life,
    sa.literal_column("'[]'::json"),
    sa.literal_column("NULL::timestamptz"),
    sa.literal_column("NULL::timestamptz"),
    sa.literal_column("NULL::timestamptz"),
).where(
    ~sa.exists().where(
        _own.tenant_id == sa.bindparam("of_tenant", type_=sa.Uuid()), _own.id == _theirs.c.id
    )
)
_all = sa.union_all(_stored, _unchanged).subquery("kinds")
_columns = _all.c


KINDS = ListSpec(
    key=_columns.id,
    sorts={"key": _columns.key},
    default_sort="key",
    filters={
        "key": text_filter(_columns.key),
        "direction": choice_filter(_columns.direction, *Direction),
        "sign_of_life": boolean_filter(_columns.sign_of_life),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_kind(reading: Reading, kind_id: UUID) -> dict[str, Any]:
    """The kind as the API shows one. Raises `NotFound`."""
    statement = sa.select(_all).where(_columns.id == kind_id)
    row = reading.connection.execute(statement, _about(reading)).first()
    if row is None:
        raise NotFound.of("interaction kind", kind_id)
    return _present(row._mapping)


def list_kinds(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of kinds."""
    base = sa.select(_all)
    if "archived" not in listing.given:
        base = base.where(_columns.archived_at.is_(None))
    about = _about(reading)
    rows = reading.connection.execute(listing.apply(base), about).all()
    page = listing.page(rows, lambda row: _present(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base), about).scalar_one()
    return page


def _about(reading: Reading) -> dict[str, Any]:
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("kinds are a tenant's")
    kinds = BUILT_IN.values()
    return {
        "of_tenant": tenant_id,
        "built_in_ids": [built_in_id(tenant_id, kind.key) for kind in kinds],
        "built_in_keys": [kind.key for kind in kinds],
        "built_in_labels": [orjson.dumps(dict(kind.label)).decode() for kind in kinds],
        "built_in_directions": [kind.direction.value for kind in kinds],
        "built_in_signs": [kind.sign_of_life for kind in kinds],
    }


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        **{column.name: row[column] for column in _columns},
        "built_in": row[_columns.key] in BUILT_IN,
    }
