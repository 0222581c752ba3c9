"""The second step of a sign-in: between a right password and a session there is a factor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from identity.callers import acting_user, identity_itself
from identity.factors.ceremonies import Ceremony, ask_anew, finish_ceremony
from identity.factors.domain import FactorKind, Passkey, Purpose, Way, methods_of
from identity.factors.enrolment import Enrolment, Shown
from identity.factors.operations import Added, lock_user
from identity.factors.passkeys import RelyingParty
from identity.factors.proving import Check, Given, Proven, Proving
from identity.factors.queries import factors_on_page, passkeys_of
from identity.factors.recovery import NewCodes
from identity.factors.totp import TotpSetup
from identity.sessions.domain import Device, Session
from identity.sign_in.operations import begin_signed_in
from identity.sign_in.queries import Account
from identity.tickets import Ticket
from identity.transaction import IdentityTx

_WAYS = {FactorKind.TOTP: Way.TOTP, FactorKind.PASSKEY: Way.PASSKEY}


@dataclass(frozen=True, slots=True)
class Step:
    """What a user is asked for: one of these kinds, or, without any, to set one up."""

    ceremony: Ceremony
    kinds: frozenset[FactorKind]
    options: dict[str, Any] | None = field(repr=False)
    setup: TotpSetup | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entered:
    """A browser's session has begun; `codes` are new recovery codes to be shown, once."""

    session: Session
    ticket: Ticket
    proven: Proven | None = None
    added: Added | None = None
    codes: NewCodes | None = None


class Entering:
    """Leads a user whose password was right through the second step."""

    def __init__(
        self,
        run: Operations[IdentityTx],
        proving: Proving,
        enrolment: Enrolment,
        party: RelyingParty,
    ) -> None:
        self._run = run
        self._proving = proving
        self._enrolment = enrolment
        self._party = party

    def begin(self, account: Account) -> UUID:
        """Begin the step; gives what names it."""
        caller = acting_user(account.tenant_id, account.user_id)
        ceremony = self._run.run(caller, self._enrolment.begin_totp, account, Purpose.SIGN_IN)
        return ceremony.id

    def step(self, account: Account, ceremony_id: UUID) -> Step | None:
        """What to ask for, with a challenge that was never put before; None when it took too long."""
        caller = acting_user(account.tenant_id, account.user_id)
        ceremony = self._run.run(caller, ask_anew, ceremony_id, account.user_id)
        if ceremony is None:
            return None
        itself = identity_itself(account.tenant_id)
        listed = self._run.read(itself, EVERYTHING, factors_on_page, account.user_id)
        kinds = frozenset(FactorKind(factor["kind"]) for factor in listed)
        if not kinds:
            options = self._party.creation_options(
                ceremony.challenge, account.user_id, account.email, account.name, ()
            )
            return Step(ceremony, kinds, options, self._enrolment.setup(ceremony, account))
        if FactorKind.PASSKEY not in kinds:
            return Step(ceremony, kinds, None, None)
        known = self._run.read(itself, EVERYTHING, passkeys_of, account.user_id)
        options = self._party.request_options(ceremony.challenge, known)
        return Step(ceremony, kinds, options, None)

    def finish(self, account: Account, given: Given, device: Device) -> Entered:
        """Begin the session with the factor that is given.

        Raises `WrongFactor`, `TooManyAttempts`, `CeremonyOver`, and `WrongPassword` when the
        password is another one since.
        """

        def work(check: Check) -> Entered:
            def enter(tx: IdentityTx) -> Entered:
                user_id = account.user_id
                lock_user(tx, user_id)
                ceremony = finish_ceremony(tx, given.ceremony_id, user_id, Purpose.SIGN_IN)
                proven = check(tx, ceremony)
                session, ticket = self._session(tx, account, device, proven.methods)
                return Entered(session, ticket, proven)

            return self._run.run(acting_user(account.tenant_id, account.user_id), enter)

        return self._proving.attempt(account, given, device.address, work)

    def enrol(self, account: Account, shown: Shown, device: Device) -> Entered:
        """Begin the session with a first factor that is set up just now.

        Raises `Invalid` for what does not fit, `CeremonyOver`, `WrongPassword`, and
        `TooManyAttempts` or `Unavailable` where recovery codes cannot be made now.
        """
        codes = self._enrolment.codes_for(account, shown, signing_in=True)

        def enter(tx: IdentityTx) -> Entered:
            added = self._enrolment.finish(tx, account, shown, codes, signing_in=True)
            way = _WAYS[added.factor.kind]
            means = added.factor.means
            methods = methods_of(way, means if isinstance(means, Passkey) else None)
            session, ticket = self._session(tx, account, device, methods)
            return Entered(session, ticket, None, added, codes if added.with_codes else None)

        return self._run.run(acting_user(account.tenant_id, account.user_id), enter)

    def _session(
        self, tx: IdentityTx, account: Account, device: Device, methods: tuple[str, ...]
    ) -> tuple[Session, Ticket]:
        return begin_signed_in(
            tx, account.user_id, account.password_set_at, device, account.lifetime, methods
        )
