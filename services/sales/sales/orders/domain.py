"""What an order is and what may happen to one: placed, confirmed, delivered in parts, returned, refunded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Money
from chassis.money import EXACT, apportioned, total
from sales.order_lines.domain import (
    Handover,
    OrderLine,
    Part,
    Piece,
    part_of,
    quantity_of,
    require_within,
)


class OrderStatus(StrEnum):
    """How far an order is."""

    PLACED = "placed"
    CONFIRMED = "confirmed"
    PARTLY_DELIVERED = "partly_delivered"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ExternalId:
    """What another system calls an order."""

    system: str
    id: str


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that was paid back, and for which lines."""

    id: UUID
    at: datetime
    amount: Decimal
    by_line: Mapping[UUID, Decimal]
    reason: str
    return_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What an order says besides its lines."""

    currency: str
    prices_include_tax: bool = True
    discount: Decimal = Decimal(0)
    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    channel: str = ""
    branch: str = ""
    quote_id: UUID | None = None
    opportunity_id: UUID | None = None
    external_ids: tuple[ExternalId, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderPlaced(Fact):
    """Somebody has ordered."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderConfirmed(Fact):
    """The tenant has promised to deliver."""

    order: Order
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderDelivered(Fact):
    """Something of the order was handed over."""

    order: Order
    delivery: Handover
    complete: bool


@dataclass(frozen=True, slots=True)
class OrderReturned(Fact):
    """Goods came back."""

    order: Order
    returned: Handover


@dataclass(frozen=True, slots=True)
class OrderRefunded(Fact):
    """Money was paid back."""

    order: Order
    refund: Refund
    so_far: Decimal


@dataclass(frozen=True, slots=True)
class OrderCancelled(Fact):
    """The order is off."""

    order: Order
    reason: str
    at: datetime


@dataclass(kw_only=True)
class Order(Aggregate):
    """Goods and services that a customer has ordered."""

    number: str
    terms: OrderTerms
    lines: tuple[OrderLine, ...]
    placed_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    deliveries: tuple[Handover, ...] = ()
    returns: tuple[Handover, ...] = ()
    refunds: tuple[Refund, ...] = ()

    @property
    def status(self) -> OrderStatus:
        """How far it is."""
        if self.cancelled_at is not None:
            return OrderStatus.CANCELLED
        if self.deliveries:
            done = all(self.delivered(one.id) == one.terms.quantity for one in self.lines)
            return OrderStatus.DELIVERED if done else OrderStatus.PARTLY_DELIVERED
        return OrderStatus.PLACED if self.confirmed_at is None else OrderStatus.CONFIRMED

    @property
    def total(self) -> Money:
        """What it comes to, with tax."""
        return total([line.amounts.total for line in self.lines], self.terms.currency)

    @property
    def refunded(self) -> Decimal:
        """What was paid back so far."""
        return sum((refund.amount for refund in self.refunds), Decimal(0))

    def delivered(self, line_id: UUID) -> Decimal:
        """How much of a line was handed over."""
        return quantity_of(self.deliveries, line_id)

    def returned(self, line_id: UUID) -> Decimal:
        """How much of a line came back."""
        return quantity_of(self.returns, line_id)

    def place(self) -> None:
        """Say that it is there. Raises `Invalid` for an order of nothing or of nobody."""
        if self.terms.person_id is None and self.terms.company_id is None:
            message = "An order is a person's or a company's: person_id or company_id is needed."
            raise Invalid.at("/person_id", "customer_missing", message)
        if not self.lines:
            raise Invalid.at("/lines", "lines_missing", "An order needs a line.")
        self.record(OrderPlaced(self))

    def confirm(self, now: datetime) -> None:
        """Promise to deliver. Raises `Conflict` for one that is cancelled; twice is no error."""
        self._require_standing()
        if self.confirmed_at is None:
            self.confirmed_at = self.updated_at = now
            self.record(OrderConfirmed(self, now))

    def deliver(self, delivery_id: UUID, pieces: Sequence[Piece], at: datetime) -> None:
        """Hand over some of it.

        Raises `Conflict` unless it is confirmed, `Invalid` for more than is left of a line, and for
        serial numbers that do not go with the quantity.
        """
        self._require_standing()
        if self.confirmed_at is None:
            raise Conflict("The order is not confirmed yet.", code="order_not_confirmed")
        left = {one.id: one.terms.quantity - self.delivered(one.id) for one in self.lines}
        require_within(pieces, left, "quantity_undeliverable", "left to deliver")
        parts = self._parts(pieces, self.deliveries)
        delivery = Handover(delivery_id, at, parts)
        self.deliveries = (*self.deliveries, delivery)
        complete = self.status is OrderStatus.DELIVERED
        self._changed(at, OrderDelivered(self, delivery, complete))

    def take_back(
        self, return_id: UUID, pieces: Sequence[Piece], reason: str, at: datetime
    ) -> None:
        """Have goods come back. Raises `Invalid` for more than is out there of a line."""
        self._require_standing()
        out = {one.id: self.delivered(one.id) - self.returned(one.id) for one in self.lines}
        require_within(pieces, out, "quantity_not_out", "with the customer")
        returned = Handover(return_id, at, self._parts(pieces, self.returns), reason)
        self.returns = (*self.returns, returned)
        self._changed(at, OrderReturned(self, returned))

    def refund(self, refund: Refund) -> None:
        """Pay money back.

        Raises `Conflict` for more than was not paid back yet, of the order, a line or the return
        that it is for, `Invalid` for a return or a line that there is not.
        """
        so_far = EXACT.add(self.refunded, refund.amount)
        if so_far > self.total.amount:
            left = self.total.amount - self.refunded
            raise Conflict(
                f"Of {self.total.amount:f} {self.terms.currency} only {left:f} are left to refund.",
                code="refund_too_large",
            )
        self._require_lines_refundable(refund.by_line)
        if refund.return_id is not None:
            self._require_return_refundable(refund.return_id, refund.by_line)
        self.refunds = (*self.refunds, refund)
        self._changed(refund.at, OrderRefunded(self, refund, so_far))

    def cancel(self, reason: str, now: datetime) -> None:
        """Call it off. Raises `Conflict` once something was delivered."""
        if self.cancelled_at is not None:
            return
        if self.deliveries:
            message = "Something was delivered already: take it back and refund it instead."
            raise Conflict(message, code="order_delivered")
        self.cancelled_at, self.cancel_reason = now, reason
        self._changed(now, OrderCancelled(self, reason, now))

    def refundable(self, line: OrderLine) -> Decimal:
        """What of a line was not paid back yet."""
        paid = sum((one.by_line.get(line.id, Decimal(0)) for one in self.refunds), Decimal(0))
        return line.amounts.total - paid

    def shared_out(self, amount: Decimal, return_id: UUID | None = None) -> dict[UUID, Decimal]:
        """An amount for the order, or a return, as a whole, by lines: as what is left of each.

        Raises `Invalid` when there is no such return.
        """
        left = {line.id: self.refundable(line) for line in self.lines}
        if return_id is not None:
            left = self.refundable_return(return_id)
        shares = apportioned(Money(amount, self.terms.currency), list(left.values()))
        return {line_id: share for line_id, share in zip(left, shares, strict=True) if share}

    def refundable_return(self, return_id: UUID) -> dict[UUID, Decimal]:
        """What the lines of a return had come to, less what was paid back for that return already.

        Raises `Invalid` when there is no such return.
        """
        returned = next((one for one in self.returns if one.id == return_id), None)
        if returned is None:
            raise Invalid.at("/return_id", "return_unknown", "The order has no such return.")
        left = {part.line.id: part.total for part in returned.parts}
        for earlier in self.refunds:
            if earlier.return_id == return_id:
                for line_id, amount in earlier.by_line.items():
                    # What was paid before refunds were held to their return may be more than it.
                    left[line_id] = max(left.get(line_id, Decimal(0)) - amount, Decimal(0))
        return left

    def _parts(self, pieces: Sequence[Piece], before: Sequence[Handover]) -> tuple[Part, ...]:
        lines, currency = {line.id: line for line in self.lines}, self.terms.currency
        return tuple(
            part_of(lines[piece.line_id], piece, quantity_of(before, piece.line_id), currency)
            for piece in pieces
        )

    def _require_standing(self) -> None:
        if self.cancelled_at is not None:
            raise Conflict("The order was cancelled.", code="order_cancelled")

    def _require_lines_refundable(self, by_line: Mapping[UUID, Decimal]) -> None:
        lines = {line.id: line for line in self.lines}
        for line_id, amount in by_line.items():
            if line_id not in lines:
                raise Invalid.at("/lines", "line_unknown", f"The order has no line {line_id}.")
            left = self.refundable(lines[line_id])
            if amount > left:
                raise Conflict(
                    f"Of the line {lines[line_id].name!r} only {left:f} are left to refund.",
                    code="refund_too_large",
                )

    def _require_return_refundable(self, return_id: UUID, by_line: Mapping[UUID, Decimal]) -> None:
        returned = self.refundable_return(return_id)
        for line in self.lines:
            left = returned.get(line.id, Decimal(0))
            if by_line.get(line.id, Decimal(0)) > left:
                raise Conflict(
                    f"Of the line {line.name!r} only {left:f} are left to refund for the return.",
                    code="refund_too_large",
                )

    def _changed(self, now: datetime, fact: Fact) -> None:
        self.updated_at = max(self.updated_at, now)
        self.record(fact)
