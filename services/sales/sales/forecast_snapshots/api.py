"""Snapshots of forecasts over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.forecast_snapshots import operations, queries
from sales.forecast_snapshots.domain import ForecastSnapshot
from sales.forecast_snapshots.models import (
    AccuracyOut,
    SettingsIn,
    SettingsOut,
    SnapshotFiguresOut,
    SnapshotIn,
    SnapshotOut,
    SnapshotQuery,
    settings_shown,
    shown,
)
from sales.forecasts.api import READ, WRITE
from sales.periods.domain import Period
from sales.transaction import SalesTx

forecast_settings = Routes("/v1/sales/forecast-settings", tag="forecasts")
forecast_snapshots = Routes("/v1/sales/forecast-snapshots", tag="forecasts")


@forecast_settings.get("", permission=READ, returns=SettingsOut)
def get_forecast_settings(call: Call[SalesTx]) -> Reply:
    """Get how often the forecast is kept, and for which periods."""
    settings = call.read(queries.get_settings)
    return Reply(settings, version=settings["version"])


@forecast_settings.put("", permission=WRITE, body=SettingsIn, returns=SettingsOut, conditional=True)
def choose_forecast_settings(call: Call[SalesTx], body: SettingsIn) -> Response:
    """Have the forecast of the current periods kept daily, weekly, or on demand only."""
    return call.run(
        lambda tx: operations.choose_forecast_settings(tx, body.cadence, body.lengths),
        lambda _tx, settings: Reply(settings_shown(settings), version=settings.version),
        about=call.caller.tenant_id,
    )


@forecast_snapshots.get("", permission=READ, listing=queries.SNAPSHOTS, returns=SnapshotOut)
def list_forecast_snapshots(call: Call[SalesTx], listing: Listing) -> Reply:
    """List the forecasts that were kept, the latest first."""
    return Reply(call.read(queries.list_snapshots, listing))


@forecast_snapshots.post(
    "", permission=WRITE, body=SnapshotIn, returns=SnapshotOut, status=201, problems=(409,)
)
def take_forecast_snapshot(call: Call[SalesTx], body: SnapshotIn) -> Response:
    """Keep the forecast of a period as it stands now, for good."""

    def reply(_tx: SalesTx, one: ForecastSnapshot) -> Reply:
        return Reply.created(f"{forecast_snapshots.prefix}/{one.id}", shown(one), one.version)

    period = Period.parse(body.period)
    return call.run(lambda tx: operations.take_snapshot(tx, period), reply)


@forecast_snapshots.get(
    "/<uuid:snapshot_id>", permission=READ, query=SnapshotQuery, returns=SnapshotFiguresOut
)
def get_forecast_snapshot(call: Call[SalesTx], query: SnapshotQuery, snapshot_id: UUID) -> Reply:
    """Get a forecast as it stood, by person or team."""
    return Reply(call.read(queries.get_snapshot, snapshot_id, query.by))


@forecast_snapshots.get(
    "/<uuid:snapshot_id>/accuracy", permission=READ, query=SnapshotQuery, returns=AccuracyOut
)
def get_forecast_accuracy(call: Call[SalesTx], query: SnapshotQuery, snapshot_id: UUID) -> Reply:
    """Get how close a forecast came to what has happened by now, by person or team."""
    return Reply(call.read(queries.get_accuracy, snapshot_id, query.by))
