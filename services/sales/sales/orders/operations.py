"""What users and accepted quotes do to orders; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from chassis.domain import Invalid, Violation
from sales.order_lines.domain import NewLine, Piece, priced
from sales.orders.domain import ExternalId, Order, OrderStatus, OrderTerms, Refund
from sales.people.named import current_or_none
from sales.reasons.domain import ReasonKind
from sales.reasons.operations import require_reason
from sales.subscriptions.ordered import start_when_delivered
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that is there now; `new` unless it was known by its external id."""

    order: Order
    new: bool = True


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """What is to be paid back: an amount, amounts by line, or all that is left of a return."""

    reason: str
    amount: Decimal | None = None
    by_line: Mapping[UUID, Decimal] | None = None
    return_id: UUID | None = None


def place_order(
    tx: SalesTx,
    terms: OrderTerms,
    lines: Sequence[NewLine],
    *,
    confirm: bool = False,
    placed_at: datetime | None = None,
) -> Order:
    """Place an order, directly or for an accepted quote; with `confirm` promise to deliver it, too.

    It is the caller's own unless the terms name an owner. Raises `Invalid`, `Conflict` when an
    external id is taken or the quote has an order already.
    """
    now = tx.clock.now()
    at = _not_ahead(placed_at, now, "/placed_at")
    owner_id = terms.owner_id or tx.caller.user_id
    person_id = current_or_none(tx, terms.person_id)
    terms = replace(terms, owner_id=owner_id, person_id=person_id)
    order = Order(
        id=tx.ids.new(),
        number="",
        terms=terms,
        lines=priced(
            lines,
            [tx.ids.new() for _ in lines],
            terms.currency,
            prices_include_tax=terms.prices_include_tax,
            discount=terms.discount,
        ),
        placed_at=at,
        updated_at=now,
    )
    order.place()
    # Last of all, since others who place an order wait for this number until the commit.
    order.number = tx.orders.next_number(at.year)
    if confirm:
        order.confirm(now)
    tx.orders.add(order)
    return order


def place_order_once(
    tx: SalesTx,
    key: ExternalId,
    terms: OrderTerms,
    lines: Sequence[NewLine],
    *,
    confirm: bool = False,
    placed_at: datetime | None = None,
) -> Placed:
    """Place the order that another system calls this, unless it is there; then it stays as it is."""
    known = tx.orders.by_external_id(key)
    if known is not None:
        return Placed(known, new=False)
    tx.try_again_on("order_external_ids_unique")
    others = [one for one in terms.external_ids if one.system != key.system]
    terms = replace(terms, external_ids=(key, *others))
    return Placed(place_order(tx, terms, lines, confirm=confirm, placed_at=placed_at))


def confirm_order(tx: SalesTx, order_id: UUID) -> Order:
    """Promise to deliver. Raises `NotFound`, `Conflict` for a cancelled one."""
    order = tx.orders.get(order_id)
    order.confirm(tx.clock.now())
    return order


def deliver_order(
    tx: SalesTx, order_id: UUID, pieces: Sequence[Piece] | None, at: datetime | None
) -> Order:
    """Hand over pieces; without any, all that is left. Once it is all, subscriptions on it begin.

    Raises `NotFound`, `Conflict` unless it is confirmed, `Invalid` for more than is left.
    """
    order = tx.orders.get(order_id)
    if pieces is None:
        left = ((one.id, one.terms.quantity - order.delivered(one.id)) for one in order.lines)
        pieces = [Piece(line_id, quantity) for line_id, quantity in left if quantity]
    when = _not_ahead(at, tx.clock.now(), "/delivered_at")
    order.deliver(tx.ids.new(), pieces, when)
    if order.status is OrderStatus.DELIVERED:
        start_when_delivered(tx, order)
    return order


def return_goods(
    tx: SalesTx, order_id: UUID, pieces: Sequence[Piece], reason: str, at: datetime | None
) -> Order:
    """Have goods come back. Raises `NotFound`, `Conflict`, `Invalid`."""
    order = tx.orders.get(order_id)
    require_reason(tx, ReasonKind.RETURN, reason)
    when = _not_ahead(at, tx.clock.now(), "/returned_at")
    order.take_back(tx.ids.new(), pieces, reason, when)
    return order


def refund_order(tx: SalesTx, order_id: UUID, asked: RefundAsked) -> Order:
    """Pay money back. Raises `NotFound`, `Invalid`, `Conflict` for more than is left."""
    order = tx.orders.get(order_id)
    require_reason(tx, ReasonKind.REFUND, asked.reason)
    by_line = _by_line(order, asked)
    amount = sum(by_line.values(), Decimal(0))
    if not amount > 0:
        raise Invalid.at("/amount", "refund_of_nothing", "There is nothing to refund.")
    order.refund(
        Refund(tx.ids.new(), tx.clock.now(), amount, by_line, asked.reason, asked.return_id)
    )
    return order


def cancel_order(tx: SalesTx, order_id: UUID, reason: str) -> Order:
    """Call an order off. Raises `NotFound`, `Invalid`, `Conflict` once something was delivered."""
    order = tx.orders.get(order_id)
    require_reason(tx, ReasonKind.CANCELLATION, reason)
    order.cancel(reason, tx.clock.now())
    return order


def _by_line(order: Order, asked: RefundAsked) -> Mapping[UUID, Decimal]:
    if asked.by_line is not None:
        return asked.by_line
    if asked.amount is None:
        return {} if asked.return_id is None else order.refundable_return(asked.return_id)
    left = order.total.amount - order.refunded
    # What is too much is refused by the order itself; it cannot be shared out any more.
    if asked.amount > left:
        return {order.lines[0].id: asked.amount}
    return order.shared_out(asked.amount, asked.return_id)


def _not_ahead(given: datetime | None, now: datetime, pointer: str) -> datetime:
    if given is not None and given > now:
        violation = Violation(pointer, "in_future", "It cannot be later than now.")
        raise Invalid("That has not happened yet.", violations=(violation,))
    return given or now
