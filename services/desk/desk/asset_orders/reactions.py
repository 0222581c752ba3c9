"""Hears from sales what was delivered and what came back.

Money that goes back changes nothing of what somebody has: where goods come back with it, sales tells
that as well.
"""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.events.reactions import Envelope, Reactions
from desk.asset_orders.domain import Movement, MovementKind
from desk.asset_orders.operations import settle_line
from desk.asset_orders.storage import keep_movement
from desk.assets.domain import Owner
from desk.people.named import current_or_none
from desk.transaction import DeskTx
from rapport.sales.events.v1.order_events_pb2 import OrderDelivered, OrderReturned
from rapport.sales.v1.order_pb2 import OrderHeader, OrderLine


def on_order_delivered(tx: DeskTx, fact: OrderDelivered, _envelope: Envelope) -> None:
    """Have customers own what they were handed over."""
    _moved(tx, MovementKind.DELIVERY, fact.delivery_id, fact, fact.delivered_at)


def on_order_returned(tx: DeskTx, fact: OrderReturned, _envelope: Envelope) -> None:
    """Have customers no longer own what came back."""
    _moved(tx, MovementKind.RETURN, fact.return_id, fact, fact.returned_at)


def follow_orders(reactions: Reactions) -> Reactions:
    """React to what sales says of orders; gives the same."""
    reactions.on(OrderDelivered, on_order_delivered)
    reactions.on(OrderReturned, on_order_returned)
    return reactions


def _moved(
    tx: DeskTx,
    kind: MovementKind,
    key: str,
    fact: OrderDelivered | OrderReturned,
    at: Timestamp,
) -> None:
    # In one order, since each line is locked.
    for line in sorted(fact.lines, key=lambda each: each.line_id):
        if line.sku:
            movement = _movement(tx, fact.order, line, (kind, key), at)
            if keep_movement(tx, movement):
                settle_line(tx, movement.order_id, movement.line_id)


def _movement(
    tx: DeskTx, order: OrderHeader, line: OrderLine, what: tuple[MovementKind, str], at: Timestamp
) -> Movement:
    kind, key = what
    person_id = UUID(order.person_id) if order.HasField("person_id") else None
    company_id = UUID(order.company_id) if order.HasField("company_id") else None
    return Movement(
        kind=kind,
        key=key,
        order_id=UUID(order.order_id),
        order_number=order.number,
        line_id=line.line_id,
        product_sku=line.sku,
        name=line.name,
        quantity=Decimal(line.quantity or "0"),
        serial_numbers=tuple(line.serial_numbers),
        owner=Owner(current_or_none(tx, person_id), company_id),
        moved_at=at.ToDatetime(UTC),
    )
