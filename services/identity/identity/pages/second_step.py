"""The pages between a right password and a session: show a second factor, or set one up (ID-7)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request

from chassis.domain import Invalid, Unavailable
from chassis.http.pages import Pages
from identity.factors.domain import CeremonyOver, FactorKind, Way, WrongFactor
from identity.factors.enrolment import Shown
from identity.factors.entering import Entered, Entering, Step
from identity.factors.proving import Given
from identity.pages.destination import Destination, Destinations
from identity.pages.holding import hold
from identity.pages.refusals import said
from identity.pages.site import Site
from identity.pages.words import Words
from identity.sign_in.domain import WrongPassword
from identity.sign_in.passwords import Passwords
from identity.sign_in.queries import Account
from identity.sign_in.throttle import TooManyAttempts

SECOND_FACTOR = "/p/identity/sign-in/second-factor"
SET_UP = "/p/identity/sign-in/set-up"
_PURPOSE = "second-factor"
_LONGEST_CREDENTIAL = 16_000


class SecondStep:
    """Leads on from a password; nothing but the sealed state of its forms says how far somebody is."""

    def __init__(
        self,
        site: Site,
        passwords: Passwords,
        entering: Entering,
        destinations: Destinations,
        sign_in: str,
    ) -> None:
        self._site = site
        self._passwords = passwords
        self._entering = entering
        self._destinations = destinations
        self._sign_in = sign_in

    def declare(self, pages: Pages) -> None:
        """Declare the pages."""
        why = "state sealed for the browser names the user whose password was right"
        pages.page(SECOND_FACTOR, "POST", public_because=why)(self.show_factor)
        pages.page(SET_UP, "POST", public_because=why)(self.set_up)
        for page in (SECOND_FACTOR, SET_UP):
            pages.page(page, "GET", public_because="it leads to where one signs in")(
                self.begin_anew
            )

    def ask(self, account: Account, destination: Destination) -> Response:
        """Begin: the password of this account was right."""
        return self._page(account, self._entering.begin(account), destination)

    def show_factor(self) -> Response:
        """Take a code or a passkey, or show another way."""
        self._site.require_own_form()
        destination = self._destinations.of(request.args.get("continue"))
        found = self._under_way()
        if found is None:
            return self._expired(destination)
        account, ceremony_id = found
        if "other" in request.form:
            return self._page(account, ceremony_id, destination, way=request.form["other"])
        credential = credential_of(request.form.get("credential"))
        given = Given(
            code=request.form.get("code", "")[:60] if credential is None else None,
            passkey=credential,
            ceremony_id=ceremony_id,
        )
        way = request.form.get("way", Way.PASSKEY)
        try:
            entered = self._entering.finish(account, given, self._site.browser().device)
        except WrongFactor:
            key = "second.wrong" if credential is None else "second.wrong_passkey"
            return self._page(account, ceremony_id, destination, way=way, error=key, status=401)
        except TooManyAttempts as wait:
            return self._waiting(account, ceremony_id, destination, way, wait)
        except Unavailable:
            return self._page(
                account, ceremony_id, destination, way=way, error="sign_in.busy", status=503
            )
        except (CeremonyOver, WrongPassword):
            return self._expired(destination)
        return self._entered(account, entered, destination)

    def set_up(self) -> Response:
        """Take what shows that a first factor works."""
        self._site.require_own_form()
        destination = self._destinations.of(request.args.get("continue"))
        found = self._under_way()
        if found is None:
            return self._expired(destination)
        account, ceremony_id = found
        browser = self._site.browser()
        words = browser.words(account, destination.languages)
        credential = credential_of(request.form.get("credential"))
        shown = Shown(
            ceremony_id,
            words("factor.totp" if credential is None else "factor.passkey"),
            code=request.form.get("code", "")[:60] if credential is None else None,
            credential=credential,
        )
        try:
            entered = self._entering.enrol(account, shown, browser.device)
        except Invalid as error:
            return self._page(account, ceremony_id, destination, invalid=error, status=422)
        except TooManyAttempts as wait:
            return self._waiting(account, ceremony_id, destination, "", wait)
        except Unavailable:
            return self._page(account, ceremony_id, destination, error="sign_in.busy", status=503)
        except (CeremonyOver, WrongPassword):
            return self._expired(destination)
        return self._entered(account, entered, destination)

    def begin_anew(self) -> Response:
        """Send whoever comes without a form to the beginning: only forms know who is on the way."""
        destination = self._destinations.of(request.args.get("continue"))
        return self._site.redirect(self._sign_in, **{"continue": destination.path})

    def _entered(self, account: Account, entered: Entered, destination: Destination) -> Response:
        hold(self._site, account, entered.session, entered.ticket)
        if entered.codes is None:
            return self._site.redirect(destination.path)
        return self._site.render(
            "recovery_codes.html",
            self._site.browser().words(account, destination.languages),
            codes=entered.codes.shown,
            onward=destination.path,
        )

    def _page(
        self,
        account: Account,
        ceremony_id: UUID,
        destination: Destination,
        *,
        way: str = "",
        error: str | None = None,
        invalid: Invalid | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        step = self._entering.step(account, ceremony_id)
        if step is None:
            return self._expired(destination)
        words = self._site.browser().words(account, destination.languages)
        sealed = [account.tenant_id, account.user_id, account.password_set_at, ceremony_id]
        errors = said(invalid, words, 0)
        if "credential" in errors:
            errors["form"] = errors.pop("credential")
        if error is not None:
            errors["form"] = words(error, **values)
        context: dict[str, Any] = {
            "account": account,
            "state": self._site.seal(_PURPOSE, [str(each) for each in sealed]),
            "options": json.dumps(step.options) if step.options else "",
            "errors": errors,
            "form_targets": [destination.returns_to],
        }
        if not step.kinds:
            return self._set_up_page(words, step, destination, status, context)
        way, others = _ways(step, way)
        return self._site.render(
            "second_factor.html",
            words,
            status=status,
            with_script=way == Way.PASSKEY,
            action=_address(SECOND_FACTOR, destination),
            way=way,
            others=[(other.value, words(f"second.other_{other.value}")) for other in others],
            back=_address(self._sign_in, destination),
            **context,
        )

    def _set_up_page(
        self,
        words: Words,
        step: Step,
        destination: Destination,
        status: int,
        context: dict[str, Any],
    ) -> Response:
        return self._site.render(
            "set_up.html",
            words,
            status=status,
            with_script=True,
            action=_address(SET_UP, destination),
            setup=step.setup,
            **context,
        )

    def _under_way(self) -> tuple[Account, UUID] | None:
        """Whose password was right, as long as it is the one that they have."""
        state = self._site.unseal(_PURPOSE)
        if state is None:
            return None
        tenant_id, user_id, set_at, ceremony_id = state
        account = self._passwords.account(UUID(tenant_id), UUID(user_id))
        if account is None or not account.may_sign_in or str(account.password_set_at) != set_at:
            return None
        return account, UUID(ceremony_id)

    def _waiting(
        self,
        account: Account,
        ceremony_id: UUID,
        destination: Destination,
        way: str,
        wait: TooManyAttempts,
    ) -> Response:
        seconds = str(max(1, round(wait.retry_after or 1)))
        response = self._page(
            account,
            ceremony_id,
            destination,
            way=way,
            error="sign_in.wait",
            status=429,
            seconds=seconds,
        )
        response.headers["Retry-After"] = seconds
        return response

    def _expired(self, destination: Destination) -> Response:
        return self._site.redirect(
            self._sign_in, **{"continue": destination.path, "done": "expired"}
        )


def credential_of(text: str | None) -> dict[str, Any] | None:
    """What the script has put into a form, if it is there and an object."""
    if not text or len(text) > _LONGEST_CREDENTIAL:
        return None
    try:
        credential = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return credential if isinstance(credential, dict) else None


def _ways(step: Step, wanted: str) -> tuple[Way, list[Way]]:
    """The way to ask for, and the others that there are."""
    kinds = [kind for kind in (FactorKind.PASSKEY, FactorKind.TOTP) if kind in step.kinds]
    ways = [*(Way(kind.value) for kind in kinds), Way.RECOVERY_CODE]
    chosen = next((way for way in ways if way.value == wanted), ways[0])
    return chosen, [way for way in ways if way is not chosen]


def _address(page: str, destination: Destination) -> str:
    return f"{page}?{urlencode({'continue': destination.path})}"
