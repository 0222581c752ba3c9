"""Finds what people are credited with on some days, in the base currency."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Conflict
from chassis.money import EXACT, rounded
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.exchange_rates.storage import rate_in_force
from sales.opportunities.domain import OpportunityState
from sales.opportunities.storage import opportunities
from sales.orders.domain import Order, OrderStatus
from sales.orders.storage import order_of, orders
from sales.periods.domain import Period
from sales.sales_credits.domain import Basis, Credit, Source, movements_of


def credits_of(
    reading: Reading | UnitOfWork,
    basis: Basis,
    user_ids: Collection[UUID],
    period: Period,
    currency: str,
) -> Mapping[UUID, list[Credit]]:
    """What these people are credited with in a period, the earliest first.

    `currency` is the base currency. Raises `Conflict` when no exchange rate holds on the day of a
    delivery.
    """
    found: dict[UUID, list[Credit]] = {one: [] for one in user_ids}
    look = _won if basis is Basis.WON else _delivered
    for owner_id, credit in look(reading, user_ids, period, currency):
        found[owner_id].append(credit)
    for given in found.values():
        given.sort(key=lambda one: (one.on, one.source_id, one.category))
    return found


def deals_won(
    reading: Reading | UnitOfWork, user_ids: Collection[UUID], period: Period
) -> Mapping[UUID, int]:
    """How many opportunities each of these people has won in a period."""
    columns = opportunities.c
    statement = _won_in(
        reading, sa.select(columns.owner_id, sa.func.count().label("deals")), user_ids, period
    ).group_by(columns.owner_id)
    return {row.owner_id: row.deals for row in reading.connection.execute(statement)}


def _won_in(
    reading: Reading | UnitOfWork,
    statement: sa.Select[Any],
    user_ids: Collection[UUID],
    period: Period,
) -> sa.Select[Any]:
    columns = opportunities.c
    return statement.where(
        columns.tenant_id == reading.caller.tenant_id,
        columns.state == OpportunityState.WON,
        columns.closed_at >= period.begins_at,
        columns.closed_at < period.ends_at,
        columns.owner_id.in_(user_ids),
    )


def _won(
    reading: Reading | UnitOfWork, user_ids: Collection[UUID], period: Period, currency: str
) -> Iterator[tuple[UUID, Credit]]:
    columns = opportunities.c
    wanted = sa.select(columns.id, columns.owner_id, columns.closed_at, columns.base_amount)
    statement = _won_in(reading, wanted, user_ids, period).where(columns.base_amount.isnot(None))
    for row in reading.connection.execute(statement):
        amount = rounded(row.base_amount, currency)
        yield (
            row.owner_id,
            Credit(Source.OPPORTUNITY, row.id, "", row.closed_at.date(), amount),
        )


def _delivered(
    reading: Reading | UnitOfWork, user_ids: Collection[UUID], period: Period, currency: str
) -> Iterator[tuple[UUID, Credit]]:
    columns = orders.c
    # Whatever happens to an order raises `updated_at` at least to that moment.
    statement = sa.select(orders).where(
        columns.tenant_id == reading.caller.tenant_id,
        columns.owner_id.in_(user_ids),
        columns.status.in_((OrderStatus.PARTLY_DELIVERED, OrderStatus.DELIVERED)),
        columns.updated_at >= period.begins_at,
    )
    rates = _Rates(reading, currency)
    for row in reading.connection.execute(statement).mappings().all():
        order = order_of(row)
        for credit in _credits_of_order(order, period, rates):
            yield row["owner_id"], credit


def _credits_of_order(order: Order, period: Period, rates: _Rates) -> Iterator[Credit]:
    for one in movements_of(order):
        day = one.at.date()
        if day in period:
            amount = rates.in_base(one.amount, order.terms.currency, day)
            yield Credit(Source.ORDER, order.id, one.category, day, amount)


class _Rates:
    """Values amounts by the rate of their day, and asks for each rate once."""

    def __init__(self, reading: Reading | UnitOfWork, base: str) -> None:
        self._reading = reading
        self._base = base
        self._known: dict[tuple[str, date], Decimal] = {}

    def in_base(self, amount: Decimal, currency: str, on: date) -> Decimal:
        """What an amount is worth. Raises `Conflict` when no rate holds on the day."""
        if currency == self._base:
            return amount
        key = (currency, on)
        if key not in self._known:
            found = rate_in_force(self._reading, currency, self._base, on)
            if found is None:
                raise Conflict(
                    f"No exchange rate from {currency} to {self._base} holds on {on}.",
                    code="exchange_rate_missing",
                )
            self._known[key] = found[0]
        return rounded(EXACT.multiply(amount, self._known[key]), self._base)
