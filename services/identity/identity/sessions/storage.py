"""Tables of sessions and refresh tokens, and the repository of sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.repository import Repository
from identity.sessions.domain import Device, EndReason, Session, SessionKind

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text),
    sa.Column("parent_id", _uuid),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary),
    sa.Column("authenticated_at", _time, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("last_seen_at", _time, nullable=False),
    sa.Column("idle", sa.Interval, nullable=False),
    sa.Column("expires_at", _time, nullable=False),
    sa.Column("ended_at", _time),
    sa.Column("end_reason", sa.Text),
    sa.Column("methods", sa.Text, nullable=False),
)

refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("session_id", _uuid, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("issued_at", _time, nullable=False),
    sa.Column("used_at", _time),
)


def alive(now: datetime | sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
    """The condition for sessions that are not over."""
    columns = sessions.c
    return sa.and_(
        columns.ended_at.is_(None),
        columns.expires_at > now,
        columns.last_seen_at + columns.idle > now,
    )


def session_of(row: sa.RowMapping | dict[str, Any]) -> Session:
    """The session that a row stands for."""
    return Session(
        id=row["id"],
        version=row["version"],
        user_id=row["user_id"],
        kind=SessionKind(row["kind"]),
        client_id=row["client_id"],
        parent_id=row["parent_id"],
        device=Device(row["device"], row["address"]),
        scope=row["scope"],
        digest=None if row["digest"] is None else bytes(row["digest"]),
        authenticated_at=row["authenticated_at"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        idle=row["idle"],
        expires_at=row["expires_at"],
        ended_at=row["ended_at"],
        end_reason=None if row["end_reason"] is None else EndReason(row["end_reason"]),
        methods=tuple(row["methods"].split()),
    )


class SessionRepository(Repository[Session]):
    """Loads and stores sessions; reach is by whose they are."""

    table = sessions
    kind = "session"
    owner: ClassVar[str | None] = "user_id"

    def _aggregate(self, row: sa.RowMapping) -> Session:
        return session_of(row)

    def _row(self, aggregate: Session) -> dict[str, Any]:
        return {
            "user_id": aggregate.user_id,
            "kind": aggregate.kind.value,
            "client_id": aggregate.client_id,
            "parent_id": aggregate.parent_id,
            "device": aggregate.device.name,
            "address": aggregate.device.address,
            "scope": aggregate.scope,
            "digest": aggregate.digest,
            "authenticated_at": aggregate.authenticated_at,
            "created_at": aggregate.created_at,
            "last_seen_at": aggregate.last_seen_at,
            "idle": aggregate.idle,
            "expires_at": aggregate.expires_at,
            "ended_at": aggregate.ended_at,
            "end_reason": None if aggregate.end_reason is None else aggregate.end_reason.value,
            "methods": " ".join(aggregate.methods),
        }

    def open_ids(self, *, user_id: UUID | None = None, parent_id: UUID | None = None) -> list[UUID]:
        """The sessions that have not ended, of a user or begun from a browser's session."""
        columns = sessions.c
        statement = sa.select(columns.id).where(
            columns.tenant_id == self._tx.tenant_id, columns.ended_at.is_(None)
        )
        if user_id is not None:
            statement = statement.where(columns.user_id == user_id)
        if parent_id is not None:
            statement = statement.where(columns.parent_id == parent_id)
        return list(self._tx.connection.scalars(statement))

    def touch(self, session: Session, address: str, now: datetime) -> None:
        """Note the use of a session, without a fact: nobody else needs to know."""
        session.last_seen_at = now
        self._tx.connection.execute(
            sa.update(sessions)
            .where(sessions.c.tenant_id == self._tx.tenant_id, sessions.c.id == session.id)
            .values(last_seen_at=now, address=address)
        )
