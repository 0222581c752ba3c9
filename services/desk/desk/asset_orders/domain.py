"""What orders say of a product line: what was delivered and what came back, in whatever order it is heard.

Nothing is done by a fact alone. Each is kept, and what the customer has follows from all of them: so it
does not matter which comes first, and one that comes twice changes nothing.

A piece with a serial number is a thing of its own, which the customer has unless it came back later than
it was handed over. Pieces without are one thing for each delivery, with their number; what comes back
without a number is taken from these, from the oldest delivery first. Where all pieces of a line have
numbers and one comes back without, nobody can tell which: things stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from uuid import UUID

from desk.assets.domain import MOST_PIECES, Owner, serial_key


class MovementKind(StrEnum):
    """Which way goods went."""

    DELIVERY = "delivery"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Movement:
    """What one delivery, or one return, says of a line of an order; `key` names it."""

    kind: MovementKind
    key: str
    order_id: UUID
    order_number: str
    line_id: str
    product_sku: str
    name: str
    quantity: Decimal
    serial_numbers: tuple[str, ...]
    owner: Owner
    moved_at: datetime

    @property
    def unnumbered(self) -> Decimal:
        """How many pieces have no serial number."""
        return max(self.quantity - len(self.serial_numbers), Decimal(0))


@dataclass(frozen=True, slots=True)
class NumberedPiece:
    """A piece with a serial number, the delivery it last came with, and whether the customer has it.

    `moved_at` is when it last went either way.
    """

    serial_number: str
    delivery: Movement
    is_there: bool
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class UnnumberedPieces:
    """The pieces of a delivery without serial numbers: how many there were, and how many are left.

    `moved_at` is when some of the line last went either way, as far as it may concern them.
    """

    delivery: Movement
    delivered: int
    left: int
    moved_at: datetime


def numbered_pieces(movements: Sequence[Movement]) -> Sequence[NumberedPiece]:
    """What has become of the pieces of a line that have serial numbers."""
    deliveries: dict[str, tuple[str, Movement]] = {}
    returned: dict[str, datetime] = {}
    for movement in sorted(movements, key=lambda each: (each.moved_at, each.kind, each.key)):
        for serial in movement.serial_numbers:
            key = serial_key(serial)
            if not key:
                continue
            if movement.kind is MovementKind.DELIVERY:
                deliveries[key] = (serial, movement)
            else:
                returned[key] = movement.moved_at
    return [
        NumberedPiece(
            serial,
            delivery,
            key not in returned or returned[key] < delivery.moved_at,
            max(delivery.moved_at, returned.get(key, delivery.moved_at)),
        )
        for key, (serial, delivery) in sorted(deliveries.items())
    ]


def unnumbered_pieces(movements: Sequence[Movement]) -> Sequence[UnnumberedPieces]:
    """What is left of the pieces of a line that have no serial numbers, delivery by delivery."""
    in_order = sorted(movements, key=lambda each: (each.moved_at, each.key))
    returns = [one for one in in_order if one.kind is MovementKind.RETURN and one.unnumbered]
    gone = sum((one.unnumbered for one in returns), Decimal(0))
    pieces = []
    for delivery in in_order:
        if delivery.kind is MovementKind.RETURN or not delivery.unnumbered:
            continue
        taken = min(gone, delivery.unnumbered)
        gone -= taken
        delivered, left = delivery.unnumbered, delivery.unnumbered - taken
        # What came back may have been of any delivery: it is taken from the oldest.
        moved_at = max(one.moved_at for one in (delivery, *(returns if taken else ())))
        pieces.append(UnnumberedPieces(delivery, _whole(delivered), _whole(left), moved_at))
    return pieces


def _whole(quantity: Decimal) -> int:
    """Pieces, of what may be measured otherwise: a thing that was begun is a thing."""
    return min(int(quantity.to_integral_value(ROUND_CEILING)), MOST_PIECES)
