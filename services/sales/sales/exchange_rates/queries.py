"""Reads rates and the base currency, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.money import decimal_out
from chassis.storage.listing import Listing, ListSpec, date_filter, text_filter
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.exchange_rates.storage import base_currency_of, exchange_rates, rate_in_force

_columns = exchange_rates.c
_shown = sa.select(*(column for column in _columns if column.name != "tenant_id"))

RATES = ListSpec(
    key=_columns.id,
    sorts={"valid_from": _columns.valid_from, "currency": _columns.currency},
    default_sort="-valid_from",
    filters={
        "currency": text_filter(_columns.currency),
        "valid_from": date_filter(_columns.valid_from),
    },
)


def get_rate(reading: Reading, rate_id: UUID) -> dict[str, Any]:
    """The rate as the API shows one. Raises `NotFound`."""
    statement = _shown.where(_columns.tenant_id == reading.caller.tenant_id, _columns.id == rate_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("exchange rate", rate_id)
    return _present(row._mapping)


def list_rates(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of rates."""
    base = _shown.where(_columns.tenant_id == reading.caller.tenant_id)
    return listing.fetch(reading.connection, base, lambda row: _present(row._mapping))


def get_settings(reading: Reading) -> dict[str, Any]:
    """In which currency the tenant adds up."""
    found = reading.fetch_one(_SETTINGS, {"tenant_id": reading.caller.tenant_id})
    return found or {"version": 0, "base_currency": None, "in_use": False}


def get_rate_in_force(reading: Reading, currency: str, on: date | None) -> dict[str, Any]:
    """What one unit of a currency is worth on a day. Raises `NotFound` when nothing says so."""
    on = on or reading.clock.now().date()
    base, _ = base_currency_of(reading)
    if base is None:
        raise NotFound("The tenant has no base currency yet.")
    said = {"currency": currency, "base_currency": base, "on": on}
    if currency == base:
        return {**said, "rate": "1", "rate_id": None, "valid_from": None}
    found = rate_in_force(reading, currency, base, on)
    if found is None:
        raise NotFound(f"No exchange rate from {currency} to {base} holds on {on}.")
    rate, valid_from, rate_id = found
    return {**said, "rate": decimal_out(rate), "rate_id": rate_id, "valid_from": valid_from}


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    shown = {column.name: row[column] for column in _shown.selected_columns}
    return {**shown, "rate": decimal_out(shown["rate"])}


_SETTINGS = Statement(
    "SELECT version, base_currency, in_use FROM currency_settings"
    " WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
