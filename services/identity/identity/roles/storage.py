"""How roles are kept: one row each, with all that they grant."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.unit_of_work import UnitOfWork
from identity.domain import name_key
from identity.roles.domain import Grant, GrantReach, Role

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

roles = sa.Table(
    "roles",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text(collation="C")),
    sa.Column("name", sa.Text(collation="C"), nullable=False),
    sa.Column("name_key", sa.Text(collation="C"), nullable=False),
    sa.Column("grants", JSONB, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)


class RoleRepository(Repository[Role]):
    """Roles for a change."""

    table = roles
    kind = "role"

    def built_in(self) -> dict[str, Role]:
        """The tenant's built-in roles by their keys, locked."""
        ids = self._tx.connection.execute(
            sa.select(roles.c.id).where(
                roles.c.tenant_id == self._tx.tenant_id, roles.c.key.is_not(None)
            )
        ).scalars()
        return {role.key: role for role in self.get_many(list(ids)) if role.key is not None}

    def _aggregate(self, row: sa.RowMapping) -> Role:
        return Role(
            id=row["id"],
            version=row["version"],
            name=row["name"],
            grants=grants_of(row["grants"]),
            key=row["key"],
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Role) -> dict[str, Any]:
        return {
            "key": aggregate.key,
            "name": aggregate.name,
            "name_key": name_key(aggregate.name),
            "grants": [
                {"permission": grant.permission, "reach": grant.reach.value}
                for grant in aggregate.grants
            ],
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }


def grants_of(stored: list[dict[str, str]]) -> tuple[Grant, ...]:
    """The grants that the column `grants` holds."""
    return tuple(Grant(each["permission"], GrantReach(each["reach"])) for each in stored)


def lock_built_in_role(tx: UnitOfWork, key: str) -> UUID | None:
    """The tenant's built-in role with this key, locked until the transaction ends."""
    found: UUID | None = tx.connection.execute(
        sa.select(roles.c.id)
        .where(roles.c.tenant_id == tx.tenant_id, roles.c.key == key)
        .with_for_update()
    ).scalar()
    return found
