"""The page of one's own account: where one is signed in, which apps one has let in, the password."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from flask import Response, request

from chassis.domain import Invalid, NotFound
from chassis.http.pages import Pages
from chassis.storage.scope import EVERYTHING, Scope
from identity.callers import acting_user
from identity.oauth.consents import consents_on_page, withdraw_consent
from identity.pages.browser import SignedIn
from identity.pages.destination import ACCOUNT
from identity.pages.refusals import said
from identity.pages.scope_words import scope_in_words
from identity.pages.signing_in import sign_in_address
from identity.pages.site import Site
from identity.pages.words import Words
from identity.sessions.domain import EndReason
from identity.sessions.operations import end_all_sessions, end_session
from identity.sessions.queries import sessions_on_page
from identity.sign_in.domain import WrongPassword
from identity.sign_in.passwords import Passwords
from identity.sign_in.reset_mail import ResetMail
from identity.transaction import IdentityTx

SESSIONS = "/p/identity/account/sessions"
CONSENTS = "/p/identity/account/consents"
CHANGE = "/p/identity/account/password"
_NOTICES = {
    "ended": "account.ended",
    "changed": "account.changed",
    "withdrawn": "account.withdrawn",
}


class AccountPage:
    """Sessions and password of whoever is signed in."""

    def __init__(self, site: Site, passwords: Passwords, mail: ResetMail) -> None:
        self._site = site
        self._passwords = passwords
        self._mail = mail

    def declare(self, pages: Pages) -> None:
        """Declare the pages."""
        why = "the session of the browser's own cookie says whose account it is"
        pages.page(ACCOUNT, "GET", public_because=why)(self.account_page)
        pages.page(SESSIONS, "POST", public_because=why)(self.end_sessions)
        pages.page(CONSENTS, "POST", public_because=why)(self.withdraw_consent)
        pages.page(CHANGE, "POST", public_because=why)(self.change_password)

    def account_page(self) -> Response:
        """Show the account."""
        found = self._site.browser().signed_in()
        if found is None:
            return sign_in_address(self._site, ACCOUNT)
        return self._page(found)

    def end_sessions(self) -> Response:
        """End one session, or all others."""
        self._site.require_own_form()
        found = self._site.browser().signed_in()
        if found is None:
            return sign_in_address(self._site, ACCOUNT)
        self._end(found, request.form.get("session", ""))
        return self._site.redirect(ACCOUNT, done="ended")

    def withdraw_consent(self) -> Response:
        """Withdraw what the user has agreed to for an app."""
        self._site.require_own_form()
        found = self._site.browser().signed_in()
        if found is None:
            return sign_in_address(self._site, ACCOUNT)
        user_id, app = found.account.user_id, request.form.get("app", "")
        caller = acting_user(found.account.tenant_id, user_id, found.session.id)
        with suppress(NotFound):  # it is withdrawn already, which is what was wanted
            self._site.run.transact(
                caller,
                Scope(frozenset((user_id,))),
                "withdraw_consent",
                lambda tx: withdraw_consent(tx, user_id, app),
            )
        return self._site.redirect(ACCOUNT, done="withdrawn")

    def change_password(self) -> Response:
        """Change the password; all other sessions end."""
        self._site.require_own_form()
        browser = self._site.browser()
        found = browser.signed_in()
        if found is None:
            return sign_in_address(self._site, ACCOUNT)
        try:
            self._passwords.change(
                found.account,
                request.form.get("current_password", ""),
                request.form.get("new_password", ""),
                browser.device.address,
                found.session.id,
            )
        except WrongPassword:
            words = browser.words(found.account)
            return self._page(found, {"current_password": words("current_wrong")})
        except Invalid as error:
            words = browser.words(found.account)
            return self._page(found, said(error, words, found.account.policy.password_min_length))
        self._mail.tell_of_change(found.account)
        return self._site.redirect(ACCOUNT, done="changed")

    def _end(self, found: SignedIn, which: str) -> None:
        """End what was named, as far as it is the user's own."""
        user_id = found.account.user_id
        caller = acting_user(found.account.tenant_id, user_id, found.session.id)

        def work(tx: IdentityTx) -> None:
            if which == "others":
                end_all_sessions(tx, user_id, EndReason.ENDED_BY_USER, but=found.session.id)
            else:
                end_session(tx, UUID(which), EndReason.ENDED_BY_USER)

        own = Scope(frozenset((user_id,)))
        try:
            self._site.run.transact(caller, own, "end_sessions", work)
        except (NotFound, ValueError):
            return  # it is over already, which is what was wanted

    def _page(self, found: SignedIn, errors: dict[str, str] | None = None) -> Response:
        account, words = found.account, self._site.browser().words(found.account)
        caller = acting_user(account.tenant_id, account.user_id, found.session.id)
        listed = self._site.run.read(
            caller, EVERYTHING, sessions_on_page, account.user_id, found.session.id
        )
        agreed = self._site.run.read(caller, EVERYTHING, consents_on_page, account.user_id)
        notice = _NOTICES.get(request.args.get("done", ""))
        return self._site.render(
            "account.html",
            words,
            status=422 if errors else 200,
            account=account,
            sessions=[_shown(one, words) for one in listed],
            consents=[_agreed(one, words) for one in agreed],
            errors=errors or {},
            notice=words(notice) if notice else None,
        )


def _shown(session: dict[str, Any], words: Words) -> dict[str, Any]:
    device = _device(session["device"], words)
    app = session["client_name"]
    seen = words.time(session["last_seen_at"])
    return {
        "id": session["id"],
        "title": words("account.session_app", app=app, device=device) if app else device,
        "seen": words("account.seen", time=seen, address=session["address"]),
        "is_current": session["is_current"],
    }


def _agreed(consent: dict[str, Any], words: Words) -> dict[str, Any]:
    return {
        "id": consent["client_id"],
        "title": consent["client_name"] or consent["client_id"],
        "allowed": scope_in_words(" ".join(consent["scopes"]), words),
        "given": words("account.agreed", time=words.time(consent["given_at"])),
    }


def _device(name: str, words: Words) -> str:
    browser, between, system = name.partition(" on ")
    if between:
        return words("account.device", browser=browser, system=system)
    return name or words("account.unknown_device")
