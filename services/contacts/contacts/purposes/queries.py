"""Reads purposes, straight to the response: the tenant's own and the platform's."""

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
from contacts.purposes.built_in import BUILT_IN
from contacts.purposes.domain import PurposeKind, built_in_id
from contacts.purposes.storage import purposes

READ = "contacts.purposes.read"

_own = purposes.c
_GIVEN = ("name", "description", "kind", "channels", "double_opt_in", "legal_basis")
_DOCUMENTS = ("name", "description", "channels")
_TENANT = sa.bindparam("of_tenant", type_=sa.Uuid())


def _built_in(name: str, kind: Any) -> sa.BindParameter[Any]:
    return sa.bindparam(f"built_in_{name}", type_=ARRAY(kind))


def _type_of(name: str) -> Any:
    return sa.Boolean() if name == "double_opt_in" else sa.Text()


_theirs = (
    sa.func.unnest(
        _built_in("id", sa.Uuid()),
        _built_in("key", sa.Text()),
        *(_built_in(name, _type_of(name)) for name in _GIVEN),
    )
    .table_valued(
        sa.column("id", sa.Uuid()),
        sa.column("key", sa.Text()),
        *(sa.column(name, _type_of(name)) for name in _GIVEN),
    )
    .render_derived("built_in")
)
_stored = sa.select(
    _own.id,
    _own.version,
    _own.key,
    *(_own[name] for name in _GIVEN),
    _own.created_at,
    _own.updated_at,
    _own.archived_at,
).where(_own.tenant_id == _TENANT)
_unchanged = sa.select(
    _theirs.c.id,
    sa.literal_column("0::bigint"),
    _theirs.c.key,
    *(
        sa.cast(_theirs.c[name], sa.JSON) if name in _DOCUMENTS else _theirs.c[name]
        for name in _GIVEN
    ),
    sa.literal_column("NULL::timestamptz"),
    sa.literal_column("NULL::timestamptz"),
    sa.literal_column("NULL::timestamptz"),
).where(~sa.exists().where(_own.tenant_id == _TENANT, _own.id == _theirs.c.id))
_all = sa.union_all(_stored, _unchanged).subquery("all_purposes")
_columns = _all.c


PURPOSES = ListSpec(
    key=_columns.id,
    sorts={"key": _columns.key},
    default_sort="key",
    filters={
        "key": text_filter(_columns.key),
        "kind": choice_filter(_columns.kind, *PurposeKind),
        "double_opt_in": boolean_filter(_columns.double_opt_in),
        "archived": archived_filter(_columns.archived_at),
    },
)


def get_purpose(reading: Reading, purpose_id: UUID) -> dict[str, Any]:
    """The purpose as the API shows one. Raises `NotFound`."""
    statement = sa.select(_all).where(_columns.id == purpose_id)
    row = reading.connection.execute(statement, _about(reading)).first()
    if row is None:
        raise NotFound.of("purpose", purpose_id)
    return _present(row._mapping)


def list_purposes(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of purposes."""
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
        raise RuntimeError("purposes are a tenant's")
    known = BUILT_IN.values()
    return {
        "of_tenant": tenant_id,
        "built_in_id": [built_in_id(tenant_id, purpose.key) for purpose in known],
        "built_in_key": [purpose.key for purpose in known],
        **{
            f"built_in_{name}": [_as_text(name, getattr(purpose, name)) for purpose in known]
            for name in _GIVEN
        },
    }


def _as_text(name: str, value: Any) -> Any:
    return orjson.dumps(value).decode() if name in _DOCUMENTS else value


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        **{column.name: row[column] for column in _columns},
        "built_in": row[_columns.key] in BUILT_IN,
    }
