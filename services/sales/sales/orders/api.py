"""Orders over REST."""

from __future__ import annotations

from uuid import UUID

import orjson
from flask import Response

from chassis.domain import Invalid
from chassis.http.body import validate
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.orders import operations, queries
from sales.orders.domain import ExternalId, Order
from sales.orders.models import (
    CancellationIn,
    DeliveryIn,
    ExternalIdIn,
    ListedOrderOut,
    OrderIn,
    OrderOut,
    RefundIn,
    ReturnIn,
    lines_in,
    pieces_in,
    refund_in,
    terms_in,
)
from sales.orders.queries import shown
from sales.transaction import SalesTx

READ = "sales.orders.read"
WRITE = "sales.orders.write"
REFUND = "sales.orders.refund"

orders = Routes("/v1/sales/orders", tag="orders")


@orders.get("", permission=READ, listing=queries.ORDERS, returns=ListedOrderOut)
def list_orders(call: Call[SalesTx], listing: Listing) -> Reply:
    """List orders, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_orders, listing))


@orders.post("", permission=WRITE, body=OrderIn, returns=OrderOut, status=201, problems=(409,))
def place_order(call: Call[SalesTx], body: OrderIn) -> Response:
    """Place an order; with `confirmed` it may be delivered at once."""
    terms, lines, at = terms_in(body), lines_in(body), body.placed_at
    return call.run(
        lambda tx: operations.Placed(
            operations.place_order(tx, terms, lines, confirm=body.confirmed, placed_at=at)
        ),
        _placed,
    )


@orders.get("/<uuid:order_id>", permission=READ, returns=OrderOut)
def get_order(call: Call[SalesTx], order_id: UUID) -> Reply:
    """Get an order with all that became of it."""
    order = call.read(queries.get_order, order_id)
    return Reply(order, version=order["version"])


@orders.get(
    "/by-external-id/<system>/<path:external_id>",
    permission=READ,
    returns=OrderOut,
    problems=(422,),
)
def get_order_by_external_id(call: Call[SalesTx], system: str, external_id: str) -> Reply:
    """Get an order by what another system calls it."""
    order = call.read(queries.get_order_by_external_id, _key(system, external_id))
    return Reply(order, version=order["version"])


@orders.put(
    "/by-external-id/<system>/<path:external_id>",
    permission=WRITE,
    body=OrderIn,
    returns=OrderOut,
    problems=(409,),
)
def place_order_once(call: Call[SalesTx], body: OrderIn, system: str, external_id: str) -> Response:
    """Place the order with this external id, once.

    201 with `Location` for a new order. One that is there stays as it is, since what was ordered
    does not change: 200.
    """
    key, terms, lines = _key(system, external_id), terms_in(body), lines_in(body)
    at = body.placed_at
    return call.run(
        lambda tx: operations.place_order_once(
            tx, key, terms, lines, confirm=body.confirmed, placed_at=at
        ),
        _placed,
    )


@orders.post(
    "/<uuid:order_id>/confirm",
    permission=WRITE,
    returns=OrderOut,
    conditional=True,
    problems=(409,),
)
def confirm_order(call: Call[SalesTx], order_id: UUID) -> Response:
    """Promise to deliver an order."""
    return call.run(lambda tx: operations.confirm_order(tx, order_id), _shown)


@orders.post(
    "/<uuid:order_id>/deliver",
    permission=WRITE,
    body=DeliveryIn,
    returns=OrderOut,
    conditional=True,
    problems=(409,),
)
def deliver_order(call: Call[SalesTx], body: DeliveryIn, order_id: UUID) -> Response:
    """Hand over an order, or a part of it, with serial numbers where there are any."""
    pieces = None if body.lines is None else pieces_in(body.lines)
    at = body.delivered_at
    return call.run(lambda tx: operations.deliver_order(tx, order_id, pieces, at), _shown)


@orders.post(
    "/<uuid:order_id>/return",
    permission=WRITE,
    body=ReturnIn,
    returns=OrderOut,
    conditional=True,
    problems=(409,),
)
def return_goods(call: Call[SalesTx], body: ReturnIn, order_id: UUID) -> Response:
    """Take goods back that were delivered; money is paid back by a refund."""
    pieces, at = pieces_in(body.lines), body.returned_at
    return call.run(
        lambda tx: operations.return_goods(tx, order_id, pieces, body.reason, at), _shown
    )


@orders.post(
    "/<uuid:order_id>/refund",
    permission=REFUND,
    body=RefundIn,
    returns=OrderOut,
    conditional=True,
    problems=(409,),
)
def refund_order(call: Call[SalesTx], body: RefundIn, order_id: UUID) -> Response:
    """Pay money back: an amount, amounts by line, or what a return had come to.

    Never more than the order comes to, nor for a line more than the line does.
    """

    def refund(tx: SalesTx) -> Order:
        currency = tx.orders.get(order_id).terms.currency
        return operations.refund_order(tx, order_id, refund_in(body, currency))

    return call.run(refund, _shown)


@orders.post(
    "/<uuid:order_id>/cancel",
    permission=WRITE,
    body=CancellationIn,
    returns=OrderOut,
    conditional=True,
    problems=(409,),
)
def cancel_order(call: Call[SalesTx], body: CancellationIn, order_id: UUID) -> Response:
    """Call an order off, as long as nothing was delivered."""
    return call.run(lambda tx: operations.cancel_order(tx, order_id, body.reason), _shown)


def _placed(_tx: SalesTx, placed: operations.Placed) -> Reply:
    order = placed.order
    if placed.new:
        return Reply.created(f"{orders.prefix}/{order.id}", shown(order), order.version)
    return Reply(shown(order), version=order.version)


def _shown(_tx: SalesTx, order: Order) -> Reply:
    return Reply(shown(order), version=order.version)


def _key(system: str, external_id: str) -> ExternalId:
    """The external id that a path names. Raises a 422 problem for one that none can be."""
    for pointer, text in (("system", system), ("external_id", external_id)):
        if "\x00" in text:
            raise Invalid.at(pointer, "contains_nul", "It contains the character U+0000.")
    given = validate(ExternalIdIn, orjson.dumps({"system": system, "id": external_id}))
    return ExternalId(given.system, given.id)
