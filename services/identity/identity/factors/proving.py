"""Lets users prove that it is they: by a code, a passkey, a recovery code; by the password who has none.

A code is looked at in the transaction of what it is for, so it is used up with it or not at all; what
is slow, a hash, is made before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar
from uuid import UUID

from chassis.http.address import neighbourhood
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from identity.callers import acting_user, identity_itself
from identity.factors.ceremonies import Ceremony, ask_anew, finish_ceremony
from identity.factors.domain import (
    Passkey,
    Purpose,
    SecondFactorNeeded,
    Totp,
    Way,
    WrongFactor,
    is_recovery_code,
    is_totp_code,
    methods_of,
    tidied_code,
)
from identity.factors.mail import FactorMail
from identity.factors.operations import lock_user, note_wrong_factor, use_recovery_code
from identity.factors.passkeys import RelyingParty, credential_id_of
from identity.factors.queries import unused_codes
from identity.factors.recovery import RecoveryCodes
from identity.factors.totp import TotpSecrets
from identity.sign_in.domain import Subject, own_count
from identity.sign_in.passwords import Passwords
from identity.sign_in.queries import Account
from identity.sign_in.throttle import Subjects, Throttle
from identity.transaction import IdentityTx

R = TypeVar("R")
_WRONG = "This does not prove that it is you."


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gives as proof: one of these. `code` is an app's or a recovery code.

    A passkey answers the challenge of the ceremony `ceremony_id`.
    """

    password: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    passkey: dict[str, Any] | None = field(default=None, repr=False)
    ceremony_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """How it was proven. `codes_left` is told when a recovery code was used up."""

    way: Way
    methods: tuple[str, ...]
    codes_left: int | None = None


class Check(Protocol):
    """Looks at what was given, in the transaction of what it is for."""

    def __call__(self, tx: IdentityTx, ceremony: Ceremony | None = None) -> Proven:
        """How it was proven; `ceremony` is the one under way, if it was taken already.

        Raises `WrongFactor`, `SecondFactorNeeded`, `CeremonyOver`.
        """
        ...


class Proving:
    """Takes proofs, and has whoever guesses wait."""

    def __init__(
        self,
        run: Operations[IdentityTx],
        passwords: Passwords,
        recovery: RecoveryCodes,
        totp: TotpSecrets,
        party: RelyingParty,
        throttle: Throttle,
        *,
        mail: FactorMail,
    ) -> None:
        self._run = run
        self._passwords = passwords
        self._recovery = recovery
        self._totp = totp
        self._party = party
        self._throttle = throttle
        self._mail = mail

    def attempt(
        self, account: Account, given: Given, address: str, work: Callable[[Check], R]
    ) -> R:
        """Do `work`, one transaction, with the check that it calls first.

        Raises `TooManyAttempts`, `WrongPassword`, and what the check and the work raise. What is
        refused for another reason than a wrong proof is no failure.
        """
        if given.password is not None:
            return work(self._by_password(account, given.password, address))
        subjects = _subjects(account, given, address)
        self._throttle.attempt(subjects)
        asked: list[Proven] = []
        try:
            code_id = self._recovery_code(account, given)

            def check(tx: IdentityTx, ceremony: Ceremony | None = None) -> Proven:
                proven = self._checked(tx, account.user_id, given, code_id, ceremony)
                if proven.codes_left is not None:
                    self._mail.code_used(tx, account, proven.codes_left)
                asked.append(proven)
                return proven

            result = work(check)
        except WrongFactor:
            self._refused(account, given)
            raise
        except Exception:
            self._throttle.take_back(subjects)
            raise
        if asked:
            self._throttle.succeeded(subjects)
        else:  # a stored answer was given again
            self._throttle.take_back(subjects)
        return result

    def _by_password(self, account: Account, password: str, address: str) -> Check:
        """For users who have nothing else."""
        if account.has_factors:
            raise SecondFactorNeeded("Give a code or a passkey: this account has a second factor.")
        self._passwords.confirm(account, password, address)

        def check(tx: IdentityTx, ceremony: Ceremony | None = None) -> Proven:
            del ceremony
            lock_user(tx, account.user_id)
            if tx.factors.of_user(account.user_id):
                raise SecondFactorNeeded("This account has a second factor by now.")
            return Proven(Way.PASSWORD, methods_of(Way.PASSWORD))

        return check

    def _recovery_code(self, account: Account, given: Given) -> UUID | None:
        code = tidied_code(given.code or "")
        if not is_recovery_code(code):
            return None
        caller = identity_itself(account.tenant_id)
        known = self._run.read(caller, EVERYTHING, unused_codes, account.user_id)
        return self._recovery.matching(code, known)

    def _checked(
        self,
        tx: IdentityTx,
        user_id: UUID,
        given: Given,
        code_id: UUID | None,
        ceremony: Ceremony | None,
    ) -> Proven:
        lock_user(tx, user_id)
        if given.passkey is not None:
            under_way = ceremony or finish_ceremony(tx, given.ceremony_id, user_id, Purpose.PROVE)
            return self._by_passkey(tx, user_id, given.passkey, under_way.challenge)
        if code_id is not None:
            left = use_recovery_code(tx, user_id, code_id)
            if left is None:
                raise WrongFactor(_WRONG)
            return Proven(Way.RECOVERY_CODE, methods_of(Way.RECOVERY_CODE), left)
        return self._by_app(tx, user_id, tidied_code(given.code or ""))

    def _by_app(self, tx: IdentityTx, user_id: UUID, code: str) -> Proven:
        now = tx.clock.now()
        if is_totp_code(code):
            for factor in tx.factors.of_user(user_id):
                if not isinstance(factor.means, Totp):
                    continue
                step = self._totp.matching_step(factor.means, user_id, code, now)
                if step is not None:
                    factor.means = replace(factor.means, last_step=step)
                    factor.last_used_at = now
                    tx.factors.used(factor)
                    return Proven(Way.TOTP, methods_of(Way.TOTP))
        raise WrongFactor(_WRONG)

    def _by_passkey(
        self, tx: IdentityTx, user_id: UUID, credential: dict[str, Any], challenge: bytes
    ) -> Proven:
        named = credential_id_of(credential)
        for factor in tx.factors.of_user(user_id):
            means = factor.means
            if isinstance(means, Passkey) and means.credential_id == named:
                factor.means = self._party.used(means, credential, challenge)
                factor.last_used_at = tx.clock.now()
                tx.factors.used(factor)
                return Proven(Way.PASSKEY, methods_of(Way.PASSKEY, means))
        raise WrongFactor(_WRONG)

    def _refused(self, account: Account, given: Given) -> None:
        """Tell of a wrong proof; a challenge that was answered wrongly is not put again."""

        def note(tx: IdentityTx) -> None:
            note_wrong_factor(tx, account.user_id)
            if given.ceremony_id is not None:
                ask_anew(tx, given.ceremony_id, account.user_id)

        caller = acting_user(account.tenant_id, account.user_id)
        self._run.run(caller, note)


def _subjects(account: Account, given: Given, address: str) -> Subjects:
    """Whose failures are counted: nobody guesses a signature, so a passkey works in any case."""
    subjects = {Subject.ADDRESS: neighbourhood(address)}
    if given.passkey is None:
        subjects[Subject.SECOND_FACTOR] = own_count(account.tenant_id, account.user_id)
    return subjects
