"""Sessions over REST: one's own, and for administrators those of others."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel

from chassis.domain import Forbidden
from chassis.http.call import Call
from chassis.http.query_string import Query
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from identity.sessions import operations, queries
from identity.sessions.domain import EndReason, SessionKind
from identity.transaction import IdentityTx

READ = "identity.sessions.read"
WRITE = "identity.sessions.write"

own_sessions = Routes("/v1/identity/me/sessions", tag="sessions")
sessions = Routes("/v1/identity/sessions", tag="sessions")


class SessionOut(BaseModel):
    """A sign-in that is not over: a browser's, or an app's with the app's name."""

    id: UUID
    user_id: UUID
    kind: SessionKind
    device: str
    address: str
    client_id: str | None
    client_name: str | None
    parent_id: UUID | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_current: bool


class EndedOut(BaseModel):
    """How many sessions have ended."""

    ended: int


class EndSessionsQuery(Query):
    user_id: UUID


@own_sessions.get("", permission=SIGNED_IN, listing=queries.OWN_SESSIONS, returns=SessionOut)
def list_own_sessions(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List the devices and apps that one is signed in with, the latest used first."""
    found = call.read(queries.list_sessions, listing, _own(call), call.caller.session_id)
    return Reply(found)


@own_sessions.delete("/<uuid:session_id>", permission=SIGNED_IN)
def end_own_session(call: Call[IdentityTx], session_id: UUID) -> Response:
    """End one of one's own sessions, with those of the apps that came from it."""
    _own(call)
    return call.run(
        lambda tx: operations.end_session(tx, session_id, EndReason.ENDED_BY_USER), _nothing
    )


@own_sessions.post("/end-others", permission=SIGNED_IN, returns=EndedOut)
def end_other_sessions(call: Call[IdentityTx]) -> Response:
    """End all of one's own sessions but the one in use."""
    user_id = _own(call)

    def others(tx: IdentityTx) -> int:
        return operations.end_all_sessions(
            tx, user_id, EndReason.ENDED_BY_USER, but=call.caller.session_id
        )

    return call.run(others, _counted)


@sessions.get("", permission=READ, listing=queries.SESSIONS, returns=SessionOut)
def list_sessions(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List the sessions of the users within reach that are not over, the latest used first.

    Of one user by `user_id`, of one app by `client_id`, or from one `address`.
    """
    return Reply(call.read(queries.list_sessions, listing, None, call.caller.session_id))


@sessions.get("/<uuid:session_id>", permission=READ, returns=SessionOut)
def get_session(call: Call[IdentityTx], session_id: UUID) -> Reply:
    """Get a session."""
    return Reply(call.read(queries.get_session, session_id, call.caller.session_id))


@sessions.delete("/<uuid:session_id>", permission=WRITE)
def end_session(call: Call[IdentityTx], session_id: UUID) -> Response:
    """End a session of a user within reach; its tokens are refused everywhere within 2 seconds."""
    return call.run(
        lambda tx: operations.end_session(tx, session_id, EndReason.ENDED_BY_ADMINISTRATOR),
        _nothing,
    )


@sessions.post("/end-all", permission=WRITE, query=EndSessionsQuery, returns=EndedOut)
def end_all_sessions(call: Call[IdentityTx], query: EndSessionsQuery) -> Response:
    """End all sessions of a user."""

    def end(tx: IdentityTx) -> int:
        return operations.end_all_sessions(tx, query.user_id, EndReason.ENDED_BY_ADMINISTRATOR)

    return call.run(end, _counted)


def _own(call: Call[Any]) -> UUID:
    if call.caller.user_id is None:
        raise Forbidden("Only a user has sessions.", code="user_needed")
    return call.caller.user_id


def _nothing(_tx: IdentityTx, _result: object) -> Reply:
    return Reply.nothing()


def _counted(_tx: IdentityTx, ended: int) -> Reply:
    return Reply({"ended": ended})
