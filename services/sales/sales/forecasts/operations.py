"""What managers do to forecasts; each function is one transaction, or part of one."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, Invalid, Money, NotFound
from chassis.money import rounded
from sales.exchange_rates.operations import base_currency_from_now_on
from sales.forecasts.domain import Adjustable, Figures, ForecastAdjustment
from sales.forecasts.figures import figures_by_owner
from sales.forecasts.storage import NUMBERED
from sales.periods.domain import Period
from sales.transaction import SalesTx


def adjust_forecast(
    tx: SalesTx,
    whose: tuple[UUID, Period],
    figure: Adjustable,
    amount: Money | None,
    reason: str,
) -> ForecastAdjustment:
    """Expect an amount of a person in a period; without one, what was expected is taken back.

    Raises `NotFound` for a person out of reach, `Invalid` for another currency than the base,
    `Conflict` when there is no base currency, or nothing to take back.
    """
    user_id, period = whose
    if not tx.scope.allows(user_id):
        raise NotFound.of("user", user_id)
    currency = base_currency_from_now_on(tx)
    if amount is not None and amount.currency != currency:
        message = f"Forecasts are in the base currency, {currency}."
        raise Invalid.at("/amount/currency", "currency_not_base", message)
    number, holds = tx.forecast_adjustments.last(user_id, period, figure)
    if amount is None and not holds:
        raise Conflict("There is no adjustment to take back.", code="adjustment_missing")
    figures = figures_by_owner(tx, period, currency, tx.scope).get(user_id, Figures())
    adjustment = ForecastAdjustment(
        id=tx.ids.new(),
        user_id=user_id,
        period=period,
        figure=figure,
        number=number + 1,
        amount=None if amount is None else amount.amount,
        unadjusted=Money(rounded(figures.expected(figure), currency), currency),
        reason=reason,
        adjusted_by=tx.caller.actor,
        adjusted_at=tx.clock.now(),
    )
    adjustment.make()
    tx.try_again_on(NUMBERED)
    tx.forecast_adjustments.add(adjustment)
    return adjustment
