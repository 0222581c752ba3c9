"""Reads about sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    text_filter,
    time_filter,
    uuid_filter,
)
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from identity.clients.platform_apps import PLATFORM_APPS
from identity.clients.storage import clients
from identity.sessions.domain import Session, SessionKind
from identity.sessions.storage import alive, session_of, sessions
from identity.tickets import Ticket

_MOST_ON_A_PAGE = 500
_columns = sessions.c
_SORTS = {
    "last_seen_at": _columns.last_seen_at,
    "created_at": _columns.created_at,
    "expires_at": _columns.expires_at,
}
_FILTERS = {
    "kind": choice_filter(_columns.kind, *SessionKind),
    "client_id": text_filter(_columns.client_id),
    "address": text_filter(_columns.address),
    "created_at": time_filter(_columns.created_at),
    "last_seen_at": time_filter(_columns.last_seen_at),
}
OWN_SESSIONS = ListSpec(_columns.id, _SORTS, "-last_seen_at", _FILTERS)
SESSIONS = ListSpec(
    _columns.id, _SORTS, "-last_seen_at", {"user_id": uuid_filter(_columns.user_id), **_FILTERS}
)


def list_sessions(
    reading: Reading, listing: Listing, user_id: UUID | None = None, current: UUID | None = None
) -> dict[str, Any]:
    """A page of the sessions within reach that are not over, or of those of one user."""
    statement = _shown(reading)
    if user_id is not None:
        statement = statement.where(_columns.user_id == user_id)
    return listing.fetch(reading.connection, statement, lambda row: _answer(row._mapping, current))


def sessions_on_page(reading: Reading, user_id: UUID, current: UUID) -> list[dict[str, Any]]:
    """What the page of somebody's own account shows: the latest used first."""
    statement = _shown(reading).where(_columns.user_id == user_id)
    latest = statement.order_by(_columns.last_seen_at.desc(), _columns.id).limit(_MOST_ON_A_PAGE)
    return [_answer(row, current) for row in reading.connection.execute(latest).mappings()]


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
