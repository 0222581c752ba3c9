"""Orders as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid, Violation
from chassis.http.body import Body, Moment
from chassis.http.money import DecimalIn, MoneyIn, MoneyOut, PercentIn, money_in, pointed
from chassis.money import minor_unit, money
from sales.document_lines.domain import LineTerms
from sales.names import Key, SalesChannel, Short
from sales.order_lines.domain import MOST_LINES, NewLine, Piece
from sales.orders.domain import ExternalId, OrderStatus, OrderTerms
from sales.orders.operations import RefundAsked

Quantity = Annotated[str, Field(max_length=20, pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$")]
SerialNumbers = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(max_length=1_000)
]


class ExternalIdIn(Body):
    system: Annotated[str, Field(min_length=1, max_length=50)]
    id: Annotated[str, Field(min_length=1, max_length=200)]


class OrderLineIn(Body):
    """A line. `discount_amount` comes off the whole line, after `discount_percent`."""

    name: Annotated[str, Field(min_length=1, max_length=300)]
    product_id: UUID | None = None
    sku: Short = ""
    category: Short = ""
    quantity: Quantity = "1"
    unit_price: DecimalIn
    discount_percent: PercentIn = "0"
    discount_amount: DecimalIn = "0"
    tax_percent: PercentIn = "0"


class OrderIn(Body):
    """A new order, of a person, a company, or a person at a company."""

    person_id: UUID | None = None
    company_id: UUID | None = None
    owner_id: UUID | None = None
    channel: SalesChannel = ""
    branch: Short = ""
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    prices_include_tax: bool = True
    discount: DecimalIn = "0"
    lines: Annotated[tuple[OrderLineIn, ...], Field(min_length=1, max_length=MOST_LINES)]
    opportunity_id: UUID | None = None
    external_ids: Annotated[tuple[ExternalIdIn, ...], Field(max_length=20)] = ()
    confirmed: bool = False
    placed_at: Moment | None = None


class PieceIn(Body):
    """Some of a line."""

    line_id: UUID
    quantity: Quantity
    serial_numbers: SerialNumbers = ()


Pieces = Annotated[tuple[PieceIn, ...], Field(min_length=1, max_length=MOST_LINES)]


class DeliveryIn(Body):
    """What was handed over; without lines, all that was left."""

    lines: Pieces | None = None
    delivered_at: Moment | None = None


class ReturnIn(Body):
    """What came back, and why, by the key of a reason of the kind `return`."""

    lines: Pieces
    reason: Key
    returned_at: Moment | None = None


class RefundLineIn(Body):
    line_id: UUID
    amount: DecimalIn


class RefundIn(Body):
    """What is paid back: an amount, amounts by line, or all that a return had come to."""

    reason: Key
    amount: MoneyIn | None = None
    lines: (
        Annotated[tuple[RefundLineIn, ...], Field(min_length=1, max_length=MOST_LINES)] | None
    ) = None
    return_id: UUID | None = None


class CancellationIn(Body):
    """Why, by the key of a reason of the kind `cancellation`."""

    reason: Key


class OrderLineOut(BaseModel):
    """A line; `net` and `tax` are `total`, and all discounts are off."""

    id: UUID
    name: str
    product_id: UUID | None
    sku: str
    category: str
    quantity: str
    unit_price: str
    discount_percent: str
    discount_amount: str
    tax_percent: str
    list_amount: str
    discount: str
    net: str
    tax: str
    total: str
    delivered: str
    returned: str
    refunded: str


class PartOut(BaseModel):
    line_id: UUID
    quantity: str
    net: str
    total: str
    serial_numbers: list[str]


class DeliveryOut(BaseModel):
    id: UUID
    delivered_at: datetime
    lines: list[PartOut]


class ReturnOut(BaseModel):
    id: UUID
    returned_at: datetime
    reason: str
    lines: list[PartOut]


class RefundedLineOut(BaseModel):
    line_id: UUID
    amount: str


class RefundOut(BaseModel):
    id: UUID
    refunded_at: datetime
    reason: str
    return_id: UUID | None
    amount: MoneyOut
    lines: list[RefundedLineOut]


class ListedOrderOut(BaseModel):
    """An order in a list."""

    id: UUID
    version: int
    number: str
    status: OrderStatus
    person_id: UUID | None
    company_id: UUID | None
    owner_id: UUID | None
    channel: str
    branch: str
    total: MoneyOut
    refunded: MoneyOut
    quote_id: UUID | None
    opportunity_id: UUID | None
    placed_at: datetime
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    updated_at: datetime


class OrderOut(ListedOrderOut):
    """An order; amounts within lines are in the order's currency."""

    currency: str
    prices_include_tax: bool
    list_amount: MoneyOut
    discount: MoneyOut
    net: MoneyOut
    tax: MoneyOut
    external_ids: list[ExternalIdIn]
    cancel_reason: str
    lines: list[OrderLineOut]
    deliveries: list[DeliveryOut]
    returns: list[ReturnOut]
    refunds: list[RefundOut]


def terms_in(body: OrderIn) -> OrderTerms:
    """What an order says besides its lines. Raises `Invalid` at what cannot be."""
    discount = pointed("/discount", lambda: money(body.discount, body.currency)).amount
    return OrderTerms(
        currency=body.currency,
        prices_include_tax=body.prices_include_tax,
        discount=discount,
        person_id=body.person_id,
        company_id=body.company_id,
        owner_id=body.owner_id,
        channel=body.channel,
        branch=body.branch,
        opportunity_id=body.opportunity_id,
        external_ids=tuple(ExternalId(one.system, one.id) for one in body.external_ids),
    )


def lines_in(body: OrderIn) -> list[NewLine]:
    """The lines that a body orders. Raises `Invalid` that names every one that cannot be."""
    wrong: list[Violation] = []
    lines: list[NewLine] = []
    minor_unit(body.currency)
    for place, line in enumerate(body.lines):
        try:
            lines.append(_line_in(line, body.currency, f"/lines/{place}"))
        except Invalid as error:
            wrong += error.violations
    if wrong:
        raise Invalid("Such lines cannot be.", violations=tuple(wrong))
    return lines


def _line_in(line: OrderLineIn, currency: str, at: str) -> NewLine:
    off = pointed(f"{at}/discount_amount", lambda: money(line.discount_amount, currency))
    if not Decimal(line.quantity):
        raise Invalid.at(f"{at}/quantity", "quantity_missing", "It has to be more than 0.")
    terms = LineTerms(
        unit_price=Decimal(line.unit_price),
        quantity=Decimal(line.quantity),
        discount_percent=Decimal(line.discount_percent),
        discount_amount=off.amount,
        tax_percent=Decimal(line.tax_percent),
    )
    return NewLine(
        name=line.name,
        terms=terms,
        product_id=line.product_id,
        sku=line.sku,
        category=line.category,
    )


def pieces_in(pieces: tuple[PieceIn, ...]) -> list[Piece]:
    """The pieces that a body names."""
    return [Piece(one.line_id, Decimal(one.quantity), one.serial_numbers) for one in pieces]


def refund_in(body: RefundIn, currency: str) -> RefundAsked:
    """What is to be paid back of an order in this currency.

    Raises `Invalid` for another currency, for what is finer than the minor unit, and for a body that
    does not say what, or says it twice.
    """
    if body.amount is not None and body.lines is not None:
        raise Invalid.at("/amount", "refund_ambiguous", "It is either an amount or lines.")
    if body.amount is None and body.lines is None and body.return_id is None:
        message = "One of amount, lines and return_id says what is paid back."
        raise Invalid.at("/amount", "refund_unsaid", message)
    amount = None
    if body.amount is not None:
        if body.amount.currency != currency:
            message = f"The order is in {currency}."
            raise Invalid.at("/amount/currency", "currency_differs", message)
        amount = money_in(body.amount, "/amount").amount
    by_line = None if body.lines is None else _by_line(body.lines, currency)
    return RefundAsked(body.reason, amount, by_line, body.return_id)


def _by_line(lines: tuple[RefundLineIn, ...], currency: str) -> dict[UUID, Decimal]:
    by_line: dict[UUID, Decimal] = {}
    for place, line in enumerate(lines):
        if line.line_id in by_line:
            raise Invalid.at(f"/lines/{place}/line_id", "line_repeated", "It is named twice.")
        by_line[line.line_id] = pointed(
            f"/lines/{place}", partial(money, line.amount, currency)
        ).amount
    return by_line
