"""Reads pools of coupons, straight to the response."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, text_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.coupon_pools.domain import CouponPool, IssuedOn, PoolKind, PoolState
from loyalty.coupon_pools.models import shown
from loyalty.coupon_pools.storage import coupon_pools, pool_of

_columns = coupon_pools.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_one = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)
_issuing = Statement.of(
    _all.where(
        _columns.tenant_id == sa.bindparam("tenant_id"),
        _columns.issued_on == sa.bindparam("issued_on"),
        _columns.state == sa.text("'active'"),
    ).order_by(_columns.id)
)

COUPON_POOLS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at, "campaign": _columns.campaign},
    default_sort="-created_at",
    filters={
        "program_id": uuid_filter(_columns.program_id),
        "campaign": text_filter(_columns.campaign),
        "kind": choice_filter(_columns.kind, *PoolKind),
        "state": choice_filter(_columns.state, *PoolState),
        "issued_on": choice_filter(_columns.issued_on, *IssuedOn),
    },
)


def list_pools(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of pools."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, mine, lambda row: shown(pool_of(row._mapping)))


def get_pool(reading: Reading, pool_id: UUID) -> dict[str, Any]:
    """A pool as the API shows one. Raises `NotFound`."""
    return shown(find_pool(reading, pool_id))


def find_pool(reading: Reading | UnitOfWork, pool_id: UUID) -> CouponPool:
    """A pool, not locked. Raises `NotFound`."""
    row = reading.fetch_one(_one, {"tenant_id": reading.caller.tenant_id, "id": pool_id})
    if row is None:
        raise NotFound.of("coupon pool", pool_id)
    return pool_of(row)


def pools_issued_on(reading: Reading | UnitOfWork, issued_on: IssuedOn) -> Sequence[CouponPool]:
    """The active pools of which something has a coupon issued by itself."""
    about = {"tenant_id": reading.caller.tenant_id, "issued_on": issued_on}
    return [pool_of(row) for row in reading.fetch_all(_issuing, about)]
