"""Facts about uses of coupons to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.coupon_uses.domain import CouponRedeemed, CouponUse, CouponUseUndone
from loyalty.encoding import id_or_none, moment, moment_or_none, money
from rapport.loyalty.events.v1 import coupon_events_pb2 as events
from rapport.loyalty.v1 import coupon_pb2


def _redeemed(fact: CouponRedeemed) -> events.CouponRedeemed:
    return events.CouponRedeemed(
        use=_use(fact.use),
        person_id=id_or_none(fact.use.person_id),
        redeemed_at=moment(fact.use.redeemed_at),
    )


def _undone(fact: CouponUseUndone) -> events.CouponUseUndone:
    return events.CouponUseUndone(
        use=_use(fact.use),
        person_id=id_or_none(fact.use.person_id),
        rolled_back_at=moment_or_none(fact.use.rolled_back_at),
        cause=fact.use.rolled_back_for,
    )


def _use(use: CouponUse) -> coupon_pb2.CouponUse:
    currency = use.discount.currency
    return coupon_pb2.CouponUse(
        use_id=str(use.id),
        coupon_id=str(use.coupon_id),
        pool_id=str(use.pool_id),
        campaign=use.campaign,
        person_id=id_or_none(use.person_id),
        order_id=id_or_none(use.order.id),
        order_reference=use.order.reference,
        channel=use.channel,
        branch=use.branch,
        discount=money(use.discount.amount, currency),
        basket_total=money(use.basket_total, currency),
        points=use.points,
        first_purchase=use.first_purchase,
    )


COUPON_USE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    CouponRedeemed: _redeemed,
    CouponUseUndone: _undone,
}
