"""Reads orders, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import amount_out, decimal_out, money_out
from chassis.money import rounded, total
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.order_lines.domain import Handover, OrderLine
from sales.orders.domain import ExternalId, Order, OrderStatus
from sales.orders.storage import order_of, orders

_columns = orders.c
_listed = sa.select(*(column for column in _columns if column.name not in ("tenant_id", "content")))

ORDERS = ListSpec(
    key=_columns.id,
    sorts={"placed_at": _columns.placed_at, "number": _columns.number},
    default_sort="-placed_at",
    filters={
        "number": text_filter(_columns.number),
        "status": choice_filter(_columns.status, *OrderStatus),
        "person_id": uuid_filter(_columns.person_id),
        "company_id": uuid_filter(_columns.company_id),
        "owner_id": uuid_filter(_columns.owner_id),
        "opportunity_id": uuid_filter(_columns.opportunity_id),
        "quote_id": uuid_filter(_columns.quote_id),
        "channel": text_filter(_columns.channel),
        "branch": text_filter(_columns.branch),
        "placed_at": time_filter(_columns.placed_at),
    },
)


def get_order(reading: Reading, order_id: UUID) -> dict[str, Any]:
    """The order as the API shows one. Raises `NotFound`."""
    statement = sa.select(orders).where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == order_id
    )
    narrowed = reading.scope.narrow(statement, _columns.owner_id)
    row = reading.connection.execute(narrowed).mappings().first()
    if row is None:
        raise NotFound.of("order", order_id)
    return shown(order_of(row))


def get_order_by_external_id(reading: Reading, key: ExternalId) -> dict[str, Any]:
    """The order that another system calls this. Raises `NotFound`."""
    about = {"tenant_id": reading.caller.tenant_id, "system": key.system, "id": key.id}
    row = reading.fetch_one(_BY_EXTERNAL_ID, about)
    if row is None:
        raise NotFound(f"There is no order {key.id!r} of {key.system!r}.")
    return get_order(reading, row["order_id"])


def list_orders(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of orders."""
    base = _listed.where(_columns.tenant_id == reading.caller.tenant_id)
    base = reading.scope.narrow(base, _columns.owner_id)
    return listing.fetch(reading.connection, base, lambda row: _listed_of(row._mapping))


def shown(order: Order) -> dict[str, Any]:
    """An order as the API shows one, without reading it back."""
    terms, currency = order.terms, order.terms.currency
    sums = {
        name: money_out(total([getattr(one.amounts, name) for one in order.lines], currency))
        for name in ("list_amount", "discount", "net", "tax", "total")
    }
    return {
        "id": order.id,
        "version": order.version,
        "number": order.number,
        "status": order.status,
        **{name: getattr(terms, name) for name in _OF_TERMS},
        **sums,
        "refunded": amount_out(rounded(order.refunded, currency), currency),
        **{name: getattr(order, name) for name in _TIMES},
        "currency": currency,
        "prices_include_tax": terms.prices_include_tax,
        "external_ids": [{"system": one.system, "id": one.id} for one in terms.external_ids],
        "cancel_reason": order.cancel_reason,
        "lines": [_line(order, line) for line in order.lines],
        "deliveries": [{**_handover(one), "delivered_at": one.at} for one in order.deliveries],
        "returns": [
            {**_handover(one), "returned_at": one.at, "reason": one.reason} for one in order.returns
        ],
        "refunds": [
            {
                "id": one.id,
                "refunded_at": one.at,
                "reason": one.reason,
                "return_id": one.return_id,
                "amount": amount_out(one.amount, currency),
                "lines": [
                    {"line_id": line_id, "amount": f"{amount:f}"}
                    for line_id, amount in one.by_line.items()
                ],
            }
            for one in order.refunds
        ],
    }


_OF_TERMS = (
    "person_id",
    "company_id",
    "owner_id",
    "channel",
    "branch",
    "quote_id",
    "opportunity_id",
)
_TIMES = ("placed_at", "confirmed_at", "cancelled_at", "updated_at")
_LINE_TERMS = ("quantity", "unit_price", "discount_percent", "tax_percent")
_LINE_AMOUNTS = ("list_amount", "discount", "net", "tax", "total")


def _line(order: Order, line: OrderLine) -> dict[str, Any]:
    return {
        **{name: getattr(line, name) for name in ("id", "name", "product_id", "sku", "category")},
        **{name: decimal_out(getattr(line.terms, name)) for name in _LINE_TERMS},
        "discount_amount": f"{line.terms.discount_amount:f}",
        **{name: f"{getattr(line.amounts, name):f}" for name in _LINE_AMOUNTS},
        "delivered": decimal_out(order.delivered(line.id)),
        "returned": decimal_out(order.returned(line.id)),
        "refunded": f"{line.amounts.total - order.refundable(line):f}",
    }


def _handover(one: Handover) -> dict[str, Any]:
    lines = [
        {
            "line_id": part.line.id,
            "quantity": decimal_out(part.quantity),
            "net": f"{part.net:f}",
            "total": f"{part.total:f}",
            "serial_numbers": part.serial_numbers,
        }
        for part in one.parts
    ]
    return {"id": one.id, "lines": lines}


def _listed_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    order = {column.name: row[column] for column in _listed.selected_columns}
    currency = order.pop("currency")
    for name in ("total", "refunded"):
        order[name] = amount_out(rounded(order[name], currency), currency)
    return order


_BY_EXTERNAL_ID = Statement(
    "SELECT order_id FROM order_external_ids"
    " WHERE tenant_id = %(tenant_id)s AND system = %(system)s AND id = %(id)s"
)
