"""Reads snapshots and their accuracy, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import amount_out, decimal_out
from chassis.money import rounded
from chassis.storage.listing import Listing, ListSpec, boolean_filter, date_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.forecast_snapshots.domain import (
    ForecastSettings,
    ForecastSnapshot,
    SnapshotLine,
    accuracy,
)
from sales.forecast_snapshots.models import ACCURACY_DEFINITIONS, settings_shown, shown
from sales.forecast_snapshots.storage import (
    forecast_snapshots,
    lines_of,
    settings_of,
    snapshot_of,
    teams_cut,
)
from sales.forecasts.domain import Adjustable, Figures, together
from sales.forecasts.figures import figures_by_owner
from sales.forecasts.models import GroupedBy, figures_out
from sales.periods.models import period_out

_columns = forecast_snapshots.c
_all = sa.select(*(column for column in _columns if column.name != "tenant_id"))

SNAPSHOTS = ListSpec(
    key=_columns.id,
    sorts={"taken_at": _columns.taken_at},
    default_sort="-taken_at",
    filters={
        "first_on": date_filter(_columns.first_on),
        "last_on": date_filter(_columns.last_on),
        "scheduled": boolean_filter(_columns.scheduled),
    },
)

Who = tuple[UUID | None, UUID | None]
"""The id of a person, or that of a team."""


def get_settings(reading: Reading) -> dict[str, Any]:
    """How often the forecast is kept."""
    tenant_id = reading.caller.tenant_id
    row = reading.fetch_one(_SETTINGS, {"tenant_id": tenant_id})
    if row is not None:
        return settings_shown(settings_of(row))
    return settings_shown(ForecastSettings(id=UUID(int=0)))


def list_snapshots(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of snapshots, without their figures."""
    base = _all.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(
        reading.connection, base, lambda row: shown(snapshot_of(dict(row._mapping), ()))
    )


def get_snapshot(reading: Reading, snapshot_id: UUID, by: GroupedBy) -> dict[str, Any]:
    """The snapshot with the figures within reach. Raises `NotFound`."""
    snapshot = _snapshot(reading, snapshot_id)
    items = [
        {
            "user_id": user_id,
            "team_id": team_id,
            **figures_out(together([line.expected for line in lines]), snapshot.currency),
        }
        for (user_id, team_id), lines in _grouped(reading, snapshot, by).items()
    ]
    return {**shown(snapshot), "by": by, "items": items}


def get_accuracy(reading: Reading, snapshot_id: UUID, by: GroupedBy) -> dict[str, Any]:
    """How close the snapshot came to what has happened by now. Raises `NotFound`."""
    snapshot = _snapshot(reading, snapshot_id)
    currency = snapshot.currency
    now = figures_by_owner(reading, snapshot.period, currency, reading.scope)
    items = [
        {"user_id": user_id, "team_id": team_id, **_hits(lines, now, currency)}
        for (user_id, team_id), lines in _grouped(reading, snapshot, by).items()
    ]
    return {
        **period_out(snapshot.period),
        "snapshot_id": snapshot.id,
        "taken_at": snapshot.taken_at,
        "by": by,
        "final": reading.clock.now() >= snapshot.period.ends_at,
        "items": items,
        "definitions": ACCURACY_DEFINITIONS,
    }


def _snapshot(reading: Reading, snapshot_id: UUID) -> ForecastSnapshot:
    statement = _all.where(
        _columns.tenant_id == reading.caller.tenant_id, _columns.id == snapshot_id
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("forecast snapshot", snapshot_id)
    return snapshot_of(row, lines_of(reading, snapshot_id, reading.scope))


def _grouped(
    reading: Reading, snapshot: ForecastSnapshot, by: GroupedBy
) -> Mapping[Who, Sequence[SnapshotLine]]:
    if by is GroupedBy.USER:
        return {(line.user_id, None): [line] for line in snapshot.lines}
    cut = teams_cut(reading, snapshot.id)
    teams = sorted({one for line in snapshot.lines for one in line.team_ids} - cut)
    return {
        (None, team): [line for line in snapshot.lines if team in line.team_ids] for team in teams
    }


def _hits(
    lines: Sequence[SnapshotLine], now: Mapping[UUID | None, Figures], currency: str
) -> dict[str, Any]:
    expected = together([line.expected for line in lines])
    closed = sum(
        (now[line.user_id].closed.amount for line in lines if line.user_id in now), Decimal(0)
    )
    forecasts = {
        **{one.value: expected.figures.expected(one) for one in Adjustable},
        "weighted": expected.figures.weighted,
        "adjusted_commit": expected.figure(Adjustable.COMMIT),
    }
    hits = {name: _hit(forecast, closed, currency) for name, forecast in forecasts.items()}
    return {"closed": amount_out(rounded(closed, currency), currency), **hits}


def _hit(forecast: Decimal, closed: Decimal, currency: str) -> dict[str, Any]:
    close = accuracy(forecast, closed)
    return {
        "forecast": amount_out(rounded(forecast, currency), currency),
        "difference": amount_out(rounded(forecast - closed, currency), currency),
        "accuracy": None if close is None else decimal_out(close),
    }


_SETTINGS = Statement(
    "SELECT id, version, cadence, lengths FROM forecast_settings"
    " WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
