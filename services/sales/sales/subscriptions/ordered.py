"""Begins subscriptions for what was ordered of products that are sold as such."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from uuid import UUID

from chassis.domain import Conflict, Invalid
from chassis.money import EXACT
from sales.order_lines.domain import OrderLine
from sales.orders.domain import Order, OrderStatus
from sales.products.storage import products_by_id
from sales.recurring_revenue.domain import SubscriptionLine
from sales.subscription_changes.domain import SubscriptionDetails
from sales.subscription_terms.domain import SubscriptionTerms
from sales.subscriptions.domain import Subscription
from sales.subscriptions.operations import NewSubscription, start_subscription
from sales.transaction import SalesTx

_PRICE_PLACES = Decimal("1e-10")


def start_from_order(
    tx: SalesTx, order_id: UUID, starts_on: date | None = None
) -> list[Subscription]:
    """Begin one for the lines of each kind of terms.

    The order is locked, so that of two who do this at once only one does. Raises `NotFound`,
    `Invalid` when nothing of it is sold as a subscription, `Conflict` when it was done already, or
    the order was cancelled.
    """
    order = tx.orders.get(order_id)
    if order.status is OrderStatus.CANCELLED:
        raise Conflict("The order was cancelled.", code="order_cancelled")
    lines = _by_terms(tx, order)
    if not lines:
        message = "Nothing on the order is a product that is sold as a subscription."
        raise Invalid.at("/order_id", "nothing_to_subscribe_to", message)
    if tx.subscriptions.any_of_order(order_id):
        message = "The order has led to subscriptions already."
        raise Conflict(message, code="order_subscribed")
    return [_start(tx, order, terms, lines[terms], starts_on) for terms in lines]


def start_when_delivered(tx: SalesTx, order: Order) -> list[Subscription]:
    """Begin what a delivered order is about, unless somebody has done so before.

    Nothing begins for somebody who was erased in the meantime.
    """
    terms = order.terms
    if terms.person_id is None and terms.company_id is None:
        return []
    if not _by_terms(tx, order) or tx.subscriptions.any_of_order(order.id):
        return []
    return start_from_order(tx, order.id)


def _by_terms(tx: SalesTx, order: Order) -> dict[SubscriptionTerms, list[OrderLine]]:
    ids = {line.product_id for line in order.lines if line.product_id is not None}
    products, by_terms = products_by_id(tx, ids), defaultdict(list)
    for line in order.lines:
        sold = None if line.product_id is None else products.get(line.product_id)
        if sold is not None and sold.details.subscription is not None:
            by_terms[sold.details.subscription].append(line)
    return dict(by_terms)


def _start(
    tx: SalesTx,
    order: Order,
    terms: SubscriptionTerms,
    lines: list[OrderLine],
    starts_on: date | None,
) -> Subscription:
    details = SubscriptionDetails(
        name=", ".join(line.name for line in lines)[:200], order_id=order.id
    )
    wanted = tuple(_line(line) for line in lines)
    return start_subscription(
        tx, NewSubscription(details, terms, order.terms.currency, wanted, starts_on)
    )


def _line(line: OrderLine) -> SubscriptionLine:
    """The line as it recurs: what it came to after all discounts, without tax, is for one period."""
    quantity = line.terms.quantity
    price = EXACT.divide(line.amounts.net, quantity).quantize(_PRICE_PLACES, context=EXACT)
    return SubscriptionLine(line.name, price, quantity, line.product_id)
