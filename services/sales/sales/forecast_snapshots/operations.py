"""What keeps forecasts: on demand, and by themselves as often as the tenant has chosen."""

from __future__ import annotations

from uuid import UUID

from chassis.storage.scope import EVERYTHING
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.exchange_rates.operations import base_currency_from_now_on
from sales.exchange_rates.storage import base_currency_of
from sales.forecast_snapshots.domain import (
    Cadence,
    ForecastSettings,
    ForecastSnapshot,
    SnapshotLine,
)
from sales.forecasts.domain import Expected, Figures
from sales.forecasts.figures import figures_by_owner
from sales.forecasts.storage import adjusted_figures
from sales.periods.domain import Period, PeriodLength
from sales.teams import teams_of
from sales.transaction import SalesTx

FORECAST_SNAPSHOT = "forecast_snapshot"


def choose_forecast_settings(
    tx: SalesTx, cadence: Cadence, lengths: tuple[PeriodLength, ...]
) -> ForecastSettings:
    """Have snapshots taken this often, of the current periods of these lengths. Raises `Invalid`."""
    settings = tx.forecast_settings.of_tenant()
    settings.choose(cadence, lengths)
    _time_the_next(tx, settings)
    return settings


def give_first_forecast_settings(tx: SalesTx) -> None:
    """Have a new tenant's forecast kept every week; the tenant may choose otherwise."""
    settings = tx.forecast_settings.of_tenant()
    choose_forecast_settings(tx, Cadence.WEEKLY, settings.lengths)


def take_snapshot(tx: SalesTx, period: Period, *, scheduled: bool = False) -> ForecastSnapshot:
    """Keep the forecast of a period as it stands, of everybody: whoever reads it sees their part.

    Raises `Conflict` while the tenant has no base currency.
    """
    currency = base_currency_from_now_on(tx)
    figures = figures_by_owner(tx, period, currency, EVERYTHING)
    adjusted, teams = adjusted_figures(tx, period), teams_of(tx)
    people: set[UUID | None] = {*figures, *adjusted, *teams.everybody()}
    snapshot = ForecastSnapshot(
        id=tx.ids.new(),
        period=period,
        currency=currency,
        scheduled=scheduled,
        taken_at=tx.clock.now(),
        taken_by=tx.caller.actor,
        lines=tuple(
            SnapshotLine(
                user_id=one,
                team_ids=teams.of(one),
                expected=Expected(
                    figures.get(one, Figures()), {} if one is None else adjusted.get(one, {})
                ),
            )
            for one in sorted(people, key=str)
        ),
    )
    snapshot.take()
    tx.forecast_snapshots.add(snapshot)
    return snapshot


def snapshot_is_due(tx: SalesTx, _timer: Timer) -> None:
    """Keep the forecasts of the current periods, and see to the next time.

    What was missed while nothing ran is made up for once: a forecast of yesterday is not known today.
    A tenant without a base currency has nothing to keep yet.
    """
    settings, today = tx.forecast_settings.of_tenant(), tx.clock.now().date()
    if settings.cadence is not Cadence.NEVER and base_currency_of(tx)[0] is not None:
        for length in settings.lengths:
            take_snapshot(tx, Period.containing(today, length), scheduled=True)
    _time_the_next(tx, settings)


def _time_the_next(tx: SalesTx, settings: ForecastSettings) -> None:
    key, due = str(tx.tenant_id), settings.next_after(tx.clock.now())
    if due is None:
        cancel_timer(tx, FORECAST_SNAPSHOT, key)
    else:
        set_timer(tx, FORECAST_SNAPSHOT, key, due)
