"""What sales tells of orders that concerns coupons alone, whoever ordered."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from loyalty.coupon_uses.operations import roll_back_cancelled
from loyalty.transaction import LoyaltyTx
from rapport.sales.events.v1.order_events_pb2 import OrderCancelled


def on_order_cancelled(tx: LoyaltyTx, fact: OrderCancelled, _envelope: Envelope) -> None:
    """Take back what was used at an order that is off, also at one of nobody that is known."""
    roll_back_cancelled(tx, UUID(fact.order_id), fact.order.number)


def follow_cancellations(reactions: Reactions) -> Reactions:
    """React to orders that are off; gives the same."""
    reactions.on(OrderCancelled, on_order_cancelled)
    return reactions
