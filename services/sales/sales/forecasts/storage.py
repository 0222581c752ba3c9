"""How adjustments of forecasts are kept: a row each, which nobody can change any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.money import rounded
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.forecasts.domain import Adjustable, ForecastAdjustment
from sales.periods.domain import Period

_uuid = PgUUID(as_uuid=True)
_word = sa.Text(collation="C")

forecast_adjustments = sa.Table(
    "forecast_adjustments",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("first_on", sa.Date, nullable=False),
    sa.Column("last_on", sa.Date, nullable=False),
    sa.Column("figure", _word, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("amount", sa.Numeric(20, 4)),
    sa.Column("unadjusted", sa.Numeric(20, 4), nullable=False),
    sa.Column("currency", _word, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("adjusted_by", _word, nullable=False),
    sa.Column("adjusted_at", sa.DateTime(timezone=True), nullable=False),
)
NUMBERED = "forecast_adjustments_numbered"
"""Broken when two adjust the same figure at the same time."""


class ForecastAdjustmentsRepository(Repository[ForecastAdjustment]):
    """Adjustments, to be added to."""

    table = forecast_adjustments
    kind = "forecast adjustment"

    def last(self, user_id: UUID, period: Period, figure: Adjustable) -> tuple[int, bool]:
        """How many there are of a figure, and whether the last one holds an amount."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "user_id": user_id,
            "first_on": period.first,
            "last_on": period.last,
            "figure": figure,
        }
        row = self._tx.fetch_one(_LAST, about)
        return (0, False) if row is None else (row["number"], row["amount"] is not None)

    def _aggregate(self, row: sa.RowMapping) -> ForecastAdjustment:
        return adjustment_of(row)

    def _row(self, aggregate: ForecastAdjustment) -> dict[str, Any]:
        return {
            "user_id": aggregate.user_id,
            "first_on": aggregate.period.first,
            "last_on": aggregate.period.last,
            "figure": aggregate.figure,
            "number": aggregate.number,
            "amount": aggregate.amount,
            "unadjusted": aggregate.unadjusted.amount,
            "currency": aggregate.unadjusted.currency,
            "reason": aggregate.reason,
            "adjusted_by": aggregate.adjusted_by,
            "adjusted_at": aggregate.adjusted_at,
        }


def adjustment_of(row: Mapping[str, Any] | sa.RowMapping) -> ForecastAdjustment:
    """The adjustment that a row of the table stands for."""
    currency, amount = row["currency"], row["amount"]
    return ForecastAdjustment(
        id=row["id"],
        version=row["version"],
        user_id=row["user_id"],
        period=Period(row["first_on"], row["last_on"]),
        figure=Adjustable(row["figure"]),
        number=row["number"],
        amount=None if amount is None else rounded(amount, currency),
        unadjusted=Money(rounded(row["unadjusted"], currency), currency),
        reason=row["reason"],
        adjusted_by=row["adjusted_by"],
        adjusted_at=row["adjusted_at"],
    )


def adjusted_figures(
    reading: Reading | UnitOfWork, period: Period
) -> Mapping[UUID, Mapping[Adjustable, Decimal]]:
    """What is expected of people in place of what their opportunities say."""
    about = {
        "tenant_id": reading.caller.tenant_id,
        "first_on": period.first,
        "last_on": period.last,
    }
    rows: Sequence[Mapping[str, Any]] = reading.fetch_all(_IN_FORCE, about)
    found: dict[UUID, dict[Adjustable, Decimal]] = {}
    for row in rows:
        if row["amount"] is not None:
            amount = rounded(row["amount"], row["currency"])
            found.setdefault(row["user_id"], {})[Adjustable(row["figure"])] = amount
    return found


_LAST = Statement(
    "SELECT number, amount FROM forecast_adjustments WHERE tenant_id = %(tenant_id)s"
    " AND user_id = %(user_id)s AND first_on = %(first_on)s AND last_on = %(last_on)s"
    " AND figure = %(figure)s ORDER BY number DESC LIMIT 1"
)
_IN_FORCE = Statement(
    "SELECT DISTINCT ON (user_id, figure) user_id, figure, amount, currency"
    " FROM forecast_adjustments WHERE tenant_id = %(tenant_id)s"
    " AND first_on = %(first_on)s AND last_on = %(last_on)s"
    " ORDER BY user_id, figure, number DESC"
)
