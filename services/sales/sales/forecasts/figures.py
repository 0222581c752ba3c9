"""Adds up the opportunities of a period, by the people whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.money import EXACT, rounded
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.forecasts.domain import Deals, Figures
from sales.opportunities.domain import OpportunityState
from sales.opportunities.storage import opportunities
from sales.periods.domain import Period
from sales.pipelines.domain import ForecastCategory

_columns = opportunities.c
_CLOSED = "closed"


def figures_by_owner(
    reading: Reading | UnitOfWork, period: Period, currency: str, scope: Scope
) -> Mapping[UUID | None, Figures]:
    """What each person has in a period, in the base currency; None is what nobody owns.

    What was won counts in the period of the day on which it was, what is open in that of the day on
    which it is expected to be. Amounts are as they were valued: by the rate of the day on which they
    were entered, or of the day on which the opportunity was won.
    """
    found: dict[UUID | None, dict[str, Any]] = {}
    for row in reading.connection.execute(_summed(reading, period, scope)):
        kinds = found.setdefault(row.owner_id, {})
        kinds[row.counts_as] = Deals(row.deals, row.unvalued, rounded(row.amount, currency))
        if row.counts_as not in (_CLOSED, ForecastCategory.OMITTED):
            kinds["likely"] = kinds.get("likely", Decimal(0)) + row.by_probability
    return {
        owner_id: Figures(
            **{
                **kinds,
                "likely": rounded(EXACT.divide(kinds.get("likely", Decimal(0)), 100), currency),
            }
        )
        for owner_id, kinds in found.items()
    }


def _summed(reading: Reading | UnitOfWork, period: Period, scope: Scope) -> sa.Select[Any]:
    category = sa.func.coalesce(_columns.forecast_category, _columns.stage_forecast_category)
    still_open = _of_state(reading, scope, OpportunityState.OPEN, category).where(
        _columns.expected_close_on >= period.first, _columns.expected_close_on <= period.last
    )
    won = _of_state(reading, scope, OpportunityState.WON, sa.literal(_CLOSED)).where(
        _columns.closed_at >= period.begins_at, _columns.closed_at < period.ends_at
    )
    one = sa.union_all(still_open, won).subquery()
    return sa.select(
        one.c.owner_id,
        one.c.counts_as,
        sa.func.count().label("deals"),
        (sa.func.count() - sa.func.count(one.c.base_amount)).label("unvalued"),
        sa.func.coalesce(sa.func.sum(one.c.base_amount), 0).label("amount"),
        sa.func.coalesce(sa.func.sum(one.c.base_amount * one.c.probability), 0).label(
            "by_probability"
        ),
    ).group_by(one.c.owner_id, one.c.counts_as)


def _of_state(
    reading: Reading | UnitOfWork,
    scope: Scope,
    state: OpportunityState,
    counts_as: sa.ColumnElement[Any],
) -> sa.Select[Any]:
    statement = sa.select(
        _columns.owner_id,
        counts_as.label("counts_as"),
        _columns.base_amount,
        _columns.probability,
    ).where(_columns.tenant_id == reading.caller.tenant_id, _columns.state == state)
    return scope.narrow(statement, _columns.owner_id)
