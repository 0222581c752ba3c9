"""How providers are kept, and how they have been doing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from notifications.providers.domain import ConfiguredProvider, Pace, ProviderSettings

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

providers = sa.Table(
    "providers",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text(collation="C"), nullable=False),
    sa.Column("channel", sa.Text(collation="C"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("secrets", sa.LargeBinary, nullable=False),
    sa.Column("per_second", sa.Float),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
    sa.Column("removed_at", _time),
)

provider_paces = sa.Table(
    "provider_paces",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("provider_id", _uuid, primary_key=True),
    sa.Column("next_turn_at", _time),
    sa.Column("paused_until", _time),
    sa.Column("failures", sa.Integer, nullable=False),
)


class ProvidersRepository(Repository[ConfiguredProvider]):
    """Keeps providers."""

    table = providers
    kind = "provider"

    def pace(self, provider_id: UUID) -> Pace:
        """How a provider has been doing, locked: workers take their turns one by one."""
        about = {"tenant_id": self._tx.tenant_id, "provider_id": provider_id}
        row = self._tx.fetch_one(_PACE, about)
        return Pace() if row is None else Pace(**row)

    def keep_pace(self, provider_id: UUID, pace: Pace) -> None:
        """Note how a provider is doing."""
        about = {
            "tenant_id": self._tx.tenant_id,
            "provider_id": provider_id,
            "next_turn_at": pace.next_turn_at,
            "paused_until": pace.paused_until,
            "failures": pace.failures,
        }
        self._tx.write(_KEEP_PACE, about)

    def consider_well(self, provider_id: UUID) -> None:
        """Forget how a provider has been doing: it is another one now."""
        self._tx.write(_WELL, {"tenant_id": self._tx.tenant_id, "provider_id": provider_id})

    def _row(self, aggregate: ConfiguredProvider) -> dict[str, Any]:
        settings = aggregate.settings
        return {
            "name": settings.name,
            "kind": settings.kind,
            "channel": settings.channel,
            "position": settings.position,
            "enabled": settings.enabled,
            "settings": dict(settings.settings),
            "secrets": settings.secrets,
            "per_second": settings.per_second,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
            "removed_at": aggregate.removed_at,
        }

    def _aggregate(self, row: sa.RowMapping) -> ConfiguredProvider:
        return ConfiguredProvider(
            id=row["id"],
            version=row["version"],
            settings=settings_of(row),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            removed_at=row["removed_at"],
        )


def settings_of(row: Any) -> ProviderSettings:
    """The settings that a row holds."""
    return ProviderSettings(
        row["name"],
        row["kind"],
        row["channel"],
        row["position"],
        row["enabled"],
        row["settings"],
        bytes(row["secrets"]),
        row["per_second"],
    )


def pace_of(tx: UnitOfWork, provider_id: UUID) -> Pace:
    """How a provider has been doing, without holding it."""
    about = {"tenant_id": tx.tenant_id, "provider_id": provider_id}
    row = tx.fetch_one(Statement(_PACE.sql.removesuffix(" FOR UPDATE")), about)
    return Pace() if row is None else Pace(**row)


_PACE = Statement(
    "SELECT next_turn_at, paused_until, failures FROM provider_paces"
    " WHERE tenant_id = %(tenant_id)s AND provider_id = %(provider_id)s FOR UPDATE"
)
_KEEP_PACE = Statement(
    """
    INSERT INTO provider_paces (tenant_id, provider_id, next_turn_at, paused_until, failures)
    VALUES (%(tenant_id)s, %(provider_id)s, %(next_turn_at)s, %(paused_until)s, %(failures)s)
    ON CONFLICT (tenant_id, provider_id) DO UPDATE SET next_turn_at = excluded.next_turn_at,
        paused_until = excluded.paused_until, failures = excluded.failures
    """
)
_WELL = Statement(
    "UPDATE provider_paces SET paused_until = NULL, failures = 0"
    " WHERE tenant_id = %(tenant_id)s AND provider_id = %(provider_id)s"
)
