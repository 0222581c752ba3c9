"""Facts about pools of coupons to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.coupon_pools import domain
from loyalty.coupon_pools.domain import CouponPool
from rapport.loyalty.events.v1 import coupon_pool_events_pb2 as events
from rapport.loyalty.v1 import coupon_pb2


def _drafted(fact: domain.CouponPoolDrafted) -> events.CouponPoolDrafted:
    return events.CouponPoolDrafted(pool_id=str(fact.pool.id), pool=pool_told(fact.pool))


def _changed(fact: domain.CouponPoolChanged) -> events.CouponPoolChanged:
    return events.CouponPoolChanged(pool_id=str(fact.pool.id), pool=pool_told(fact.pool))


def _activated(fact: domain.CouponPoolActivated) -> events.CouponPoolActivated:
    return events.CouponPoolActivated(pool_id=str(fact.pool.id), pool=pool_told(fact.pool))


def _paused(fact: domain.CouponPoolPaused) -> events.CouponPoolPaused:
    return events.CouponPoolPaused(pool_id=str(fact.pool.id), pool=pool_told(fact.pool))


def _ended(fact: domain.CouponPoolEnded) -> events.CouponPoolEnded:
    return events.CouponPoolEnded(pool_id=str(fact.pool.id), pool=pool_told(fact.pool))


def pool_told(pool: CouponPool) -> coupon_pb2.CouponPool:
    """What facts say of a pool."""
    return coupon_pb2.CouponPool(
        program_id=str(pool.program_id),
        name=pool.terms.name,
        campaign=pool.terms.campaign,
        kind=pool.kind,
        benefit=pool.benefit.kind,
        state=pool.state,
    )


COUPON_POOL_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.CouponPoolDrafted: _drafted,
    domain.CouponPoolChanged: _changed,
    domain.CouponPoolActivated: _activated,
    domain.CouponPoolPaused: _paused,
    domain.CouponPoolEnded: _ended,
}
