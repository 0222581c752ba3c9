"""How teams are kept: one row each, and one for each member."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.statements import Statement
from identity.teams.domain import Team, TeamDetails, TeamTree

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)
_LOCK = 0x7465616D  # with the tenant's hash: nobody else moves teams of this tenant

teams = sa.Table(
    "teams",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text(collation="C"), nullable=False),
    sa.Column("parent_team_id", _uuid),
    sa.Column("manager_id", _uuid),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("updated_at", _time, nullable=False),
)

team_members = sa.Table(
    "team_members",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("team_id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, primary_key=True),
)


class TeamRepository(Repository[Team]):
    """Teams for a change."""

    table = teams
    kind = "team"

    def tree(self) -> TeamTree:
        """The tree as it stands; nobody else changes it until this transaction ends.

        Two moves that are fine one by one can make a cycle together.
        """
        key = sa.func.hashtext(str(self._tx.tenant_id))
        self._tx.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, key)))
        rows = self._tx.connection.execute(
            sa.select(teams.c.id, teams.c.parent_team_id).where(
                teams.c.tenant_id == self._tx.tenant_id
            )
        )
        return TeamTree({row.id: row.parent_team_id for row in rows})

    def _aggregate(self, row: sa.RowMapping) -> Team:
        return Team(
            id=row["id"],
            version=row["version"],
            details=TeamDetails(row["name"], row["parent_team_id"], row["manager_id"]),
            member_ids=self._member_ids(row["id"]),
            created_at=row["created_at"],
            updated_at=row["updated_at"],
        )

    def _row(self, aggregate: Team) -> dict[str, Any]:
        details = aggregate.details
        return {
            "name": details.name,
            "parent_team_id": details.parent_id,
            "manager_id": details.manager_id,
            "created_at": aggregate.created_at,
            "updated_at": aggregate.updated_at,
        }

    def _stored(self, aggregate: Team, *, new: bool) -> None:
        about = {
            "tenant_id": self._tx.tenant_id,
            "team_id": aggregate.id,
            "member_ids": sorted(aggregate.member_ids),
        }
        if not new:
            self._tx.write(_REMOVE_OTHER_MEMBERS, about)
        self._tx.write(_ADD_MEMBERS, about)

    def _member_ids(self, team_id: UUID) -> frozenset[UUID]:
        found = self._tx.connection.execute(
            sa.select(team_members.c.user_id).where(
                team_members.c.tenant_id == self._tx.tenant_id, team_members.c.team_id == team_id
            )
        )
        return frozenset(found.scalars())


_REMOVE_OTHER_MEMBERS = Statement(
    "DELETE FROM team_members WHERE tenant_id = %(tenant_id)s AND team_id = %(team_id)s"
    " AND user_id <> ALL (%(member_ids)s::uuid[])"
)
_ADD_MEMBERS = Statement(
    "INSERT INTO team_members (tenant_id, team_id, user_id)"
    " SELECT %(tenant_id)s, %(team_id)s, unnest(%(member_ids)s::uuid[])"
    " ON CONFLICT (tenant_id, team_id, user_id) DO NOTHING"
)
