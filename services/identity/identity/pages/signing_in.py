"""The pages for signing in and out: password, choice of organisation, farewell."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from chassis.domain import Unavailable
from chassis.http.pages import Pages
from identity.callers import acting_user
from identity.factors.domain import SecondFactorNeeded
from identity.oauth.clients import OAuthClient
from identity.pages.browser import SignedIn
from identity.pages.destination import ACCOUNT, Destination, Destinations
from identity.pages.holding import hold
from identity.pages.second_step import SecondStep
from identity.pages.site import Site
from identity.sessions.domain import EndReason
from identity.sessions.operations import end_session
from identity.sign_in.domain import WrongPassword
from identity.sign_in.passwords import Passwords
from identity.sign_in.queries import Account
from identity.sign_in.throttle import TooManyAttempts

SIGN_IN = "/p/identity/sign-in"
CHOOSE = "/p/identity/sign-in/organisation"
SIGN_OUT = "/p/identity/sign-out"
SIGNED_OUT = "/p/identity/signed-out"

_LONGEST = 1_000


class SigningIn:
    """The way in and out of a browser's session."""

    def __init__(
        self, site: Site, passwords: Passwords, destinations: Destinations, second: SecondStep
    ) -> None:
        self._site = site
        self._passwords = passwords
        self._destinations = destinations
        self._second = second

    def declare(self, pages: Pages) -> None:
        """Declare the pages."""
        why = "it is where users without a session get one"
        pages.page(SIGN_IN, "GET", public_because=why)(self.sign_in_page)
        pages.page(SIGN_IN, "POST", public_because=why)(self.sign_in)
        pages.page(CHOOSE, "POST", public_because="state sealed for the browser names the user")(
            self.choose_organisation
        )
        own = "it acts on the session of the browser's own cookie"
        pages.page(SIGN_OUT, "GET", public_because=own)(self.sign_out_page)
        pages.page(SIGN_OUT, "POST", public_because=own)(self.sign_out)
        pages.page(SIGNED_OUT, "GET", public_because="it says goodbye and knows nothing")(
            self.signed_out_page
        )

    def sign_in_page(self) -> Response:
        """Ask for address and password."""
        destination = self._destinations.of(request.args.get("continue"))
        return self._form(destination, email=destination.hint)

    def sign_in(self) -> Response:
        """Check them; go on, or ask for the organisation first."""
        self._site.require_own_form()
        destination = self._destinations.of(request.args.get("continue"))
        email = request.form.get("email", "")[:_LONGEST].strip()
        password = request.form.get("password", "")[:_LONGEST]
        if not email or not password:
            return self._form(destination, email=email, error="sign_in.wrong", status=400)
        address = self._site.browser().device.address
        try:
            accounts = self._passwords.check(email, password, address, destination.tenant_id)
        except WrongPassword:
            return self._form(destination, email=email, error="sign_in.wrong", status=401)
        except TooManyAttempts as wait:
            return self._waiting(destination, email, wait)
        except Unavailable:
            return self._form(destination, email=email, error="sign_in.busy", status=503)
        if len(accounts) == 1:
            return self.go_on(accounts[0], destination)
        return self._choice(accounts, destination)

    def choose_organisation(self) -> Response:
        """Go on in one of the organisations that the password was right for."""
        self._site.require_own_form()
        destination = self._destinations.of(request.args.get("continue"))
        account = self._chosen(
            self._site.unseal("organisation"), request.form.get("organisation", "")
        )
        if account is None:
            return self._form(destination, error="sign_in.expired", status=400)
        return self.go_on(account, destination)

    def sign_out_page(self) -> Response:
        """Ask whether to sign out."""
        browser = self._site.browser()
        found = browser.signed_in()
        if found is None:
            return self._site.redirect(SIGNED_OUT)
        words = browser.words(found.account)
        lead = words("sign_out.lead", organisation=found.account.tenant_name)
        return self._site.render("sign_out.html", words, lead=lead, action=SIGN_OUT)

    def sign_out(self) -> Response:
        """End the session of this browser, and those of the apps that came from it."""
        self._site.require_own_form()
        found = self._site.browser().signed_in()
        if found is not None:
            self.leave(found)
        return self._site.redirect(SIGNED_OUT)

    def signed_out_page(self) -> Response:
        """Say that it is done."""
        words = self._site.browser().words()
        return self._site.render("signed_out.html", words, again=SIGN_IN)

    def leave(self, found: SignedIn) -> None:
        """End a session and take its cookie back."""
        account = found.account
        self._site.run.run(
            acting_user(account.tenant_id, account.user_id, found.session.id),
            end_session,
            found.session.id,
            EndReason.SIGNED_OUT,
        )
        self._site.browser().leave(found.ticket)

    def go_on(self, account: Account, destination: Destination) -> Response:
        """Begin a session in this browser and go on, or ask for the second factor first."""
        if account.needs_second_factor:
            return self._second.ask(account, destination)
        try:
            session, ticket = self._passwords.begin(account, self._site.browser().device)
        except WrongPassword:
            return self._form(destination, email=account.email, error="sign_in.wrong", status=401)
        except SecondFactorNeeded:  # as of just now
            return self._second.ask(account, destination)
        hold(self._site, account, session, ticket)
        return self._site.redirect(destination.path)

    def _chosen(self, state: Any, organisation: str) -> Account | None:
        """The account in an organisation, as long as the password is the one that was right."""
        user_id, set_at = (state or {}).get(organisation, (None, None))
        if user_id is None:
            return None
        account = self._passwords.account(UUID(organisation), UUID(user_id))
        if account is None or not account.may_sign_in:
            return None
        return account if str(account.password_set_at) == set_at else None

    def _choice(self, accounts: list[Account], destination: Destination) -> Response:
        words = self._site.browser().words()
        organisations = sorted((a.tenant_name, str(a.tenant_id)) for a in accounts)
        state = {str(a.tenant_id): (str(a.user_id), str(a.password_set_at)) for a in accounts}
        return self._site.render(
            "choose.html",
            words,
            organisations=organisations,
            state=self._site.seal("organisation", state),
            destination=destination.path,
            action=CHOOSE,
            form_targets=[destination.returns_to],
        )

    def _waiting(self, destination: Destination, email: str, wait: TooManyAttempts) -> Response:
        seconds = str(max(1, round(wait.retry_after or 1)))
        response = self._form(
            destination, email=email, error="sign_in.wait", status=429, seconds=seconds
        )
        response.headers["Retry-After"] = seconds
        return response

    def _form(
        self,
        destination: Destination,
        *,
        email: str = "",
        error: str | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        words = self._site.browser().words(asked=destination.languages)
        done = request.args.get("done", "")
        notice = "sign_in.reset_done" if done == "reset" else None
        error = error or ("sign_in.expired" if done == "expired" else None)
        return self._site.render(
            "sign_in.html",
            words,
            status=status,
            email=email,
            app=_app(destination.client),
            errors={"form": words(error, **values)} if error else {},
            notice=words(notice) if notice and not error else None,
            destination=destination.path,
            asked_for=destination.path != ACCOUNT,
            form_targets=[destination.returns_to],
        )


def _app(client: OAuthClient | None) -> str:
    return "" if client is None else client.name


def sign_in_address(site: Site, path: str) -> Response:
    """Send a browser to sign in, and back to `path` then."""
    return site.redirect(SIGN_IN, **{"continue": path})
