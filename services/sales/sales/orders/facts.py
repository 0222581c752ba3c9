"""Facts about orders to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from google.protobuf.message import Message

from chassis.http.money import decimal_out
from chassis.money import rounded, total
from rapport.common.v1.external_id_pb2 import ExternalId
from rapport.sales.events.v1 import order_events_pb2 as events
from rapport.sales.v1 import order_pb2
from sales.encoding import id_or_none, moment, money
from sales.order_lines.domain import OrderLine, Part
from sales.orders.domain import (
    Order,
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderPlaced,
    OrderRefunded,
    OrderReturned,
)


def _placed(fact: OrderPlaced) -> events.OrderPlaced:
    order, terms, currency = fact.order, fact.order.terms, fact.order.terms.currency

    def sum_of(name: str) -> Any:
        amounts = [getattr(line.amounts, name) for line in order.lines]
        return money(total(amounts, currency).amount, currency)

    return events.OrderPlaced(
        order_id=str(order.id),
        person_id=id_or_none(terms.person_id),
        channel=terms.channel,
        order=_header(order),
        lines=[
            _line(line, line.terms.quantity, line.amounts.net, line.amounts.total, currency)
            for line in order.lines
        ],
        net=sum_of("net"),
        tax=sum_of("tax"),
        total=sum_of("total"),
        discount=sum_of("discount"),
        prices_include_tax=terms.prices_include_tax,
        quote_id=id_or_none(terms.quote_id),
        opportunity_id=id_or_none(terms.opportunity_id),
        external_ids=[ExternalId(system=one.system, id=one.id) for one in terms.external_ids],
        placed_at=moment(order.placed_at),
    )


def _confirmed(fact: OrderConfirmed) -> events.OrderConfirmed:
    order = fact.order
    return events.OrderConfirmed(
        order_id=str(order.id), order=_header(order), confirmed_at=moment(fact.at)
    )


def _delivered(fact: OrderDelivered) -> events.OrderDelivered:
    order, parts, currency = fact.order, fact.delivery.parts, fact.order.terms.currency
    return events.OrderDelivered(
        order_id=str(order.id),
        person_id=id_or_none(order.terms.person_id),
        order=_header(order),
        delivery_id=str(fact.delivery.id),
        lines=_parts(parts, currency),
        net=money(total([part.net for part in parts], currency).amount, currency),
        total=money(total([part.total for part in parts], currency).amount, currency),
        complete=fact.complete,
        delivered_at=moment(fact.delivery.at),
    )


def _returned(fact: OrderReturned) -> events.OrderReturned:
    order, parts, currency = fact.order, fact.returned.parts, fact.order.terms.currency
    return events.OrderReturned(
        order_id=str(order.id),
        person_id=id_or_none(order.terms.person_id),
        order=_header(order),
        return_id=str(fact.returned.id),
        lines=_parts(parts, currency),
        total=money(total([part.total for part in parts], currency).amount, currency),
        reason=fact.returned.reason,
        returned_at=moment(fact.returned.at),
    )


def _refunded(fact: OrderRefunded) -> events.OrderRefunded:
    order, refund, currency = fact.order, fact.refund, fact.order.terms.currency
    lines = [
        _line(line, Decimal(0), _net_of(line, amount, currency), amount, currency)
        for line in order.lines
        if (amount := refund.by_line.get(line.id)) is not None
    ]
    return events.OrderRefunded(
        order_id=str(order.id),
        person_id=id_or_none(order.terms.person_id),
        order=_header(order),
        refund_id=str(refund.id),
        return_id=id_or_none(refund.return_id),
        lines=lines,
        total=money(refund.amount, currency),
        refunded_so_far=money(fact.so_far, currency),
        reason=refund.reason,
        refunded_at=moment(refund.at),
    )


def _cancelled(fact: OrderCancelled) -> events.OrderCancelled:
    order = fact.order
    return events.OrderCancelled(
        order_id=str(order.id),
        person_id=id_or_none(order.terms.person_id),
        order=_header(order),
        reason=fact.reason,
        cancelled_at=moment(fact.at),
    )


def _header(order: Order) -> order_pb2.OrderHeader:
    terms = order.terms
    return order_pb2.OrderHeader(
        order_id=str(order.id),
        number=order.number,
        person_id=id_or_none(terms.person_id),
        company_id=id_or_none(terms.company_id),
        owner_id=id_or_none(terms.owner_id),
        channel=terms.channel,
        branch=terms.branch,
        placed_at=moment(order.placed_at),
        order_total=money(order.total.amount, terms.currency),
    )


def _parts(parts: Iterable[Part], currency: str) -> list[order_pb2.OrderLine]:
    return [
        _line(part.line, part.quantity, part.net, part.total, currency, part.serial_numbers)
        for part in parts
    ]


def _line(
    line: OrderLine,
    quantity: Decimal,
    net: Decimal,
    with_tax: Decimal,
    currency: str,
    serial_numbers: Iterable[str] = (),
) -> order_pb2.OrderLine:
    return order_pb2.OrderLine(
        line_id=str(line.id),
        product_id=id_or_none(line.product_id),
        sku=line.sku,
        name=line.name,
        category=line.category,
        quantity=decimal_out(quantity),
        unit_price=money(line.terms.unit_price, currency),
        net=money(net, currency),
        total=money(with_tax, currency),
        serial_numbers=serial_numbers,
    )


def _net_of(line: OrderLine, amount: Decimal, currency: str) -> Decimal:
    """The part of a refund that is no tax, at the line's own rate."""
    return rounded(amount * 100 / (100 + line.terms.tax_percent), currency)


ORDER_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    OrderPlaced: _placed,
    OrderConfirmed: _confirmed,
    OrderDelivered: _delivered,
    OrderReturned: _returned,
    OrderRefunded: _refunded,
    OrderCancelled: _cancelled,
}
