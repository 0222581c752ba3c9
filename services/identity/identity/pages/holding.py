"""Has a browser hold a session that has just begun."""

from __future__ import annotations

from chassis.storage.scope import EVERYTHING
from identity.callers import acting_user
from identity.pages.site import Site
from identity.sessions.domain import EndReason, Session
from identity.sessions.operations import end_session
from identity.sessions.queries import session_of_ticket
from identity.sign_in.queries import Account
from identity.tickets import Ticket


def hold(site: Site, account: Account, session: Session, ticket: Ticket) -> None:
    """Set the cookie; the session before in the same organisation ends."""
    seconds = int((session.expires_at - session.created_at).total_seconds())
    before = site.browser().enter(ticket, seconds)
    if before is None:
        return
    caller = acting_user(account.tenant_id, account.user_id)
    replaced = site.run.read(caller, EVERYTHING, session_of_ticket, before)
    if replaced is not None:  # else the cookie was outdated, or made up
        site.run.run(caller, end_session, replaced.id, EndReason.SIGNED_IN_AGAIN)
