"""What people are credited with: what they won, or what was delivered of their orders.

Quotas and commissions count the same credits. What is won is credited with what it was worth on that
day. Of an order its net amounts are credited as they are delivered, without tax. What is paid back,
whenever that is, is taken off line by line: for a return off what was delivered, otherwise off what was
not delivered first. What is off the delivered part is off from the last delivery backwards: so it is off
the day on which it was credited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.money import EXACT, rounded
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
    """An amount in the base currency, for what and on which day.

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
    """All that an order is credited with, the earliest first.

    The movements of a line add up to its net amount once all of it was delivered and none paid back.
    """
    found = [one for line in order.lines for one in _movements_of_line(order, line)]
    return sorted(found, key=lambda one: (one.at, one.category))


def _movements_of_line(order: Order, line: OrderLine) -> Sequence[Movement]:
    if not line.amounts.total:
        return ()
    currency = order.terms.currency
    handed_over = sorted(
        (delivery.at, part.total)
        for delivery in order.deliveries
        for part in delivery.parts
        if part.line.id == line.id
    )
    whole = sum((amount for _, amount in handed_over), Decimal(0))
    kept = max(whole - _off_delivered(order, line, whole), Decimal(0))
    delivered = credited = Decimal(0)
    found = []
    for at, amount in handed_over:
        delivered += amount
        net = _net_of(line, min(delivered, kept), currency)
        if net != credited:
            found.append(Movement(at, line.category, net - credited))
        credited = net
    return found


def _off_delivered(order: Order, line: OrderLine, delivered: Decimal) -> Decimal:
    """What of the refunds of a line is for goods that the customer got, with tax."""
    for_returns = otherwise = Decimal(0)
    for one in order.refunds:
        if one.return_id is None:
            otherwise += one.by_line.get(line.id, Decimal(0))
        else:
            for_returns += one.by_line.get(line.id, Decimal(0))
    undelivered = line.amounts.total - delivered
    return max(otherwise - undelivered, Decimal(0)) + for_returns


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
