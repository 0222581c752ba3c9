"""How a tenant's settings of subscriptions are kept: one row under the tenant's own id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.one_per_tenant import OnePerTenantRepository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.subscription_settings.domain import REMINDER_DAYS, SubscriptionSettings

_uuid = PgUUID(as_uuid=True)

subscription_settings = sa.Table(
    "subscription_settings",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("reminder_days", ARRAY(sa.Integer), nullable=False),
    sa.Column("pipeline_id", _uuid),
    sa.Column("time_zone", sa.Text(collation="C"), nullable=False),
    sa.Column("zone_version", sa.BigInteger, nullable=False),
)
_OWN = ("pipeline_id", "time_zone", "zone_version")


_MAKE = Statement(
    "INSERT INTO subscription_settings"
    " (tenant_id, id, version, reminder_days, pipeline_id, time_zone, zone_version)"
    " VALUES (%(tenant_id)s, %(tenant_id)s, 0, %(reminder_days)s, NULL, 'UTC', 0)"
    " ON CONFLICT DO NOTHING"
)


class SubscriptionSettingsRepository(OnePerTenantRepository[SubscriptionSettings]):
    """A tenant's one settings for a change."""

    table = subscription_settings
    kind = "subscription settings"
    make = _MAKE
    at_first: ClassVar[Mapping[str, Any]] = {"reminder_days": list(REMINDER_DAYS)}

    def _aggregate(self, row: sa.RowMapping) -> SubscriptionSettings:
        return SubscriptionSettings(
            id=row["id"],
            version=row["version"],
            reminder_days=tuple(row["reminder_days"]),
            **{name: row[name] for name in _OWN},
        )

    def _row(self, aggregate: SubscriptionSettings) -> dict[str, Any]:
        return {
            "reminder_days": list(aggregate.reminder_days),
            **{name: getattr(aggregate, name) for name in _OWN},
        }


def settings_of(reading: Reading | UnitOfWork) -> SubscriptionSettings:
    """The tenant's settings to go by, read without a lock; those of all when it has none."""
    tenant_id = reading.caller.tenant_id
    if tenant_id is None:
        raise RuntimeError("settings are a tenant's")
    row = reading.fetch_one(_READ, {"tenant_id": tenant_id})
    if row is None:
        return SubscriptionSettings(id=tenant_id)
    known = {name: row[name] for name in ("version", *_OWN)}
    return SubscriptionSettings(id=tenant_id, reminder_days=tuple(row["reminder_days"]), **known)


_READ = Statement(
    "SELECT version, reminder_days, pipeline_id, time_zone, zone_version"
    " FROM subscription_settings WHERE tenant_id = %(tenant_id)s AND id = %(tenant_id)s"
)
