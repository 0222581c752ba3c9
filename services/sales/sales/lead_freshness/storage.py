"""How a tenant's limits and rules for stale leads are kept: one row for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.lead_conditions.documents import condition_document, condition_of
from sales.lead_freshness.domain import (
    FreshnessLimits,
    LeadFreshnessSettings,
    StaleAction,
    StaleRule,
    default_settings,
)

SETTINGS_TAKEN = "lead_freshness_settings_pkey"
_uuid = PgUUID(as_uuid=True)

lead_freshness_settings = sa.Table(
    "lead_freshness_settings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("limits", sa.JSON, nullable=False),
    sa.Column("rules", sa.JSON, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)


class LeadFreshnessRepository(Repository[LeadFreshnessSettings]):
    """The tenant's settings for a change."""

    table = lead_freshness_settings
    kind = "lead freshness settings"

    def own(self) -> LeadFreshnessSettings:
        """The tenant's settings, locked; what holds by default when there are none yet."""
        settings_id = settings_id_of(self._tx.tenant_id)
        found = self.get_many([settings_id])
        if found:
            return found[0]
        self._tx.try_again_on(SETTINGS_TAKEN)
        settings = default_settings(settings_id, self._tx.clock.now())
        self.add(settings)
        return settings

    def _aggregate(self, row: sa.RowMapping) -> LeadFreshnessSettings:
        return _settings(row)

    def _row(self, aggregate: LeadFreshnessSettings) -> dict[str, Any]:
        return {
            "limits": limits_document(aggregate.limits),
            "rules": [rule_document(rule) for rule in aggregate.rules],
            "updated_at": aggregate.updated_at,
        }


def settings_in_force(reading: Reading | UnitOfWork) -> LeadFreshnessSettings:
    """What holds now; read without a lock."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("settings are a tenant's")
    settings_id = settings_id_of(tenant_id)
    row = reading.fetch_one(_IN_FORCE, {"tenant_id": tenant_id, "id": settings_id})
    return default_settings(settings_id, reading.clock.now()) if row is None else _settings(row)


def settings_id_of(tenant_id: UUID) -> UUID:
    """The id of a tenant's settings."""
    return uuid5(tenant_id, "lead_freshness_settings")


def limits_document(limits: FreshnessLimits) -> dict[str, int]:
    """Limits as JSON has them."""
    return {
        "warm_after_hours": limits.warm_after_hours,
        "cold_after_hours": limits.cold_after_hours,
        "stale_after_hours": limits.stale_after_hours,
    }


def rule_document(rule: StaleRule) -> dict[str, Any]:
    """A rule as JSON has it."""
    return {
        "key": rule.key,
        "name": dict(rule.name),
        "action": rule.action,
        "conditions": [condition_document(one) for one in rule.conditions],
    }


def rule_of(document: Mapping[str, Any]) -> StaleRule:
    """The rule that a document gives."""
    return StaleRule(
        key=document["key"],
        name=document["name"],
        action=StaleAction(document["action"]),
        conditions=tuple(condition_of(one) for one in document["conditions"]),
    )


def _settings(row: Mapping[str, Any] | sa.RowMapping) -> LeadFreshnessSettings:
    return LeadFreshnessSettings(
        id=row["id"],
        version=row["version"],
        limits=FreshnessLimits(**row["limits"]),
        rules=tuple(rule_of(one) for one in row["rules"]),
        updated_at=row["updated_at"],
    )


_IN_FORCE = Statement(
    "SELECT id, version, limits, rules, updated_at FROM lead_freshness_settings"
    " WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
)
