"""Reads tenants, straight to the response."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, text_filter, time_filter
from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.tenants.domain import TenantStatus
from identity.tenants.storage import tenants

_columns = tenants.c
_shown = sa.select(
    _columns.id,
    _columns.version,
    _columns.name,
    _columns.slug,
    _columns.locale,
    _columns.time_zone,
    _columns.country,
    _columns.status,
    _columns.policy.op("||")(
        sa.func.jsonb_build_object("require_second_factor", _columns.require_second_factor)
    ).label("policy"),
    _columns.created_at,
    _columns.updated_at,
)

TENANTS = ListSpec(
    key=_columns.id,
    sorts={
        "name": _columns.name,
        "slug": _columns.slug,
        "created_at": _columns.created_at,
    },
    default_sort="name",
    filters={
        "slug": text_filter(_columns.slug),
        "status": choice_filter(_columns.status, *TenantStatus),
        "created_at": time_filter(_columns.created_at),
    },
    searchable=True,
)


def get_tenant(reading: Reading | UnitOfWork, tenant_id: UUID) -> dict[str, Any]:
    """The tenant as the API shows one. Raises `NotFound`."""
    row = (
        reading.connection.execute(_shown.where(_columns.tenant_id == tenant_id)).mappings().first()
    )
    if row is None:
        raise NotFound.of("tenant", tenant_id)
    return dict(row)


def list_tenants(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of all tenants; for operators, as the system login."""
    base = _shown
    if listing.query is not None:
        text = listing.query.strip().lower()
        base = base.where(
            sa.or_(
                sa.func.lower(_columns.name).contains(text, autoescape=True),
                _columns.slug.contains(text, autoescape=True),
            )
        )
    rows = reading.connection.execute(listing.apply(base)).all()
    page = listing.page(rows, lambda row: dict(row._mapping))
    if listing.count:
        page["total_count"] = reading.connection.execute(listing.counted(base)).scalar_one()
    return page


def find_tenant(reading: Reading, slug_or_id: str) -> UUID | None:
    """The tenant with this slug or id; for operators, as the system login."""
    named = [_columns.slug == slug_or_id]
    with suppress(ValueError):
        named.append(_columns.id == UUID(slug_or_id))
    found: UUID | None = reading.connection.execute(
        sa.select(_columns.id).where(sa.or_(*named))
    ).scalar()
    return found


def all_tenants(reading: Reading) -> list[dict[str, str]]:
    """Every tenant in short, by name; for operators, as the system login."""
    rows = reading.connection.execute(
        sa.select(_columns.id, _columns.slug, _columns.name, _columns.status).order_by(
            _columns.name, _columns.id
        )
    )
    return [
        {
            "tenant_id": str(row.id),
            "tenant_slug": row.slug,
            "name": row.name,
            "status": row.status,
        }
        for row in rows
    ]


def get_own_tenant(reading: Reading | UnitOfWork) -> dict[str, Any]:
    """The caller's own organisation. Raises `NotFound`."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise NotFound("An operator has no organisation.")
    return get_tenant(reading, tenant_id)
