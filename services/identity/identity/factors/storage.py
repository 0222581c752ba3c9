"""Tables of second factors, recovery codes and ceremonies, and the repository of factors."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from identity.factors.domain import Factor, FactorKind, Passkey, Totp

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

factors = sa.Table(
    "factors",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("last_used_at", _time),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("last_step", sa.BigInteger),
    sa.Column("credential_id", sa.LargeBinary),
    sa.Column("public_key", sa.LargeBinary),
    sa.Column("sign_count", sa.BigInteger),
    sa.Column("synced", sa.Boolean),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("used_at", _time),
)

ceremonies = sa.Table(
    "ceremonies",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("challenge", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("expires_at", _time, nullable=False),
    sa.Column("used_at", _time),
)


class FactorRepository(Repository[Factor]):
    """Factors for a change; reach is by whose they are."""

    table = factors
    kind = "factor"
    owner: ClassVar[str | None] = "user_id"

    def of_user(self, user_id: UUID) -> list[Factor]:
        """All factors of a user, locked, the oldest first."""
        columns = factors.c
        ids = self._tx.connection.scalars(
            sa.select(columns.id)
            .where(columns.tenant_id == self._tx.tenant_id, columns.user_id == user_id)
            .order_by(columns.created_at, columns.id)
        )
        return self.get_many(list(ids))

    def used(self, factor: Factor) -> None:
        """Note a use, without a fact: nobody else needs to know."""
        means, columns = factor.means, factors.c
        values: dict[str, Any] = {"last_used_at": factor.last_used_at}
        if isinstance(means, Totp):
            values["last_step"] = means.last_step
        else:
            values |= {"sign_count": means.sign_count, "synced": means.synced}
        self._tx.connection.execute(
            sa.update(factors)
            .where(columns.tenant_id == self._tx.tenant_id, columns.id == factor.id)
            .values(**values)
        )

    def _aggregate(self, row: sa.RowMapping) -> Factor:
        return Factor(
            id=row["id"],
            version=row["version"],
            user_id=row["user_id"],
            name=row["name"],
            means=_means(row),
            created_at=row["created_at"],
            last_used_at=row["last_used_at"],
        )

    def _row(self, aggregate: Factor) -> dict[str, Any]:
        means = aggregate.means
        own: dict[str, Any] = {
            "sealed": None,
            "last_step": None,
            "credential_id": None,
            "public_key": None,
            "sign_count": None,
            "synced": None,
        }
        if isinstance(means, Totp):
            own |= {"sealed": means.sealed, "last_step": means.last_step}
        else:
            own |= {name: getattr(means, name) for name in Passkey.__slots__}
        return {
            "user_id": aggregate.user_id,
            "kind": aggregate.kind.value,
            "name": aggregate.name,
            "created_at": aggregate.created_at,
            "last_used_at": aggregate.last_used_at,
            **own,
        }


def _means(row: sa.RowMapping) -> Totp | Passkey:
    if row["kind"] == FactorKind.TOTP:
        return Totp(bytes(row["sealed"]), row["last_step"])
    return Passkey(
        bytes(row["credential_id"]), bytes(row["public_key"]), row["sign_count"], row["synced"]
    )
