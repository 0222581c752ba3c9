"""Reads forecasts and their adjustments, straight to the response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import Listing, ListSpec, choice_filter, date_filter, uuid_filter
from chassis.storage.unit_of_work import Reading
from sales.exchange_rates.operations import base_currency_missing
from sales.exchange_rates.storage import base_currency_of
from sales.forecasts.domain import Adjustable, Expected, Figures, together
from sales.forecasts.figures import figures_by_owner
from sales.forecasts.models import DEFINITIONS, GroupedBy, figures_out, shown
from sales.forecasts.storage import adjusted_figures, adjustment_of, forecast_adjustments
from sales.periods.domain import Period
from sales.periods.models import period_out
from sales.teams import teams_of

_columns = forecast_adjustments.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

ADJUSTMENTS = ListSpec(
    key=_columns.id,
    sorts={"adjusted_at": _columns.adjusted_at},
    default_sort="-adjusted_at",
    filters={
        "user_id": uuid_filter(_columns.user_id),
        "figure": choice_filter(_columns.figure, *Adjustable),
        "first_on": date_filter(_columns.first_on),
        "last_on": date_filter(_columns.last_on),
    },
)


def get_forecast(reading: Reading, period: Period, by: GroupedBy) -> dict[str, Any]:
    """The forecast of a period by person or team. Raises `Conflict` without a base currency."""
    currency, _ = base_currency_of(reading)
    if currency is None:
        raise base_currency_missing()
    people = _people(reading, period, currency)
    items: list[dict[str, Any]]
    if by is GroupedBy.USER:
        items = [
            {"user_id": one, "team_id": None, **_summed([people[one]], currency)}
            for one in sorted(people, key=str)
        ]
    else:
        items = [
            {"user_id": None, "team_id": team, **_summed(_of(people, members), currency)}
            for team, members in sorted(teams_of(reading).within(reading.scope).items())
        ]
    return {
        **period_out(period),
        "by": by,
        "currency": currency,
        "as_of": reading.clock.now(),
        "items": items,
        "total": _summed(list(people.values()), currency),
        "definitions": DEFINITIONS,
    }


def get_adjustment(reading: Reading, adjustment_id: UUID) -> dict[str, Any]:
    """The adjustment as the API shows one. Raises `NotFound`."""
    statement = _within_reach(reading).where(_columns.id == adjustment_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("forecast adjustment", adjustment_id)
    return shown(adjustment_of(row))


def list_adjustments(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of adjustments, those that were followed by others included."""
    return listing.fetch(
        reading.connection,
        _within_reach(reading),
        lambda row: shown(adjustment_of(dict(row._mapping))),
    )


def _people(reading: Reading, period: Period, currency: str) -> Mapping[UUID | None, Expected]:
    figures = figures_by_owner(reading, period, currency, reading.scope)
    adjusted = adjusted_figures(reading, period)
    seen = {one for one in adjusted if reading.scope.allows(one)}
    return {
        one: Expected(figures.get(one, Figures()), {} if one is None else adjusted.get(one, {}))
        for one in figures.keys() | seen
    }


def _of(people: Mapping[UUID | None, Expected], members: Iterable[UUID]) -> Sequence[Expected]:
    return [people[one] for one in members if one in people]


def _summed(people: Sequence[Expected], currency: str) -> dict[str, Any]:
    return figures_out(together(people), currency)


def _within_reach(reading: Reading) -> sa.Select[Any]:
    mine = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return reading.scope.narrow(mine, _columns.user_id)
