"""Facts about rates to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import exchange_rate_events_pb2 as events
from sales.exchange_rates.domain import (
    CurrencySettingsChanged,
    ExchangeRateCorrected,
    ExchangeRateEntered,
    ExchangeRateRemoved,
)


def _chosen(fact: CurrencySettingsChanged) -> events.CurrencySettingsChanged:
    return events.CurrencySettingsChanged(currency=fact.currency)


def _entered(fact: ExchangeRateEntered) -> events.ExchangeRateEntered:
    return events.ExchangeRateEntered(
        rate_id=str(fact.rate_id),
        currency=fact.currency,
        base_currency=fact.base_currency,
        rate=f"{fact.rate:f}",
        valid_from=fact.valid_from.isoformat(),
    )


def _corrected(fact: ExchangeRateCorrected) -> events.ExchangeRateCorrected:
    return events.ExchangeRateCorrected(rate_id=str(fact.rate_id), rate=f"{fact.rate:f}")


def _removed(fact: ExchangeRateRemoved) -> events.ExchangeRateRemoved:
    return events.ExchangeRateRemoved(rate_id=str(fact.rate_id))


EXCHANGE_RATE_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    CurrencySettingsChanged: _chosen,
    ExchangeRateEntered: _entered,
    ExchangeRateCorrected: _corrected,
    ExchangeRateRemoved: _removed,
}
