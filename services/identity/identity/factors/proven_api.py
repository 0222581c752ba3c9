"""One's own second factors over REST, as far as a change takes a proof or shows what is shown once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import Response

from chassis.domain import Conflict, Forbidden, NotFound
from chassis.http.address import Addresses
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from identity.factors import operations, queries
from identity.factors.ceremonies import Ceremony, begin_ceremony
from identity.factors.domain import Passkey, Purpose
from identity.factors.enrolment import Enrolment
from identity.factors.mail import FactorMail
from identity.factors.models import (
    AddedFactorOut,
    ChallengeOut,
    FactorIn,
    NewRecoveryCodesOut,
    PasskeyEnrolmentOut,
    ProofIn,
    ProvenIn,
    TotpEnrolmentOut,
)
from identity.factors.operations import Added
from identity.factors.passkeys import RelyingParty
from identity.factors.proving import Check, Proving
from identity.factors.recovery import RecoveryCodes
from identity.sign_in.passwords import Passwords
from identity.sign_in.queries import Account
from identity.transaction import IdentityTx

_PROBLEMS = (403, 409, 429)
_OWN = "/v1/identity/me/factors"
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class RouteParts:
    """What changes to factors are made with."""

    passwords: Passwords
    proving: Proving
    enrolment: Enrolment
    recovery: RecoveryCodes
    party: RelyingParty
    mail: FactorMail
    addresses: Addresses

    def account(self, call: Call[IdentityTx]) -> Account:
        """The caller's account. Raises `Forbidden` when an app calls for itself."""
        user_id, tenant_id = own_user(call), call.caller.tenant_id
        account = None if tenant_id is None else self.passwords.account(tenant_id, user_id)
        if account is None or not account.may_sign_in:
            raise NotFound.of("user", user_id)
        return account

    def proven(
        self,
        call: Call[IdentityTx],
        account: Account,
        proof: ProofIn,
        change: Callable[[IdentityTx], R],
        reply: Callable[[IdentityTx, R], Reply],
    ) -> Response:
        """Make a change, in one transaction with the proof that it takes."""

        def work(check: Check) -> Response:
            def checked(tx: IdentityTx) -> R:
                check(tx)
                return change(tx)

            return call.run(checked, reply)

        address = self.addresses.of(call.request)
        return self.proving.attempt(account, proof.given(), address, work)


def changing_routes(parts: RouteParts) -> Routes:
    """The routes that add, remove and renew."""
    routes = Routes("/v1/identity/me", tag="second factors")
    for declare in (_begin_totp, _begin_passkey, _add, _challenge, _remove, _renew):
        declare(parts, routes)
    return routes


def _begin_totp(parts: RouteParts, routes: Routes) -> None:
    """An app to be."""

    @routes.post(
        "/factors/begin-totp",
        permission=SIGNED_IN,
        body=ProvenIn,
        returns=TotpEnrolmentOut,
        problems=_PROBLEMS,
    )
    def begin_totp(call: Call[IdentityTx], body: ProvenIn) -> Response:
        """Begin to add an authenticator app; takes a proof, and within ten minutes a code of the app."""
        account = parts.account(call)

        def reply(_tx: IdentityTx, ceremony: Ceremony) -> Reply:
            setup = parts.enrolment.setup(ceremony, account)
            shown = {
                "enrolment_id": ceremony.id,
                "secret": setup.secret,
                "uri": setup.uri,
                "qr_svg": setup.qr_svg,
                "expires_at": ceremony.expires_at,
            }
            return Reply(shown, secrets=("secret", "uri", "qr_svg"))

        return parts.proven(
            call, account, body.proof, lambda tx: parts.enrolment.begin_totp(tx, account), reply
        )


def _begin_passkey(parts: RouteParts, routes: Routes) -> None:
    """A passkey to be."""

    @routes.post(
        "/factors/begin-passkey",
        permission=SIGNED_IN,
        body=ProvenIn,
        returns=PasskeyEnrolmentOut,
        problems=_PROBLEMS,
    )
    def begin_passkey(call: Call[IdentityTx], body: ProvenIn) -> Response:
        """Begin to add a passkey; takes a proof, and within ten minutes the browser's answer."""
        account = parts.account(call)

        def reply(tx: IdentityTx, ceremony: Ceremony) -> Reply:
            known = tx.factors.of_user(account.user_id)
            shown = {
                "enrolment_id": ceremony.id,
                "options": parts.enrolment.options(ceremony, account, known),
                "expires_at": ceremony.expires_at,
            }
            return Reply(shown)

        return parts.proven(
            call, account, body.proof, lambda tx: parts.enrolment.begin_passkey(tx, account), reply
        )


def _add(parts: RouteParts, routes: Routes) -> None:
    """A factor that works."""

    @routes.post(
        "/factors",
        permission=SIGNED_IN,
        body=FactorIn,
        returns=AddedFactorOut,
        status=201,
        problems=_PROBLEMS,
    )
    def add_factor(call: Call[IdentityTx], body: FactorIn) -> Response:
        """Add a second factor that was begun and works; with the first one come recovery codes."""
        account, shown = parts.account(call), body.shown()
        codes = parts.enrolment.codes_for(account, shown)

        def reply(tx: IdentityTx, added: Added) -> Reply:
            factor = queries.get_factor(tx, account.user_id, added.factor.id)
            made = list(codes.shown) if codes is not None and added.with_codes else None
            location = {"Location": f"{_OWN}/{added.factor.id}"}
            answer = {**factor, "recovery_codes": made}
            return Reply(answer, 201, location, added.factor.version, ("recovery_codes",))

        return call.run(lambda tx: parts.enrolment.finish(tx, account, shown, codes), reply)


def _challenge(parts: RouteParts, routes: Routes) -> None:
    """What a passkey proves by."""

    @routes.post(
        "/factors/challenge", permission=SIGNED_IN, returns=ChallengeOut, problems=(403, 409)
    )
    def challenge_own_passkeys(call: Call[IdentityTx]) -> Response:
        """Get a challenge that one of one's own passkeys can answer once, as a proof."""
        user_id = parts.account(call).user_id

        def begin(tx: IdentityTx) -> tuple[Ceremony, list[Passkey]]:
            means = [factor.means for factor in tx.factors.of_user(user_id)]
            passkeys = [one for one in means if isinstance(one, Passkey)]
            if not passkeys:
                raise Conflict("There is no passkey to prove anything with.", code="no_passkey")
            return begin_ceremony(tx, user_id, Purpose.PROVE), passkeys

        def reply(_tx: IdentityTx, begun: tuple[Ceremony, list[Passkey]]) -> Reply:
            ceremony, passkeys = begun
            shown = {
                "challenge_id": ceremony.id,
                "options": parts.party.request_options(ceremony.challenge, passkeys),
                "expires_at": ceremony.expires_at,
            }
            return Reply(shown)

        return call.run(begin, reply)


def _remove(parts: RouteParts, routes: Routes) -> None:
    """A factor that goes."""

    @routes.post(
        "/factors/<uuid:factor_id>/remove",
        permission=SIGNED_IN,
        body=ProvenIn,
        status=204,
        problems=_PROBLEMS,
    )
    def remove_own_factor(call: Call[IdentityTx], body: ProvenIn, factor_id: UUID) -> Response:
        """Remove one of one's own second factors; takes a proof.

        The last one stays where the organisation requires one.
        """
        account = parts.account(call)

        def remove(tx: IdentityTx) -> None:
            factor = operations.remove_factor(tx, account.user_id, factor_id)
            parts.mail.removed(tx, account, factor.name)

        return parts.proven(call, account, body.proof, remove, lambda _tx, _done: Reply.nothing())


def _renew(parts: RouteParts, routes: Routes) -> None:
    """Recovery codes."""

    @routes.post(
        "/recovery-codes/renew",
        permission=SIGNED_IN,
        body=ProvenIn,
        returns=NewRecoveryCodesOut,
        problems=_PROBLEMS,
    )
    def renew_own_recovery_codes(call: Call[IdentityTx], body: ProvenIn) -> Response:
        """Get new recovery codes in place of those from before; takes a proof."""
        account = parts.account(call)
        if not account.has_factors:
            raise Conflict("There is no second factor yet.", code="no_factor")

        def work(check: Check) -> Response:
            codes = parts.recovery.new(account.tenant_id, account.user_id)

            def renew(tx: IdentityTx) -> None:
                check(tx)
                operations.renew_recovery_codes(tx, account.user_id, codes.hashes)

            shown = {"codes": list(codes.shown)}
            return call.run(renew, lambda _tx, _done: Reply(shown, secrets=("codes",)))

        address = parts.addresses.of(call.request)
        return parts.proving.attempt(account, body.proof.given(), address, work)


def own_user(call: Call[Any]) -> UUID:
    """The user who calls. Raises `Forbidden` for an app that calls for itself."""
    if call.caller.user_id is None:
        raise Forbidden("Only a user has second factors.", code="user_needed")
    return call.caller.user_id
