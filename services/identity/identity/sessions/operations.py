"""What is done to sessions: begin, note their use, end one or all of a user's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from identity.sessions.domain import PASSWORD_ALONE, Device, EndReason, Lifetime, Session
from identity.tickets import Ticket

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


def begin_browser_session(
    tx: IdentityTx,
    user_id: UUID,
    device: Device,
    lifetime: Lifetime,
    methods: tuple[str, ...] = PASSWORD_ALONE,
) -> tuple[Session, Ticket]:
    """A session for the browser in which the user has just signed in, and its cookie."""
    ticket = Ticket.issue(tx.tenant_id, tx.ids.new())
    session = Session.begin(ticket.id, user_id, device, lifetime, tx.clock.now(), methods)
    session.digest = ticket.digest
    tx.sessions.add(session)
    tx.act_in(session)
    return session, ticket


def touch_session(tx: IdentityTx, session: Session, address: str) -> None:
    """Note that a session is in use, if that has not been noted of late."""
    now = tx.clock.now()
    if session.is_due_for_touch(now):
        tx.sessions.touch(session, address, now)


def end_session(tx: IdentityTx, session_id: UUID, reason: EndReason) -> Session:
    """End a session and those of the apps that came from it. Raises `NotFound`."""
    session = tx.sessions.get(session_id)
    ids = tx.sessions.open_ids(parent_id=session_id)
    _end(tx, [session, *tx.sessions.get_many(ids)], reason)
    return session


def end_all_sessions(
    tx: IdentityTx, user_id: UUID, reason: EndReason, *, but: UUID | None = None
) -> int:
    """End all sessions of a user, refresh tokens included; tells how many there were.

    `but` names the one in use: its browser's session goes on, with those of all its apps.
    """
    found = _all_open(tx, user_id)
    kept = next((one.parent_id or one.id for one in found if one.id == but), None)
    ending = [one for one in found if kept is None or kept not in (one.id, one.parent_id)]
    _end(tx, ending, reason)
    return len(ending)


def end_sessions_of_app(tx: IdentityTx, user_id: UUID, client_id: str, reason: EndReason) -> int:
    """End what a user has let an app in with, offline or not; tells how many sessions there were."""
    ending = [one for one in _all_open(tx, user_id) if one.client_id == client_id]
    _end(tx, ending, reason)
    return len(ending)


def _all_open(tx: IdentityTx, user_id: UUID) -> list[Session]:
    """The open sessions of a user, locked.

    Whoever lets an app in holds the browser's session meanwhile; so once all are held that there
    are, it is looked again whether there are more.
    """
    found: dict[UUID, Session] = {}
    while more := set(tx.sessions.open_ids(user_id=user_id)) - found.keys():
        held = tx.sessions.get_many(sorted(more))
        if not held:  # the user is out of reach
            break
        found |= {session.id: session for session in held}
    return list(found.values())


def _end(tx: IdentityTx, ending: list[Session], reason: EndReason) -> None:
    """The tokens are refused here with the commit, and everywhere as soon as the fact is there."""
    for session in ending:
        session.end(reason, tx.clock.now())
