"""Facts about batches of codes to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.coupon_batches.domain import (
    CouponBatchCompleted,
    CouponBatchOrdered,
    CouponCodesExported,
)
from rapport.loyalty.events.v1 import coupon_pool_events_pb2 as events


def _ordered(fact: CouponBatchOrdered) -> events.CouponBatchOrdered:
    batch = fact.batch
    return events.CouponBatchOrdered(
        batch_id=str(batch.id), pool_id=str(batch.pool_id), count=batch.count
    )


def _completed(fact: CouponBatchCompleted) -> events.CouponBatchCompleted:
    batch = fact.batch
    return events.CouponBatchCompleted(
        batch_id=str(batch.id), pool_id=str(batch.pool_id), count=batch.count
    )


def _exported(fact: CouponCodesExported) -> events.CouponCodesExported:
    return events.CouponCodesExported(batch_id=str(fact.batch.id), pool_id=str(fact.batch.pool_id))


COUPON_BATCH_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    CouponBatchOrdered: _ordered,
    CouponBatchCompleted: _completed,
    CouponCodesExported: _exported,
}
