"""Forecasts as they stood at a moment, kept for good, and how close they came to what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid
from chassis.money import EXACT
from sales.forecasts.domain import Expected
from sales.periods.domain import Period, PeriodLength

_DAY = timedelta(days=1)
_ONE = Decimal(1)
_PLACES = Decimal("0.0001")


class Cadence(StrEnum):
    """How often snapshots are taken by themselves."""

    NEVER = "never"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class ForecastSettingsChanged(Fact):
    """Snapshots are taken more or less often, or for other periods."""

    settings: ForecastSettings


@dataclass(frozen=True, slots=True)
class ForecastSnapshotTaken(Fact):
    """A forecast is kept as it stands."""

    snapshot: ForecastSnapshot


@dataclass(kw_only=True)
class ForecastSettings(Aggregate):
    """How often a tenant's forecast is kept, and of which lengths the current periods are."""

    cadence: Cadence = Cadence.NEVER
    lengths: tuple[PeriodLength, ...] = (PeriodLength.MONTH, PeriodLength.QUARTER)

    def choose(self, cadence: Cadence, lengths: tuple[PeriodLength, ...]) -> None:
        """Keep forecasts like this. Raises `Invalid` for snapshots of no period."""
        lengths = tuple(one for one in PeriodLength if one in lengths)
        if not lengths:
            raise Invalid.at("/lengths", "lengths_missing", "At least one length is needed.")
        if (cadence, lengths) != (self.cadence, self.lengths):
            self.cadence, self.lengths = cadence, lengths
            self.record(ForecastSettingsChanged(self))

    def next_after(self, now: datetime) -> datetime | None:
        """When the next snapshot is due: at midnight UTC, of Monday for weekly ones."""
        if self.cadence is Cadence.NEVER:
            return None
        days = 1 if self.cadence is Cadence.DAILY else 7 - now.weekday()
        return datetime.combine(now.date(), time.min, UTC) + days * _DAY


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """What a person's forecast was, and for which teams the person counted then."""

    user_id: UUID | None
    team_ids: tuple[UUID, ...]
    expected: Expected


@dataclass(kw_only=True)
class ForecastSnapshot(Aggregate):
    """The forecast of a period as it stood at a moment; it never changes."""

    period: Period
    currency: str
    scheduled: bool
    taken_at: datetime
    taken_by: str
    lines: tuple[SnapshotLine, ...]

    def take(self) -> None:
        """Say that it is kept."""
        self.record(ForecastSnapshotTaken(self))


def accuracy(forecast: Decimal, closed: Decimal) -> Decimal | None:
    """How close a forecast came: 1 - |forecast - closed| / closed, never below 0; to four places.

    None when nothing was closed: there is nothing to be close to.
    """
    if closed <= 0:
        return None
    missed = EXACT.divide(abs(forecast - closed), closed)
    return EXACT.quantize(max(Decimal(0), _ONE - missed), _PLACES)
