"""Facts about coupons to protobuf; none of them holds a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.coupon_pools.facts import pool_told
from loyalty.coupons.domain import CouponIssued, CouponRevoked
from loyalty.encoding import id_or_none, moment_or_none
from rapport.loyalty.events.v1 import coupon_events_pb2 as events


def _issued(fact: CouponIssued) -> events.CouponIssued:
    coupon = fact.coupon
    return events.CouponIssued(
        coupon_id=str(coupon.id),
        pool_id=str(coupon.pool_id),
        pool=pool_told(fact.pool),
        person_id=str(coupon.person_id),
        expires_at=moment_or_none(fact.ends_at),
        cause="" if coupon.cause is None else coupon.cause.kind,
    )


def _revoked(fact: CouponRevoked) -> events.CouponRevoked:
    return events.CouponRevoked(
        coupon_id=str(fact.coupon.id),
        pool_id=str(fact.coupon.pool_id),
        person_id=id_or_none(fact.coupon.person_id),
        reason=fact.reason,
    )


COUPON_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    CouponIssued: _issued,
    CouponRevoked: _revoked,
}
