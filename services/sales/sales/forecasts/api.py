"""Forecasts over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.money import money_in
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.forecasts import operations, queries
from sales.forecasts.domain import ForecastAdjustment
from sales.forecasts.models import (
    AdjustmentIn,
    AdjustmentOut,
    ForecastOut,
    ForecastQuery,
    shown,
)
from sales.periods.domain import Period
from sales.transaction import SalesTx

READ = "sales.forecasts.read"
WRITE = "sales.forecasts.write"

forecasts = Routes("/v1/sales/forecasts", tag="forecasts")
forecast_adjustments = Routes("/v1/sales/forecast-adjustments", tag="forecasts")


@forecasts.get("", permission=READ, query=ForecastQuery, returns=ForecastOut, problems=(409,))
def get_forecast(call: Call[SalesTx], query: ForecastQuery) -> Reply:
    """Get what people or teams are expected to sell in a period, with what the figures mean."""
    return Reply(call.read(queries.get_forecast, Period.parse(query.period), query.by))


@forecast_adjustments.get("", permission=READ, listing=queries.ADJUSTMENTS, returns=AdjustmentOut)
def list_forecast_adjustments(call: Call[SalesTx], listing: Listing) -> Reply:
    """List what was expected in place of what opportunities say, the latest first."""
    return Reply(call.read(queries.list_adjustments, listing))


@forecast_adjustments.post(
    "",
    permission=WRITE,
    body=AdjustmentIn,
    returns=AdjustmentOut,
    status=201,
    problems=(404, 409),
)
def adjust_forecast(call: Call[SalesTx], body: AdjustmentIn) -> Response:
    """Expect an amount of a person in place of what the opportunities say, with a reason."""
    amount = None if body.amount is None else money_in(body.amount, "/amount")
    whose = (body.user_id, Period.parse(body.period))

    def reply(_tx: SalesTx, one: ForecastAdjustment) -> Reply:
        return Reply.created(f"{forecast_adjustments.prefix}/{one.id}", shown(one), one.version)

    return call.run(
        lambda tx: operations.adjust_forecast(tx, whose, body.figure, amount, body.reason), reply
    )


@forecast_adjustments.get("/<uuid:adjustment_id>", permission=READ, returns=AdjustmentOut)
def get_forecast_adjustment(call: Call[SalesTx], adjustment_id: UUID) -> Reply:
    """Get an adjustment."""
    one = call.read(queries.get_adjustment, adjustment_id)
    return Reply(one, version=one["version"])
