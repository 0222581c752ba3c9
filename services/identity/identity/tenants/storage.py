"""How tenants are kept: one row each, which only the tenant itself and the system login see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from identity.tenants.domain import SignInPolicy, Tenant, TenantDetails, TenantStatus

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_REQUIRED = "require_second_factor"

tenants = sa.Table(
    "tenants",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text(collation="C"), nullable=False),
    sa.Column("slug", sa.Text(collation="C"), nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("policy", JSONB, nullable=False),
    sa.Column("require_second_factor", sa.Boolean, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class TenantRepository(Repository[Tenant]):
    """The tenant of the transaction, for a change."""

    table = tenants
    kind = "tenant"

    def own(self) -> Tenant:
        """The tenant that this work is for. Raises `NotFound`."""
        return self.get(self._tx.tenant_id)

    def _aggregate(self, row: sa.RowMapping) -> Tenant:
        return Tenant(
            id=row["id"],
            version=row["version"],
            slug=row["slug"],
            details=details_of(row),
            status=TenantStatus(row["status"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Tenant) -> dict[str, Any]:
        details = aggregate.details
        policy = asdict(details.policy)
        required = policy.pop(_REQUIRED)
        return {
            "name": details.name,
            "slug": aggregate.slug,
            "locale": details.locale,
            "time_zone": details.time_zone,
            "country": details.country,
            "status": aggregate.status.value,
            "policy": policy,
            _REQUIRED: required,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def details_of(row: sa.RowMapping) -> TenantDetails:
    """The details that a row of `tenants` holds."""
    return TenantDetails(
        name=row["name"],
        locale=row["locale"],
        time_zone=row["time_zone"],
        country=row["country"],
        policy=policy_of(row["policy"], required=row[_REQUIRED]),
    )


def policy_of(policy: Mapping[str, int], *, required: bool) -> SignInPolicy:
    """The policy that a row of `tenants` holds, in two columns: one came later (see migration 0010)."""
    return SignInPolicy(**policy, require_second_factor=required)
