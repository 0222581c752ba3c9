"""How the teams of opportunities are kept: one row for each time that somebody was a member."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from chassis.storage.scope import Scope
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from sales.opportunity_teams.domain import Membership

ONE_AT_A_TIME = "opportunity_members_one"
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

opportunity_members = sa.Table(
    "opportunity_members",
    sa.MetaData(),
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("opportunity_id", _uuid, nullable=False),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("role", sa.Text(collation="C"), nullable=False),
    sa.Column("joined_at", _time, nullable=False),
    sa.Column("left_at", _time),
)
_columns = opportunity_members.c
_PLAIN = ("opportunity_id", "user_id", "role", "joined_at", "left_at")


class OpportunityMembersRepository(Repository[Membership]):
    """Memberships for a change."""

    table = opportunity_members
    kind = "member of the opportunity"

    def of_user(self, opportunity_id: UUID, user_id: UUID) -> Membership | None:
        """The membership that somebody has now; None without one."""
        about = {"tenant_id": self._tx.tenant_id, "opportunity_id": opportunity_id}
        row = self._tx.fetch_one(_OF_USER, {**about, "user_id": user_id})
        found = [] if row is None else self.get_many([row["id"]])
        return found[0] if found else None

    def _aggregate(self, row: sa.RowMapping) -> Membership:
        own = {name: row[name] for name in _PLAIN}
        return Membership(id=row["id"], version=row["version"], **own)

    def _row(self, aggregate: Membership) -> dict[str, Any]:
        return {name: getattr(aggregate, name) for name in _PLAIN}


def members_of(reading: Reading | UnitOfWork, opportunity_id: UUID) -> frozenset[UUID]:
    """Who works on an opportunity now, its owner not counted."""
    about = {"tenant_id": reading.caller.tenant_id, "opportunity_id": opportunity_id}
    return frozenset(row["user_id"] for row in reading.fetch_all(_NOW, about))


def worked_on_by(tenant_id: UUID | None, user_id: UUID) -> sa.Select[Any]:
    """The ids of the opportunities that somebody is a member of now."""
    return sa.select(_columns.opportunity_id).where(
        _columns.tenant_id == tenant_id, _columns.user_id == user_id, _columns.left_at.is_(None)
    )


def worked_on_within(
    tenant_id: UUID | None, scope: Scope, opportunity_id: sa.ColumnElement[UUID]
) -> sa.ColumnElement[bool]:
    """Whether a member of an opportunity is within reach."""
    found = sa.select(_columns.id).where(
        _columns.tenant_id == tenant_id,
        _columns.opportunity_id == opportunity_id,
        _columns.left_at.is_(None),
    )
    return sa.exists(scope.narrow(found, _columns.user_id))


_OF_USER = Statement(
    "SELECT id FROM opportunity_members WHERE tenant_id = %(tenant_id)s"
    " AND opportunity_id = %(opportunity_id)s AND user_id = %(user_id)s AND left_at IS NULL"
)
_NOW = Statement(
    "SELECT user_id FROM opportunity_members WHERE tenant_id = %(tenant_id)s"
    " AND opportunity_id = %(opportunity_id)s AND left_at IS NULL"
)
