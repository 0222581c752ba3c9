"""Rates and the base currency as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import DecimalIn, decimal_out
from chassis.http.query_string import Query
from sales.exchange_rates.domain import CurrencySettings, ExchangeRate

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class CurrencySettingsIn(Body):
    """In which currency the tenant adds up, by its ISO 4217 code."""

    base_currency: Currency


class CurrencySettingsOut(BaseModel):
    """In which currency the tenant adds up; it stays once something was valued in it."""

    version: int
    base_currency: str | None
    in_use: bool


class RatePatch(Body):
    """What may change about a rate: what it is."""

    rate: DecimalIn


class RateIn(RatePatch):
    """A new rate: how much of the base currency one unit of `currency` is worth, from a day on."""

    currency: Currency
    valid_from: date


class RateInForceQuery(Query):
    currency: Currency
    on: date | None = None


class RateOut(BaseModel):
    """A rate into the base currency; it holds until the day of the next one."""

    id: UUID
    version: int
    currency: str
    base_currency: str
    rate: str
    valid_from: date
    created_at: datetime
    updated_at: datetime


class RateInForceOut(BaseModel):
    """The rate that holds on a day. The base currency itself is worth 1, by no rate."""

    currency: str
    base_currency: str
    on: date
    rate: str
    rate_id: UUID | None
    valid_from: date | None


def shown(rate: ExchangeRate) -> dict[str, Any]:
    """A rate as the API shows one, without reading it back."""
    plain = {name: getattr(rate, name) for name in RateOut.model_fields}
    return {**plain, "rate": decimal_out(rate.rate)}


def settings_shown(settings: CurrencySettings) -> dict[str, Any]:
    """The settings as the API shows them."""
    return {name: getattr(settings, name) for name in CurrencySettingsOut.model_fields}
