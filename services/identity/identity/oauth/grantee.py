"""On whose behalf a token is issued: the user, as they stand at this moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading, UnitOfWork
from identity.sessions.domain import Session
from identity.sessions.storage import alive, session_of, sessions
from identity.teams.storage import team_members, teams
from identity.tenants.domain import TenantStatus
from identity.tenants.storage import tenants
from identity.tickets import Ticket
from identity.users.domain import UserStatus
from identity.users.storage import user_roles, users


@dataclass(frozen=True, slots=True)
class Grantee:
    """A user with roles and teams, and the session that the tokens belong to.

    `refresh` is the refresh token that goes with them, if there is one.
    """

    tenant_id: UUID
    user_id: UUID
    session_id: UUID
    authenticated_at: datetime
    email: str
    email_verified: bool
    name: str
    locale: str
    time_zone: str
    updated_at: datetime
    role_ids: tuple[UUID, ...]
    team_ids: tuple[UUID, ...]
    methods: tuple[str, ...]
    nonce: str | None = None
    refresh: Ticket | None = field(default=None, repr=False)

    def get_user_id(self) -> str:
        """What stands in `sub`."""
        return str(self.user_id)


def read_grantee(
    reading: Reading | UnitOfWork,
    session: Session,
    *,
    nonce: str | None = None,
    refresh: Ticket | None = None,
) -> Grantee | None:
    """The user of a session; None when the user or the organisation is kept out."""
    tenant_id = reading.caller.tenant_id
    assert tenant_id is not None  # noqa: S101 - a transaction has a tenant
    row = reading.connection.execute(
        sa.select(users, tenants.c.status.label("tenant_status"))
        .join(tenants, tenants.c.tenant_id == users.c.tenant_id)
        .where(users.c.tenant_id == tenant_id, users.c.id == session.user_id)
    ).first()
    if row is None or row.status != UserStatus.ACTIVE or row.tenant_status != TenantStatus.ACTIVE:
        return None
    return Grantee(
        tenant_id=tenant_id,
        user_id=row.id,
        session_id=session.id,
        authenticated_at=session.authenticated_at,
        email=row.email,
        email_verified=row.email_verified_at is not None,
        name=row.name,
        locale=row.locale,
        time_zone=row.time_zone,
        updated_at=row.updated_at,
        role_ids=_ids(reading, user_roles.c.role_id, user_roles.c.user_id, row.id),
        team_ids=_team_ids(reading, row.id),
        methods=session.methods,
        nonce=nonce,
        refresh=refresh,
    )


def _team_ids(reading: Reading | UnitOfWork, user_id: UUID) -> tuple[UUID, ...]:
    """The teams that a user is in or leads: both see the records of the team."""
    own = _ids(reading, team_members.c.team_id, team_members.c.user_id, user_id)
    led = _ids(reading, teams.c.id, teams.c.manager_id, user_id)
    return tuple(sorted({*own, *led}))


def _ids(
    reading: Reading | UnitOfWork, wanted: sa.Column[UUID], owner: sa.Column[UUID], user_id: UUID
) -> tuple[UUID, ...]:
    table = wanted.table
    statement = sa.select(wanted).where(
        table.c.tenant_id == reading.caller.tenant_id, owner == user_id
    )
    return tuple(sorted(reading.connection.scalars(statement)))


def grantee_of_session(reading: Reading, session_id: UUID) -> Grantee | None:
    """The user of a session that is not over."""
    row = (
        reading.connection.execute(
            sa.select(sessions).where(
                sessions.c.tenant_id == reading.caller.tenant_id,
                sessions.c.id == session_id,
                alive(reading.clock.now()),
            )
        )
        .mappings()
        .first()
    )
    return None if row is None else read_grantee(reading, session_of(row))
