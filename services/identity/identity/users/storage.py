"""How users are kept: one row each, and one for each role that they have."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from identity.domain import email_key
from identity.users.domain import Invitation, Profile, User, UserStatus

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

users = sa.Table(
    "users",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("email", sa.Text(collation="C"), nullable=False),
    sa.Column("email_key", sa.Text(collation="C"), nullable=False),
    sa.Column("name", sa.Text(collation="C"), nullable=False),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("time_zone", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("email_verified_at", _time),
    sa.Column("invitation_hash", sa.LargeBinary),
    sa.Column("invitation_expires_at", _time),
    sa.Column("access_revoked_at", _time),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

user_roles = sa.Table(
    "user_roles",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, primary_key=True),
    sa.Column("role_id", _uuid, primary_key=True),
)


invitation_mails = sa.Table(
    "invitation_mails",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, primary_key=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", _time, nullable=False),
)


class UserRepository(Repository[User]):
    """Users for a change. A user is in reach like a record that they own."""

    table = users
    kind = "user"
    owner: ClassVar[str | None] = "id"

    def _aggregate(self, row: sa.RowMapping) -> User:
        return User(
            id=row["id"],
            version=row["version"],
            email=row["email"],
            profile=Profile(row["name"], row["locale"], row["time_zone"]),
            status=UserStatus(row["status"]),
            role_ids=self._role_ids(row["id"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
            email_verified_at=row["email_verified_at"],
            invitation=_invitation(row),
            access_revoked_at=row["access_revoked_at"],
        )

    def _row(self, aggregate: User) -> dict[str, Any]:
        pending = aggregate.invitation
        return {
            "email": aggregate.email,
            "email_key": email_key(aggregate.email),
            "name": aggregate.profile.name,
            "locale": aggregate.profile.locale,
            "time_zone": aggregate.profile.time_zone,
            "status": aggregate.status.value,
            "email_verified_at": aggregate.email_verified_at,
            "invitation_hash": None if pending is None else pending.digest,
            "invitation_expires_at": None if pending is None else pending.expires_at,
            "access_revoked_at": aggregate.access_revoked_at,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }

    def _stored(self, aggregate: User, *, new: bool) -> None:
        about = {
            "tenant_id": self._tx.tenant_id,
            "user_id": aggregate.id,
            "role_ids": sorted(aggregate.role_ids),
        }
        if not new:
            self._tx.write(_TAKE_OTHER_ROLES, about)
        self._tx.write(_GIVE_ROLES, about)

    def _role_ids(self, user_id: UUID) -> frozenset[UUID]:
        found = self._tx.connection.execute(
            sa.select(user_roles.c.role_id).where(
                user_roles.c.tenant_id == self._tx.tenant_id, user_roles.c.user_id == user_id
            )
        )
        return frozenset(found.scalars())


_TAKE_OTHER_ROLES = Statement(
    "DELETE FROM user_roles WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s"
    " AND role_id <> ALL (%(role_ids)s::uuid[])"
)
_GIVE_ROLES = Statement(
    "INSERT INTO user_roles (tenant_id, user_id, role_id)"
    " SELECT %(tenant_id)s, %(user_id)s, unnest(%(role_ids)s::uuid[])"
    " ON CONFLICT (tenant_id, user_id, role_id) DO NOTHING"
)


WAIT_FOR_MAIL = Statement(
    "INSERT INTO invitation_mails (tenant_id, user_id, attempts, due_at)"
    " SELECT %(tenant_id)s, user_id, 0, %(now)s FROM unnest(%(user_ids)s::uuid[]) AS user_id"
    " ON CONFLICT (tenant_id, user_id) DO UPDATE SET attempts = 0, due_at = excluded.due_at"
)
WAIT_NO_MORE = Statement(
    "DELETE FROM invitation_mails WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s"
)


def _invitation(row: sa.RowMapping) -> Invitation | None:
    if row["invitation_hash"] is None:
        return None
    return Invitation(bytes(row["invitation_hash"]), row["invitation_expires_at"])
