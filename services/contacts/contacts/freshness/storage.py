"""How a tenant's settings of freshness are kept: one row under the tenant's own id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from contacts.freshness.domain import FreshnessLimits, FreshnessSettings

_uuid = PgUUID(as_uuid=True)

freshness_settings = sa.Table(
    "freshness_settings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("half_life_days", sa.Integer, nullable=False),
    sa.Column("stale_after_days", sa.Integer, nullable=False),
)


class FreshnessSettingsRepository(OnePerTenantRepository[FreshnessSettings]):
    """A tenant's one settings for a change."""

    table = freshness_settings
    kind = "freshness settings"
    make = Statement(
        "INSERT INTO freshness_settings (tenant_id, id, version, half_life_days, stale_after_days)"
        " VALUES (%(tenant_id)s, %(tenant_id)s, 0, %(half_life_days)s, %(stale_after_days)s)"
        " ON CONFLICT DO NOTHING"
    )
    at_first: ClassVar[Mapping[str, Any]] = {
        "half_life_days": FreshnessLimits().half_life_days,
        "stale_after_days": FreshnessLimits().stale_after_days,
    }

    def _aggregate(self, row: sa.RowMapping) -> FreshnessSettings:
        limits = FreshnessLimits(row["half_life_days"], row["stale_after_days"])
        return FreshnessSettings(id=row["id"], version=row["version"], limits=limits)

    def _row(self, aggregate: FreshnessSettings) -> dict[str, Any]:
        return {
            "half_life_days": aggregate.limits.half_life_days,
            "stale_after_days": aggregate.limits.stale_after_days,
        }


def settings_of(reading: Reading) -> FreshnessSettings:
    """The tenant's settings, read without a lock; those of all when it has none."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("settings are a tenant's")
    row = reading.fetch_one(_READ, {"tenant_id": tenant_id})
    if row is None:
        return FreshnessSettings(id=tenant_id)
    limits = FreshnessLimits(row["half_life_days"], row["stale_after_days"])
    return FreshnessSettings(id=tenant_id, version=row["version"], limits=limits)


_READ = Statement(
    "SELECT version, half_life_days, stale_after_days FROM freshness_settings"
    " WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
