"""How rates and a tenant's base currency are kept: one row each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.exchange_rates.domain import CurrencySettings, ExchangeRate

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

currency_settings = sa.Table(
    "currency_settings",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("base_currency", sa.Text(collation="C")),
    sa.Column("in_use", sa.Boolean, nullable=False),
)
exchange_rates = sa.Table(
    "exchange_rates",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text(collation="C"), nullable=False),
    sa.Column("base_currency", sa.Text(collation="C"), nullable=False),
    sa.Column("rate", sa.Numeric(20, 10), nullable=False),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)
_RATE = ("currency", "base_currency", "rate", "valid_from", "created_at", "updated_at")


_MAKE = Statement(
    "INSERT INTO currency_settings (tenant_id, id, version, base_currency, in_use)"
    " VALUES (%(tenant_id)s, %(tenant_id)s, 0, NULL, false) ON CONFLICT DO NOTHING"
)


class CurrencySettingsRepository(OnePerTenantRepository[CurrencySettings]):
    """A tenant's one settings, under the tenant's own id."""

    table = currency_settings
    kind = "currency settings"
    make = _MAKE

    def _aggregate(self, row: sa.RowMapping) -> CurrencySettings:
        return CurrencySettings(
            id=row["id"],
            version=row["version"],
            base_currency=row["base_currency"],
            in_use=row["in_use"],
        )

    def _row(self, aggregate: CurrencySettings) -> dict[str, Any]:
        return {"base_currency": aggregate.base_currency, "in_use": aggregate.in_use}


class ExchangeRatesRepository(Repository[ExchangeRate]):
    """Rates for a change."""

    table = exchange_rates
    kind = "exchange rate"

    def _aggregate(self, row: sa.RowMapping) -> ExchangeRate:
        return ExchangeRate(
            id=row["id"], version=row["version"], **{name: row[name] for name in _RATE}
        )

    def _row(self, aggregate: ExchangeRate) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _RATE}


def base_currency_of(reading: Reading | UnitOfWork) -> tuple[str | None, bool]:
    """The tenant's base currency, and whether something was valued in it."""
    row = reading.fetch_one(_BASE, {"tenant_id": reading.caller.tenant_id})
    return (None, False) if row is None else (row["base_currency"], row["in_use"])


def rate_in_force(
    reading: Reading | UnitOfWork, currency: str, base_currency: str, on: date
) -> tuple[Decimal, date, UUID] | None:
    """The rate that holds on a day, since when, and its id; None when there is none yet."""
    about = {"tenant_id": reading.caller.tenant_id, "currency": currency}
    row = reading.fetch_one(_IN_FORCE, {**about, "base_currency": base_currency, "on": on})
    return None if row is None else (row["rate"], row["valid_from"], row["id"])


_BASE = Statement(
    "SELECT base_currency, in_use FROM currency_settings"
    " WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
_IN_FORCE = Statement(
    "SELECT id, rate, valid_from FROM exchange_rates"
    " WHERE tenant_id = %(tenant_id)s AND base_currency = %(base_currency)s"
    " AND currency = %(currency)s AND valid_from <= %(on)s"
    " ORDER BY valid_from DESC LIMIT 1"
)
