"""Reads coupons, straight to the response; with their codes for those who may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.sealing import Sealer
from chassis.storage.listing import Listing, ListSpec, choice_filter, uuid_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.coupon_pools.domain import CouponPool
from loyalty.coupon_pools.storage import coupon_pools, pool_of
from loyalty.coupons.domain import Coupon, CouponState
from loyalty.coupons.making import code_of
from loyalty.coupons.models import shown, shown_with_code
from loyalty.coupons.storage import coupon_of, coupons
from loyalty.programs.storage import programs

_columns = coupons.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))
_one = Statement.of(
    _all.where(_columns.tenant_id == sa.bindparam("tenant_id"), _columns.id == sa.bindparam("id"))
)

COUPONS = ListSpec(
    key=_columns.id,
    sorts={"created_at": _columns.created_at},
    default_sort="-created_at",
    filters={
        "coupon_pool_id": uuid_filter(_columns.pool_id),
        "batch_id": uuid_filter(_columns.batch_id),
        "person_id": uuid_filter(_columns.person_id),
        "state": choice_filter(_columns.state, *CouponState),
    },
)


def list_coupons(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of coupons, without their codes."""
    page, pools = _page(reading, listing)
    page["items"] = [shown(one, *pools[one.pool_id]) for one in page["items"]]
    return page


def list_codes(reading: Reading, listing: Listing, sealer: Sealer) -> dict[str, Any]:
    """A page of coupons with their codes."""
    page, pools = _page(reading, listing)
    page["items"] = [
        shown_with_code(
            shown(one, *pools[one.pool_id]), pools[one.pool_id][0], code_of(sealer, one)
        )
        for one in page["items"]
    ]
    return page


def get_coupon(reading: Reading | UnitOfWork, coupon_id: UUID) -> dict[str, Any]:
    """A coupon without its code. Raises `NotFound`."""
    coupon = _coupon(reading, coupon_id)
    return shown(coupon, *pools_of(reading, {coupon.pool_id})[coupon.pool_id])


def get_code(reading: Reading, coupon_id: UUID, sealer: Sealer) -> dict[str, Any]:
    """A coupon with its code. Raises `NotFound`."""
    coupon = _coupon(reading, coupon_id)
    pool, zone = pools_of(reading, {coupon.pool_id})[coupon.pool_id]
    return shown_with_code(shown(coupon, pool, zone), pool, code_of(sealer, coupon))


def pools_of(
    reading: Reading | UnitOfWork, pool_ids: Collection[UUID]
) -> Mapping[UUID, tuple[CouponPool, str]]:
    """Pools, each with the time zone of its program."""
    about = {"tenant_id": reading.caller.tenant_id, "ids": list(pool_ids)}
    rows = reading.fetch_all(_POOLS, about)
    return {row["id"]: (pool_of(row), row["time_zone"]) for row in rows}


def coupons_by_digest(reading: Reading, digests: Sequence[bytes]) -> Mapping[bytes, Coupon]:
    """The coupons that there are of these digests, not locked."""
    about = {"tenant_id": reading.caller.tenant_id, "digests": list(digests)}
    found = [coupon_of(row) for row in reading.fetch_all(_BY_DIGEST, about)] if digests else []
    return {coupon.code.digest: coupon for coupon in found}


def _coupon(reading: Reading | UnitOfWork, coupon_id: UUID) -> Coupon:
    row = reading.fetch_one(_one, {"tenant_id": reading.caller.tenant_id, "id": coupon_id})
    if row is None:
        raise NotFound.of("coupon", coupon_id)
    return coupon_of(row)


def _page(
    reading: Reading, listing: Listing
) -> tuple[dict[str, Any], Mapping[UUID, tuple[CouponPool, str]]]:
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    page = listing.fetch(reading.connection, mine, lambda row: coupon_of(row._mapping))
    return page, pools_of(reading, {one.pool_id for one in page["items"]})


_FIELDS = ", ".join(f"c.{column.name}" for column in coupon_pools.c if column.name != "tenant_id")
_POOLS = Statement(
    f"SELECT {_FIELDS}, p.time_zone FROM coupon_pools c"  # noqa: S608 - names of our own columns
    f" JOIN {programs.name} p ON p.tenant_id = c.tenant_id AND p.id = c.program_id"
    " WHERE c.tenant_id = %(tenant_id)s AND c.id = ANY(%(ids)s)"
)
_OWN_FIELDS = ", ".join(column.name for column in coupons.c if column.name != "tenant_id")
_BY_DIGEST = Statement(
    f"SELECT {_OWN_FIELDS} FROM coupons WHERE tenant_id = %(tenant_id)s"  # noqa: S608 - our own
    " AND digest = ANY(%(digests)s::bytea[])"
)
