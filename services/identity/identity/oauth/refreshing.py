"""Refresh tokens: each is used once; one that is shown again ends the session it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from identity.oauth.grantee import Grantee, read_grantee
from identity.oauth.scopes import within
from identity.sessions.domain import EndReason, Session
from identity.sessions.operations import end_session
from identity.sessions.storage import refresh_tokens as tokens
from identity.sessions.storage import session_of, sessions
from identity.tickets import Ticket

if TYPE_CHECKING:
    from identity.oauth.clients import OAuthClient
    from identity.transaction import IdentityTx


@dataclass(frozen=True, slots=True)
class IssuedRefreshToken:
    """A refresh token as the protocol looks at it. `bounds` is what its app may ask for now."""

    ticket: Ticket
    session: Session
    is_used: bool
    is_over: bool
    bounds: frozenset[str] | None = None

    def check_client(self, client: OAuthClient) -> bool:
        """Whether it was issued to this client."""
        return self.session.client_id == client.get_client_id()

    def get_scope(self) -> str:
        """What the user has agreed to, as far as the app may still ask for it."""
        granted = self.session.scope
        return granted if self.bounds is None else within(granted, self.bounds)

    def is_expired(self) -> bool:
        """Whether its session is over."""
        return self.is_over

    def is_revoked(self) -> bool:
        """Whether it has been used."""
        return self.is_used


def issue_refresh_token(tx: IdentityTx, session_id: UUID) -> Ticket:
    """A new refresh token of a session."""
    ticket = Ticket.issue(tx.tenant_id, tx.ids.new())
    tx.connection.execute(
        sa.insert(tokens).values(
            tenant_id=tx.tenant_id,
            id=ticket.id,
            session_id=session_id,
            digest=ticket.digest,
            issued_at=tx.clock.now(),
        )
    )
    return ticket


def read_refresh_token(reading: Reading, ticket: Ticket) -> IssuedRefreshToken | None:
    """The refresh token with its session, used or not; None when it is unknown."""
    row = (
        reading.connection.execute(
            sa.select(
                sessions, tokens.c.digest.label("token_digest"), tokens.c.used_at.label("used_at")
            )
            .join(
                tokens,
                sa.and_(
                    tokens.c.tenant_id == sessions.c.tenant_id,
                    tokens.c.session_id == sessions.c.id,
                ),
            )
            .where(tokens.c.tenant_id == reading.caller.tenant_id, tokens.c.id == ticket.id)
        )
        .mappings()
        .first()
    )
    if row is None or not ticket.matches(bytes(row["token_digest"])):
        return None
    session = session_of(row)
    over = not session.is_alive(reading.clock.now())
    return IssuedRefreshToken(ticket, session, row["used_at"] is not None, over)


def rotate_refresh_token(tx: IdentityTx, token: IssuedRefreshToken, address: str) -> Grantee | None:
    """Use a refresh token up, and issue the next.

    None when the session or the account is over, or the token has been used: then the session
    ends, since one of the two who showed it has stolen it. Of two at once the second finds it used.
    """
    now = tx.clock.now()
    session = tx.sessions.get(token.session.id)
    used = tx.connection.execute(
        sa.update(tokens)
        .where(
            tokens.c.tenant_id == tx.tenant_id,
            tokens.c.id == token.ticket.id,
            tokens.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    if used.rowcount != 1:
        end_session(tx, session.id, EndReason.REFRESH_TOKEN_REUSED)
        return None
    if not session.is_alive(now):
        return None
    if session.is_due_for_touch(now):
        tx.sessions.touch(session, address, now)
    return read_grantee(tx, session, refresh=issue_refresh_token(tx, session.id))
