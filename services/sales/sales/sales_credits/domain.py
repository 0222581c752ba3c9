"""What people are credited with: what they won, or what was delivered of their orders.

Quotas and commissions count the same credits. What is won is credited with what it was worth on that
day. Of an order its net amounts are credited as they are delivered, without tax; what is paid back is
taken off again, line by line, but never more than was delivered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sales.money.domain import EXACT, rounded
from sales.order_lines.domain import OrderLine
from sales.orders.domain import Order


class Basis(StrEnum):
    """When somebody is credited: as a deal is won, or as the goods are delivered."""

    WON = "won"
    DELIVERED = "delivered"


class Source(StrEnum):
    """What somebody is credited for."""

    OPPORTUNITY = "opportunity"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Credit:
    """An amount in the base currency, for what and on which day; negative for what was paid back.

    `category` is that of the products, empty for an opportunity.
    """

    source: Source
    source_id: UUID
    category: str
    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Movement:
    """What an order was credited with at a moment, net, in its own currency."""

    at: datetime
    category: str
    amount: Decimal


def movements_of(order: Order) -> Sequence[Movement]:
    """All that an order was credited with and what was taken off again, the earliest first.

    The movements of a line add up to its net amount once all of it was delivered and none paid back.
    """
    found = [one for line in order.lines for one in _movements_of_line(order, line)]
    return sorted(found, key=lambda one: (one.at, one.category))


def _movements_of_line(order: Order, line: OrderLine) -> Sequence[Movement]:
    if not line.amounts.total:
        return ()
    changes = [
        *(
            (delivery.at, part.total, Decimal(0))
            for delivery in order.deliveries
            for part in delivery.parts
            if part.line.id == line.id
        ),
        *(
            (refund.at, Decimal(0), refund.by_line[line.id])
            for refund in order.refunds
            if line.id in refund.by_line
        ),
    ]
    delivered = refunded = credited = Decimal(0)
    found = []
    for at, handed_over, paid_back in sorted(changes, key=lambda one: one[0]):
        delivered, refunded = delivered + handed_over, refunded + paid_back
        net = _net_of(line, max(delivered - refunded, Decimal(0)), order.terms.currency)
        if net != credited:
            found.append(Movement(at, line.category, net - credited))
        credited = net
    return found


def _net_of(line: OrderLine, with_tax: Decimal, currency: str) -> Decimal:
    share = EXACT.divide(EXACT.multiply(with_tax, line.amounts.net), line.amounts.total)
    return rounded(share, currency)


Key = tuple[Source, UUID, str]
"""What credits of the same deal and category have in common."""


def added_up(given: Sequence[Credit]) -> Mapping[Key, Credit]:
    """One credit for each deal and category, on the day of the last; those of nothing are left out."""
    found: dict[Key, Credit] = {}
    for one in given:
        key = (one.source, one.source_id, one.category)
        known = found.get(key)
        amount = one.amount if known is None else known.amount + one.amount
        on = one.on if known is None else max(known.on, one.on)
        found[key] = Credit(one.source, one.source_id, one.category, on, amount)
    return {key: one for key, one in found.items() if one.amount}
