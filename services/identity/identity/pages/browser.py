"""The browser that a request comes from: its cookies, its language, and who is signed in there."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from flask import Request, Response

from chassis.domain import Clock
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, Reading
from identity.callers import acting_user, identity_itself
from identity.pages.words import LANGUAGES, Words, words_for
from identity.sessions.device import device_name
from identity.sessions.domain import Device, Session
from identity.sessions.operations import touch_session
from identity.sessions.queries import session_of_ticket
from identity.sign_in.queries import Account, get_account
from identity.tickets import Ticket
from identity.transaction import IdentityTx

_MOST_SESSIONS = 5
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user in a browser."""

    session: Session
    account: Account
    ticket: Ticket


class Browser:
    """One request's view of its browser; changes are told to it with the response.

    A browser may be signed in to several organisations at once, one session in each; the one
    that was signed in to last comes first.
    """

    def __init__(
        self,
        request: Request,
        run: Operations[IdentityTx],
        clock: Clock,
        address: str,
        *,
        secure: bool,
    ) -> None:
        self._request = request
        self._run = run
        self._clock = clock
        self._secure = secure
        self.device = Device(device_name(request.headers.get("User-Agent")), address)
        self._key = self._cookie("browser")
        self._is_new = not self._key
        self._key = self._key or secrets.token_urlsafe(24)
        self._tickets = _tickets(self._cookie("session"))
        self._changed = False
        self._lasts = 0

    @property
    def key(self) -> str:
        """What tells this browser from others; forms are bound to it."""
        return self._key

    @property
    def chosen_language(self) -> str | None:
        """The language that was chosen just now, if one was."""
        chosen = self._request.args.get("lang")
        return chosen if chosen in LANGUAGES else None

    def words(self, account: Account | None = None, asked: str | None = None) -> Words:
        """The texts in the language of choice, of the account, of the app, or of the browser."""
        own = None if account is None else account.locale
        wishes = (self.chosen_language, self._cookie("language"), own, *(asked or "").split())
        return words_for(*wishes, accepted=self._request.accept_languages.values())

    def signed_in(self, tenant_id: UUID | None = None) -> SignedIn | None:
        """Who is signed in: in this organisation, or in the one signed in to last."""
        for ticket in self._tickets:
            if tenant_id in (None, ticket.tenant_id):
                found = self._resumed(ticket)
                if found is not None:
                    return found
        return None

    def enter(self, ticket: Ticket, lasts: int) -> Ticket | None:
        """Hold a new session; gives the one of the same organisation that it takes the place of."""
        before = next((t for t in self._tickets if t.tenant_id == ticket.tenant_id), None)
        others = [other for other in self._tickets if other.tenant_id != ticket.tenant_id]
        self._tickets = [ticket, *others][:_MOST_SESSIONS]
        self._changed, self._lasts = True, lasts
        return before

    def leave(self, ticket: Ticket) -> None:
        """Hold a session no more."""
        self._tickets = [other for other in self._tickets if other.id != ticket.id]
        self._changed, self._lasts = True, _YEAR

    def tell(self, response: Response) -> Response:
        """Set the cookies that have changed."""
        if self._is_new:
            self._set(response, "browser", self._key, None)
        if self.chosen_language is not None:
            self._set(response, "language", self.chosen_language, _YEAR)
        if self._changed:
            held = ".".join(str(ticket) for ticket in self._tickets)
            self._set(response, "session", held, self._lasts if held else 0)
        return response

    def _resumed(self, ticket: Ticket) -> SignedIn | None:
        caller = identity_itself(ticket.tenant_id)
        found = self._run.read(caller, EVERYTHING, _session_and_account, ticket)
        if found is None or not found[1].may_sign_in:
            return None
        session, account = found
        if session.is_due_for_touch(self._clock.now()):
            actor = acting_user(ticket.tenant_id, session.user_id, session.id)
            self._run.run(actor, touch_session, session, self.device.address)
        return SignedIn(session, account, ticket)

    def _name(self, kind: str) -> str:
        return f"{'__Host-' if self._secure else ''}rapport_{kind}"

    def _cookie(self, kind: str) -> str:
        return self._request.cookies.get(self._name(kind), "")

    def _set(self, response: Response, kind: str, value: str, max_age: int | None) -> None:
        response.set_cookie(
            self._name(kind),
            value,
            max_age=max_age,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )


def _session_and_account(reading: Reading, ticket: Ticket) -> tuple[Session, Account] | None:
    session = session_of_ticket(reading, ticket)
    account = None if session is None else get_account(reading, session.user_id)
    return None if session is None or account is None else (session, account)


def _tickets(cookie: str) -> list[Ticket]:
    read = (Ticket.read(part) for part in cookie.split(".")[:_MOST_SESSIONS])
    return [ticket for ticket in read if ticket is not None]
