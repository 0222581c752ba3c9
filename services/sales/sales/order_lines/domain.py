"""What is on an order, and what the parts of it come to that are delivered or come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from chassis.domain import Invalid, Violation
from chassis.money import EXACT, rounded
from sales.document_lines.domain import LineAmounts, LineTerms, amounts_of

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A product on an order, and what it comes to."""

    id: UUID
    name: str
    terms: LineTerms
    amounts: LineAmounts
    product_id: UUID | None = None
    sku: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a line: delivered, or returned."""

    line_id: UUID
    quantity: Decimal
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A piece with what it comes to: its share of the line."""

    line: OrderLine
    quantity: Decimal
    net: Decimal
    total: Decimal
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Handover:
    """A delivery, or with a reason a return."""

    id: UUID
    at: datetime
    parts: tuple[Part, ...]
    reason: str = ""


def part_of(line: OrderLine, piece: Piece, before: Decimal, currency: str) -> Part:
    """What some of a line comes to, when `before` of it is spoken for.

    It is what the line comes to up to here, rounded, less what it came to before: so the parts of a
    line add up to the line, however it is cut.
    """
    upto, whole = before + piece.quantity, line.terms.quantity

    def share(amount: Decimal) -> Decimal:
        ends = (EXACT.divide(EXACT.multiply(amount, at), whole) for at in (upto, before))
        end, begin = (rounded(one, currency) for one in ends)
        return end - begin

    net, with_tax = share(line.amounts.net), share(line.amounts.total)
    return Part(line, piece.quantity, net, with_tax, piece.serial_numbers)


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it is ordered."""

    name: str
    terms: LineTerms
    product_id: UUID | None = None
    sku: str = ""
    category: str = ""


def priced(
    lines: Sequence[NewLine],
    ids: Sequence[UUID],
    currency: str,
    *,
    prices_include_tax: bool,
    discount: Decimal,
) -> tuple[OrderLine, ...]:
    """The lines with what they come to. Raises `Invalid` for a discount that is too large."""
    amounts = amounts_of(
        [line.terms for line in lines],
        currency,
        prices_include_tax=prices_include_tax,
        discount=discount,
    )
    return tuple(
        OrderLine(
            id=line_id,
            name=line.name,
            terms=line.terms,
            amounts=amount,
            product_id=line.product_id,
            sku=line.sku,
            category=line.category,
        )
        for line, line_id, amount in zip(lines, ids, amounts.lines, strict=True)
    )


def quantity_of(handovers: Sequence[Handover], line_id: UUID) -> Decimal:
    """How much of a line these handovers were about."""
    return sum(
        (part.quantity for one in handovers for part in one.parts if part.line.id == line_id),
        Decimal(0),
    )


def require_within(
    pieces: Sequence[Piece], left: Mapping[UUID, Decimal], code: str, where: str
) -> None:
    """Check quantities; each line is named once. Raises `Invalid` that points at what is wrong."""
    if not pieces:
        raise Invalid.at("/lines", "lines_missing", "A line is needed.")
    wrong: list[Violation] = []
    seen: set[UUID] = set()
    for place, piece in enumerate(pieces):
        at = f"/lines/{place}"
        if piece.line_id not in left:
            message = f"The order has no line {piece.line_id}."
            wrong.append(Violation(f"{at}/line_id", "line_unknown", message))
        elif piece.line_id in seen:
            message = "The line is named twice."
            wrong.append(Violation(f"{at}/line_id", "line_repeated", message))
        elif not 0 < piece.quantity <= left[piece.line_id]:
            message = f"It has to be more than 0; {left[piece.line_id]:f} are {where}."
            wrong.append(Violation(f"{at}/quantity", code, message))
        elif piece.serial_numbers and len(piece.serial_numbers) != piece.quantity:
            message = f"{piece.quantity:f} pieces need as many serial numbers, or none."
            wrong.append(Violation(f"{at}/serial_numbers", "serial_numbers_differ", message))
        seen.add(piece.line_id)
    if wrong:
        raise Invalid("Such lines cannot be.", violations=tuple(wrong))
