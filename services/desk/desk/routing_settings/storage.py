"""How routing settings are kept: one row under the tenant's own id."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.domain import Money
from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.routing_settings.domain import (
    RoutingPreferences,
    RoutingSettings,
    Threshold,
    WaitingTickets,
)
from desk.ticket_facts.domain import Priority

_uuid = PgUUID(as_uuid=True)

routing_settings = sa.Table(
    "routing_settings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("waiting_tickets", sa.Text(collation="C"), nullable=False),
    sa.Column("away_minutes", sa.Integer),
    sa.Column("offline_minutes", sa.Integer),
    sa.Column("valuable", sa.JSON, nullable=False),
)
_AT_FIRST = RoutingPreferences()


class RoutingSettingsRepository(OnePerTenantRepository[RoutingSettings]):
    """A tenant's one routing settings for a change."""

    table = routing_settings
    kind = "routing settings"
    make = Statement(
        "INSERT INTO routing_settings"
        " (tenant_id, id, version, waiting_tickets, away_minutes, offline_minutes, valuable)"
        " VALUES (%(tenant_id)s, %(tenant_id)s, 0, %(waiting_tickets)s, %(away_minutes)s,"
        " %(offline_minutes)s, '[]') ON CONFLICT DO NOTHING"
    )
    at_first: ClassVar[Mapping[str, Any]] = {
        "waiting_tickets": _AT_FIRST.waiting_tickets,
        "away_minutes": _AT_FIRST.away_minutes,
        "offline_minutes": _AT_FIRST.offline_minutes,
    }

    def _aggregate(self, row: sa.RowMapping) -> RoutingSettings:
        return RoutingSettings(
            id=row["id"], version=row["version"], preferences=_preferences_of(row)
        )

    def _row(self, aggregate: RoutingSettings) -> dict[str, Any]:
        chosen = aggregate.preferences
        return {
            "waiting_tickets": chosen.waiting_tickets,
            "away_minutes": chosen.away_minutes,
            "offline_minutes": chosen.offline_minutes,
            "valuable": [document_of(one) for one in chosen.valuable],
        }


def routing_settings_of(reading: Reading | UnitOfWork) -> RoutingSettings:
    """The tenant's settings to go by, read without a lock; those of all when it has none."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("settings are a tenant's")
    row = reading.fetch_one(_READ, {"tenant_id": tenant_id})
    if row is None:
        return RoutingSettings(id=tenant_id)
    return RoutingSettings(id=tenant_id, version=row["version"], preferences=_preferences_of(row))


def document_of(threshold: Threshold) -> dict[str, Any]:
    """A threshold as JSON has it."""
    least = threshold.least_value
    money = None if least is None else {"amount": f"{least.amount:f}", "currency": least.currency}
    return {
        "tiers": list(threshold.tiers),
        "least_value": money,
        "raise_to": threshold.raise_to.value,
    }


def _preferences_of(row: Mapping[str, Any] | sa.RowMapping) -> RoutingPreferences:
    return RoutingPreferences(
        waiting_tickets=WaitingTickets(row["waiting_tickets"]),
        away_minutes=row["away_minutes"],
        offline_minutes=row["offline_minutes"],
        valuable=tuple(_threshold_of(one) for one in row["valuable"]),
    )


def _threshold_of(document: Mapping[str, Any]) -> Threshold:
    money = document["least_value"]
    least = None if money is None else Money(Decimal(money["amount"]), money["currency"])
    return Threshold(Priority(document["raise_to"]), tuple(document["tiers"]), least)


_READ = Statement(
    "SELECT version, waiting_tickets, away_minutes, offline_minutes, valuable"
    " FROM routing_settings WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
