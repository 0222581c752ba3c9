"""Facts about forecasts to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import forecast_events_pb2 as events
from sales.encoding import money, money_or_none
from sales.forecasts.domain import ForecastAdjusted


def _adjusted(fact: ForecastAdjusted) -> events.ForecastAdjusted:
    one = fact.adjustment
    return events.ForecastAdjusted(
        adjustment_id=str(one.id),
        user_id=str(one.user_id),
        first_on=one.period.first.isoformat(),
        last_on=one.period.last.isoformat(),
        forecast_category=one.figure,
        amount=None if one.amount is None else money(one.amount, one.unadjusted.currency),
        unadjusted=money_or_none(one.unadjusted),
    )


FORECAST_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {ForecastAdjusted: _adjusted}
