"""Reads about sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from identity.clients.platform_apps import PLATFORM_APPS
from identity.clients.storage import clients
from identity.sessions.domain import Session
from identity.sessions.storage import alive, session_of, sessions
from identity.tickets import Ticket

MOST_SHOWN = 500


def list_sessions(
    reading: Reading, user_id: UUID | None = None, current: UUID | None = None
) -> list[dict[str, Any]]:
    """The sessions within reach that are not over, the latest used first."""
    statement = _shown(reading).order_by(sessions.c.last_seen_at.desc(), sessions.c.id)
    if user_id is not None:
        statement = statement.where(sessions.c.user_id == user_id)
    rows = reading.connection.execute(statement.limit(MOST_SHOWN)).mappings()
    return [_answer(row, current) for row in rows]


def get_session(reading: Reading, session_id: UUID, current: UUID | None = None) -> dict[str, Any]:
    """One session. Raises `NotFound` when it is over or out of reach."""
    statement = _shown(reading).where(sessions.c.id == session_id)
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("session", session_id)
    return _answer(row, current)


def _answer(row: sa.RowMapping, current: UUID | None) -> dict[str, Any]:
    answer = {**row, "is_current": row["id"] == current}
    platform_app = PLATFORM_APPS.get(row["client_id"])
    if platform_app is not None:
        answer["client_name"] = platform_app.name
    return answer


def _shown(reading: Reading) -> sa.Select[Any]:
    columns = sessions.c
    app = sa.and_(
        clients.c.tenant_id == columns.tenant_id,
        sa.cast(clients.c.id, sa.Text) == columns.client_id,
    )
    statement = (
        sa.select(
            columns.id,
            columns.user_id,
            columns.kind,
            columns.device,
            columns.address,
            columns.client_id,
            clients.c.name.label("client_name"),
            columns.parent_id,
            columns.created_at,
            columns.last_seen_at,
            columns.expires_at,
        )
        .select_from(sessions.outerjoin(clients, app))
        .where(columns.tenant_id == reading.caller.tenant_id, alive(reading.clock.now()))
    )
    return reading.scope.narrow(statement, columns.user_id)


_OF_TICKET = Statement.of(
    sa.select(sessions).where(
        sessions.c.tenant_id == sa.bindparam("of_tenant"),
        sessions.c.id == sa.bindparam("of_id"),
        alive(sa.bindparam("now")),
    )
)


def session_of_ticket(reading: Reading, ticket: Ticket) -> Session | None:
    """The session whose cookie this is; None when it is over."""
    row = reading.fetch_one(
        _OF_TICKET,
        {
            "of_tenant": reading.caller.tenant_id,
            "of_id": ticket.id,
            "now": reading.clock.now(),
        },
    )
    if row is None or row["digest"] is None or not ticket.matches(bytes(row["digest"])):
        return None
    return session_of(row)
