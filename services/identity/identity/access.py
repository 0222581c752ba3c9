"""All that decides who may do what in a tenant, read as one whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.access.directory import AccessEntry
from chassis.access.reactions import entries_of_snapshot
from chassis.context import service_caller
from chassis.domain import Clock
from chassis.storage.database import Database, OpenSession
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Reading
from identity.clients.storage import clients
from identity.facts import grants_message
from identity.roles.storage import grants_of, roles
from identity.sessions.storage import sessions
from identity.teams.domain import TeamTree
from identity.teams.storage import team_members, teams
from identity.tenants.domain import TenantStatus
from identity.tenants.storage import tenants
from identity.users.storage import users
from rapport.identity.v1 import access_pb2
from rapport.identity.v1.identity_service_pb2 import (
    EndedSession,
    GetAccessSnapshotResponse,
    Revocation,
)

TOKENS_LAST = timedelta(minutes=10)
"""What ended longer ago matters to no token any more; twice as long as one lives."""

_WHOLE = sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def read_access(reading: Reading) -> GetAccessSnapshotResponse:
    """The caller's tenant as it is at one instant; the first statement of its transaction."""
    reading.connection.execute(_WHOLE)
    now = reading.clock.now()
    answer = GetAccessSnapshotResponse(
        roles=_roles(reading),
        teams=_teams(reading),
        revocations=_revocations(reading, now - TOKENS_LAST),
        ended_sessions=_ended_sessions(reading, now - TOKENS_LAST),
        as_of=_timestamp(now),
    )
    tenant = reading.connection.execute(
        sa.select(tenants.c.status, tenants.c.version).where(_own(reading, tenants))
    ).first()
    if tenant is not None:
        answer.tenant_suspended = tenant.status == TenantStatus.SUSPENDED
        answer.tenant_version = tenant.version
    return answer


class OwnAccessSource:
    """An `AccessSource` for identity itself: its own tables."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def fetch(self, tenant_id: UUID) -> list[AccessEntry]:
        """All that there is. Raises `Unavailable`."""
        caller = service_caller("identity", tenant_id)
        with self._database.tenant_transaction(tenant_id, read_only=True) as connection:
            answer = read_access(Reading(OpenSession(connection), caller, EVERYTHING, self._clock))
        return entries_of_snapshot(answer)


def _own(reading: Reading, table: sa.Table) -> sa.ColumnElement[bool]:
    own: sa.ColumnElement[bool] = table.c.tenant_id == reading.caller.tenant_id
    return own


def _roles(reading: Reading) -> list[access_pb2.Role]:
    columns = roles.c
    rows = reading.connection.execute(
        sa.select(columns.id, columns.name, columns.grants, columns.version)
        .where(_own(reading, roles))
        .order_by(columns.id)
    )
    return [
        access_pb2.Role(
            role_id=str(row.id),
            name=row.name,
            grants=grants_message(grants_of(row.grants)),
            version=row.version,
        )
        for row in rows
    ]


def _teams(reading: Reading) -> list[access_pb2.Team]:
    """The teams, those above before those below them."""
    found = reading.connection.execute(sa.select(teams).where(_own(reading, teams))).all()
    tree = TeamTree({row.id: row.parent_team_id for row in found})
    members = _members(reading)
    return [
        _team(row, members.get(row.id, []))
        for row in sorted(found, key=lambda row: (tree.depth(row.id), row.id))
    ]


def _members(reading: Reading) -> dict[UUID, list[str]]:
    members: dict[UUID, list[str]] = {}
    rows = reading.connection.execute(
        sa.select(team_members.c.team_id, team_members.c.user_id)
        .where(_own(reading, team_members))
        .order_by(team_members.c.user_id)
    )
    for row in rows:
        members.setdefault(row.team_id, []).append(str(row.user_id))
    return members


def _team(row: sa.Row[Any], member_ids: list[str]) -> access_pb2.Team:
    return access_pb2.Team(
        team_id=str(row.id),
        parent_team_id=None if row.parent_team_id is None else str(row.parent_team_id),
        name=row.name,
        manager_id=None if row.manager_id is None else str(row.manager_id),
        member_ids=member_ids,
        version=row.version,
    )


def _revocations(reading: Reading, since: datetime) -> list[Revocation]:
    either = sa.union_all(
        *(
            sa.select(table.c.id, table.c.access_revoked_at).where(
                _own(reading, table), table.c.access_revoked_at > since
            )
            for table in (users, clients)
        )
    )
    return [
        Revocation(subject_id=str(row.id), not_before=_timestamp(row.access_revoked_at))
        for row in reading.connection.execute(either)
    ]


def _ended_sessions(reading: Reading, since: datetime) -> list[EndedSession]:
    rows = reading.connection.execute(
        sa.select(sessions.c.id, sessions.c.ended_at).where(
            _own(reading, sessions), sessions.c.ended_at > since
        )
    )
    return [EndedSession(session_id=str(row.id), ended_at=_timestamp(row.ended_at)) for row in rows]


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
