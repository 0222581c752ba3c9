"""Reads uses of coupons, straight to the response."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.unit_of_work import Reading
from loyalty.coupon_uses.models import shown
from loyalty.coupon_uses.storage import coupon_uses, use_of

_columns = coupon_uses.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

COUPON_USES = ListSpec(
    key=_columns.id,
    sorts={"redeemed_at": _columns.redeemed_at},
    default_sort="-redeemed_at",
    filters={
        "coupon_id": uuid_filter(_columns.coupon_id),
        "coupon_pool_id": uuid_filter(_columns.pool_id),
        "campaign": text_filter(_columns.campaign),
        "person_id": uuid_filter(_columns.person_id),
        "order_id": uuid_filter(_columns.order_id),
        "order_reference": text_filter(_columns.order_reference),
        "redeemed_at": time_filter(_columns.redeemed_at),
    },
)


def list_uses(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of uses, those that were rolled back included."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, mine, lambda row: shown(use_of(row._mapping)))


def get_use(reading: Reading, use_id: UUID) -> dict[str, Any]:
    """A use as the API shows one. Raises `NotFound`."""
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == use_id)
    row = reading.connection.execute(mine).mappings().first()
    if row is None:
        raise NotFound.of("coupon use", use_id)
    return shown(use_of(row))
