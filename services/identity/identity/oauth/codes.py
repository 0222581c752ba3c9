"""Authorization codes: issued after consent, exchanged once, and the alarm when shown again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from chassis.storage.unit_of_work import Reading
from identity.oauth.grantee import Grantee, read_grantee
from identity.oauth.refreshing import issue_refresh_token
from identity.oauth.scopes import OFFLINE, split
from identity.oauth.storage import authorization_codes as codes
from identity.sessions.domain import EndReason
from identity.sessions.operations import end_session
from identity.tickets import Ticket

if TYPE_CHECKING:
    from identity.transaction import IdentityTx

LASTS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """What a code stands for."""

    client_id: str
    session_id: UUID
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A code as the protocol looks at it, before it is exchanged."""

    ticket: Ticket
    request: CodeRequest
    is_used: bool

    code_challenge_method = "S256"

    @property
    def code_challenge(self) -> str:
        """What the verifier has to hash to."""
        return self.request.code_challenge

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.request.redirect_uri

    def get_scope(self) -> str:
        """What the user has agreed to."""
        return self.request.scope


def issue_code(tx: IdentityTx, request: CodeRequest) -> Ticket:
    """A code for a client that the user has let in."""
    ticket, now = Ticket.issue(tx.tenant_id, tx.ids.new()), tx.clock.now()
    tx.connection.execute(
        sa.insert(codes).values(
            tenant_id=tx.tenant_id,
            id=ticket.id,
            digest=ticket.digest,
            client_id=request.client_id,
            session_id=request.session_id,
            redirect_uri=request.redirect_uri,
            scope=request.scope,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    return ticket


def read_code(reading: Reading, ticket: Ticket) -> IssuedCode | None:
    """The code, also one that was used; None for one that is unknown or has expired unused."""
    row = reading.connection.execute(
        sa.select(codes).where(
            codes.c.tenant_id == reading.caller.tenant_id, codes.c.id == ticket.id
        )
    ).first()
    if row is None or not ticket.matches(bytes(row.digest)):
        return None
    if row.used_at is None and row.expires_at <= reading.clock.now():
        return None
    request = CodeRequest(
        row.client_id,
        row.session_id,
        row.redirect_uri,
        row.scope,
        row.nonce,
        row.code_challenge,
    )
    return IssuedCode(ticket, request, row.used_at is not None)


def exchange_code(tx: IdentityTx, ticket: Ticket, *, refreshable: bool) -> Grantee | None:
    """Use a code up and begin the app's session.

    None when the code has been used (then what came of it ends), has expired, or the user's own
    session or account is over. Of two at once the second waits here for the first.
    """
    row = tx.connection.execute(
        sa.select(codes)
        .where(codes.c.tenant_id == tx.tenant_id, codes.c.id == ticket.id)
        .with_for_update()
    ).one()
    if row.used_at is not None:
        end_what_came_of(tx, ticket)
        return None
    now = tx.clock.now()
    session = tx.sessions.get(row.session_id)
    if row.expires_at <= now or not session.is_alive(now):
        return None
    offline = OFFLINE in split(row.scope)
    app = session.begin_app(tx.ids.new(), row.client_id, row.scope, now, offline=offline)
    tx.sessions.add(app)
    tx.act_in(app)
    tx.flush()
    tx.connection.execute(
        sa.update(codes)
        .where(codes.c.tenant_id == tx.tenant_id, codes.c.id == ticket.id)
        .values(used_at=now, app_session_id=app.id)
    )
    refresh = issue_refresh_token(tx, app.id) if refreshable else None
    return read_grantee(tx, app, nonce=row.nonce, refresh=refresh)


def end_what_came_of(tx: IdentityTx, ticket: Ticket) -> None:
    """A code was shown a second time: whoever holds it may not be who it was for."""
    app_session_id = tx.connection.execute(
        sa.select(codes.c.app_session_id).where(
            codes.c.tenant_id == tx.tenant_id, codes.c.id == ticket.id
        )
    ).scalar()
    if app_session_id is not None:
        end_session(tx, app_session_id, EndReason.CODE_REUSED)
