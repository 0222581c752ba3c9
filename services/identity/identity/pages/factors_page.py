"""The page of one's own second factors: see them, and, once proven to be the user, change them (ID-7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, request

from chassis.context import Caller
from chassis.domain import Conflict, DomainError, Invalid, NotFound, Unavailable
from chassis.http.pages import Pages
from chassis.storage.scope import EVERYTHING
from identity.callers import acting_user
from identity.factors import operations
from identity.factors.ceremonies import Ceremony, begin_ceremony, open_ceremony
from identity.factors.domain import (
    CeremonyOver,
    Factor,
    FactorKind,
    Passkey,
    Purpose,
    SecondFactorNeeded,
    WrongFactor,
)
from identity.factors.enrolment import Shown
from identity.factors.mail import PAGE
from identity.factors.proving import Given
from identity.factors.queries import factors_on_page, get_recovery_codes
from identity.factors.work import FactorWork
from identity.pages.browser import SignedIn
from identity.pages.refusals import said
from identity.pages.second_step import credential_of
from identity.pages.site import Site
from identity.pages.words import Words
from identity.sign_in.domain import WrongPassword
from identity.sign_in.throttle import TooManyAttempts
from identity.transaction import IdentityTx

R = TypeVar("R")
_PROVEN = "factors"
_NOTICES = {"added", "removed", "renamed"}
_CONFLICTS = {
    "factors_full": "factors.full",
    "passkey_known": "factors.passkey_known",
    "last_factor": "factors.last",
    "no_factor": "factors.none",
}


class FactorsPage:
    """Second factors of whoever is signed in. A proof holds for ten minutes, in this session alone."""

    def __init__(self, site: Site, parts: FactorWork) -> None:
        self._site = site
        self._parts = parts

    def declare(self, pages: Pages) -> None:
        """Declare the pages."""
        why = "the session of the browser's own cookie says whose factors they are"
        pages.page(PAGE, "GET", public_because=why)(self.factors_page)
        pages.page(PAGE, "POST", public_because=why)(self.prove)
        changing = "the browser's own cookie and a proof that is sealed for it say who changes what"
        pages.page(f"{PAGE}/app", "POST", public_because=changing)(self.add_app)
        pages.page(f"{PAGE}/passkey", "POST", public_because=changing)(self.add_passkey)
        pages.page(f"{PAGE}/rename", "POST", public_because=changing)(self.rename)
        pages.page(f"{PAGE}/remove", "POST", public_because=changing)(self.remove)
        pages.page(f"{PAGE}/codes", "POST", public_because=changing)(self.renew_codes)

    def factors_page(self) -> Response:
        """Show the factors, and ask for a proof."""
        found = self._site.browser().signed_in()
        if found is None:
            return self._site.redirect("/p/identity/sign-in", **{"continue": PAGE})
        return self._page(found, proven=False)

    def prove(self) -> Response:
        """Take the proof; show what can be changed."""
        self._site.require_own_form()
        found = self._site.browser().signed_in()
        if found is None:
            return self._site.redirect(PAGE)
        words, account = self._words(found), found.account
        given = _given()
        address = self._site.browser().device.address
        try:
            self._parts.proving.attempt(
                account, given, address, lambda check: self._site.run.run(_actor(found), check)
            )
        except TooManyAttempts as wait:
            return self._waiting(found, wait, proven=False)
        except Unavailable:
            errors = {"form": words("sign_in.busy")}
            return self._page(found, proven=False, errors=errors, status=503)
        except (WrongFactor, WrongPassword, SecondFactorNeeded, CeremonyOver):
            key = "current_wrong" if given.password is not None else "second.wrong"
            place = "proof" if given.passkey is None else "form"
            key = key if given.passkey is None else "second.wrong_passkey"
            return self._page(found, proven=False, errors={place: words(key)}, status=422)
        return self._page(found, proven=True)

    def add_app(self) -> Response:
        """Begin to add an app; or, with the code that it shows, add it."""

        def change(found: SignedIn) -> Response:
            account, enrolment = found.account, self._parts.enrolment
            if "code" not in request.form:
                ceremony = self._run(found, lambda tx: enrolment.begin_totp(tx, account))
                return self._page(found, proven=True, under_way=ceremony)
            ceremony_id = _uuid(request.form.get("ceremony"))
            ceremony_or_none = self._site.run.read(
                _actor(found),
                EVERYTHING,
                open_ceremony,
                ceremony_id,
                account.user_id,
                Purpose.ADD_TOTP,
            )
            if ceremony_or_none is None:
                raise CeremonyOver("It is over.")
            shown = Shown(ceremony_or_none.id, self._name(found), code=request.form["code"][:60])
            try:
                return self._added(found, shown)
            except Invalid as error:
                errors = said(error, self._words(found), 0)
                return self._page(
                    found, proven=True, errors=errors, under_way=ceremony_or_none, status=422
                )

        return self._changed(change)

    def add_passkey(self) -> Response:
        """Add the passkey that the browser has made."""

        def change(found: SignedIn) -> Response:
            ceremony_id = _uuid(request.args.get("ceremony"))
            credential = credential_of(request.form.get("credential")) or {}
            return self._added(found, Shown(ceremony_id, self._name(found), credential=credential))

        return self._changed(change)

    def rename(self) -> Response:
        """Call a factor something else."""

        def change(found: SignedIn) -> Response:
            factor_id, name = _uuid(request.form.get("factor")), request.form.get("name", "")
            user_id = found.account.user_id
            self._run(found, lambda tx: operations.rename_factor(tx, user_id, factor_id, name))
            return self._page(found, proven=True, notice="renamed")

        return self._changed(change)

    def remove(self) -> Response:
        """Take a factor away."""

        def change(found: SignedIn) -> Response:
            factor_id, account = _uuid(request.form.get("factor")), found.account

            def work(tx: IdentityTx) -> None:
                factor = operations.remove_factor(tx, account.user_id, factor_id)
                self._parts.mail.removed(tx, account, factor.name)

            self._run(found, work)
            return self._page(found, proven=True, notice="removed")

        return self._changed(change)

    def renew_codes(self) -> Response:
        """Make new recovery codes, and show them."""

        def change(found: SignedIn) -> Response:
            account, user_id = found.account, found.account.user_id
            if not account.has_factors:
                raise Conflict("There is no second factor yet.", code="no_factor")
            codes = self._parts.recovery.new(account.tenant_id, user_id)
            self._run(found, lambda tx: operations.renew_recovery_codes(tx, user_id, codes.hashes))
            return self._codes_page(found, codes.shown)

        return self._changed(change)

    def _changed(self, change: Callable[[SignedIn], Response]) -> Response:
        """Make a change for whoever has shown to be the user, in this session and of late."""
        self._site.require_own_form()
        found = self._site.browser().signed_in()
        if found is None or self._site.unseal(_purpose(found)) is None:
            return self._site.redirect(PAGE)
        words = self._words(found)
        try:
            return change(found)
        except Invalid as error:
            text = " ".join(said(error, words, 0).values())
            return self._page(found, proven=True, errors={"form": text}, status=422)
        except NotFound:
            return self._page(found, proven=True)  # it is gone already
        except TooManyAttempts as wait:
            return self._waiting(found, wait, proven=True)
        except (Conflict, Unavailable) as error:
            text = words(_key(error))
            return self._page(found, proven=True, errors={"form": text}, status=409)

    def _waiting(self, found: SignedIn, wait: TooManyAttempts, *, proven: bool) -> Response:
        seconds = str(max(1, round(wait.retry_after or 1)))
        errors = {"form": self._words(found)("sign_in.wait", seconds=seconds)}
        response = self._page(found, proven=proven, errors=errors, status=429)
        response.headers["Retry-After"] = seconds
        return response

    def _added(self, found: SignedIn, shown: Shown) -> Response:
        account, enrolment = found.account, self._parts.enrolment
        codes = enrolment.codes_for(account, shown)
        added = self._run(found, lambda tx: enrolment.finish(tx, account, shown, codes))
        if codes is not None and added.with_codes:
            return self._codes_page(found, codes.shown)
        return self._page(found, proven=True, notice="added")

    def _codes_page(self, found: SignedIn, codes: tuple[str, ...]) -> Response:
        return self._site.render(
            "recovery_codes.html", self._words(found), codes=codes, onward=PAGE
        )

    def _page(
        self,
        found: SignedIn,
        *,
        proven: bool,
        errors: dict[str, str] | None = None,
        under_way: Ceremony | None = None,
        notice: str | None = None,
        status: int = 200,
    ) -> Response:
        """The factors; with a proof also the ways to change them."""
        words, account, caller = self._words(found), found.account, _actor(found)
        read = self._site.run.read
        listed = read(caller, EVERYTHING, factors_on_page, account.user_id)
        left = read(caller, EVERYTHING, get_recovery_codes, account.user_id)["left"]
        setup = None if under_way is None else self._parts.enrolment.setup(under_way, account)
        options, ceremony = ("", under_way)
        if under_way is None:
            options, ceremony = self._passkey(found, proven=proven)
        required = account.policy.require_second_factor
        state = self._site.seal(_purpose(found), True) if proven else None  # noqa: FBT003
        return self._site.render(
            "factors.html",
            words,
            status=status,
            with_script=bool(options),
            account=account,
            page=PAGE,
            factors=[_shown(factor, words) for factor in listed],
            may_remove=not (required and len(listed) <= 1),
            required=required,
            codes_left=left,
            state=state,
            setup=setup,
            options=options,
            ceremony="" if ceremony is None else str(ceremony.id),
            name=self._name(found) if setup is not None else words("factor.passkey"),
            errors=errors or {},
            notice=words(f"factors.done_{notice}") if notice in _NOTICES else None,
        )

    def _passkey(self, found: SignedIn, *, proven: bool) -> tuple[str, Ceremony | None]:
        """What the browser is asked, as JSON: to make a passkey, or without a proof to use one."""
        account, parts = found.account, self._parts

        def work(tx: IdentityTx) -> tuple[str, Ceremony | None]:
            known = tx.factors.of_user(account.user_id)
            if proven:
                ceremony = parts.enrolment.begin_passkey(tx, account)
                return json.dumps(parts.enrolment.options(ceremony, account, known)), ceremony
            passkeys = _passkeys(known)
            if not passkeys:
                return "", None
            ceremony = begin_ceremony(tx, account.user_id, Purpose.PROVE)
            options = parts.party.request_options(ceremony.challenge, passkeys)
            return json.dumps(options), ceremony

        try:
            return self._run(found, work)
        except Conflict:  # there are as many as there can be
            return "", None

    def _run(self, found: SignedIn, work: Callable[[IdentityTx], R]) -> R:
        return self._site.run.run(_actor(found), work)

    def _words(self, found: SignedIn) -> Words:
        return self._site.browser().words(found.account)

    def _name(self, found: SignedIn) -> str:
        """What the user calls the factor to be; what kind it is, if they do not say."""
        words = self._words(found)
        kind = "factor.passkey" if "credential" in request.form else "factor.totp"
        return request.form.get("name", "").strip()[:200] or words(kind)


def _given() -> Given:
    form = request.form
    credential = credential_of(form.get("credential"))
    if credential is not None:
        return Given(passkey=credential, ceremony_id=_uuid(form.get("state")))
    if "password" in form:
        return Given(password=form["password"][:1_000])
    return Given(code=form.get("code", "")[:60])


def _passkeys(known: list[Factor]) -> list[Passkey]:
    return [factor.means for factor in known if isinstance(factor.means, Passkey)]


def _key(error: DomainError) -> str:
    if isinstance(error, Unavailable):
        return "sign_in.busy"
    return _CONFLICTS.get(error.code, "sign_in.expired")


def _purpose(found: SignedIn) -> str:
    return f"{_PROVEN}:{found.session.id}"


def _actor(found: SignedIn) -> Caller:
    return acting_user(found.account.tenant_id, found.account.user_id, found.session.id)


def _uuid(text: str | None) -> UUID:
    """An id of a form; one that there is not, for what cannot be one."""
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)


def _shown(factor: dict[str, Any], words: Words) -> dict[str, Any]:
    used = factor["last_used_at"]
    return {
        "id": factor["id"],
        "name": factor["name"],
        "kind": words(f"factor.{FactorKind(factor['kind']).value}"),
        "created": words("factors.added", time=words.time(factor["created_at"])),
        "used": words("factors.used", time=words.time(used)) if used else words("factors.never"),
    }
