"""Snapshots of forecasts, and their accuracy, as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import MoneyOut
from chassis.http.query_string import Query
from sales.forecast_snapshots.domain import Cadence, ForecastSettings, ForecastSnapshot
from sales.forecasts.models import ForecastItemOut, GroupedBy
from sales.periods.domain import PeriodLength
from sales.periods.models import InPeriod, PeriodName, period_out

ACCURACY_DEFINITIONS = {
    "closed": "Won on a day of the period, as it stands now; final once the period is over, unless"
    " an opportunity is reopened.",
    "forecast": "The cumulative figure as the snapshot has kept it; adjusted_commit is commit with"
    " what a manager expected in its place.",
    "difference": "Forecast - closed.",
    "accuracy": "1 - |forecast - closed| / closed, never below 0; null when nothing was closed.",
    "team": "Those who counted for the team when the snapshot was taken, whether or not they still"
    " do.",
}


class SettingsIn(Body):
    """How often the forecast is kept, and of which lengths the current periods are that it is for."""

    cadence: Cadence
    lengths: Annotated[tuple[PeriodLength, ...], Field(min_length=1, max_length=3)] = (
        PeriodLength.MONTH,
        PeriodLength.QUARTER,
    )


class SettingsOut(BaseModel):
    """How often the forecast is kept: at midnight UTC of every day, or of every Monday."""

    version: int
    cadence: Cadence
    lengths: list[PeriodLength]


class SnapshotIn(Body):
    """Whose forecast is kept: that of a period."""

    period: PeriodName


class SnapshotOut(InPeriod):
    """A forecast that was kept."""

    id: UUID
    version: int
    currency: str
    scheduled: bool
    taken_at: datetime
    taken_by: str


class SnapshotQuery(Query):
    by: GroupedBy = GroupedBy.USER


class SnapshotFiguresOut(SnapshotOut):
    """A forecast as it stood, by person or team within the caller's reach."""

    by: GroupedBy
    items: list[ForecastItemOut]


class HitOut(BaseModel):
    """How close a figure came. `accuracy` is from 0 to 1, with four places."""

    forecast: MoneyOut
    difference: MoneyOut
    accuracy: str | None


class AccuracyItemOut(BaseModel):
    """How close the forecast of a person or a team came to what was won."""

    user_id: UUID | None
    team_id: UUID | None
    closed: MoneyOut
    commit: HitOut
    best_case: HitOut
    pipeline: HitOut
    weighted: HitOut
    adjusted_commit: HitOut


class AccuracyOut(InPeriod):
    """How close a snapshot came to what has happened by now; `final` once the period is over."""

    snapshot_id: UUID
    taken_at: datetime
    by: GroupedBy
    final: bool
    items: list[AccuracyItemOut]
    definitions: dict[str, str]


def settings_shown(settings: ForecastSettings) -> dict[str, Any]:
    """Settings as the API shows them."""
    return {
        "version": settings.version,
        "cadence": settings.cadence,
        "lengths": settings.lengths,
    }


def shown(snapshot: ForecastSnapshot) -> dict[str, Any]:
    """A snapshot as the API shows one, without its figures."""
    return {
        "id": snapshot.id,
        "version": snapshot.version,
        **period_out(snapshot.period),
        "currency": snapshot.currency,
        "scheduled": snapshot.scheduled,
        "taken_at": snapshot.taken_at,
        "taken_by": snapshot.taken_by,
    }
