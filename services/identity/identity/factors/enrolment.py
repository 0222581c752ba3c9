"""The ways to a new factor: it is asked for, shown to work, and only then kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chassis.domain import Invalid
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, Reading
from identity.callers import identity_itself
from identity.factors.ceremonies import Ceremony, begin_ceremony, finish_ceremony, open_ceremony
from identity.factors.domain import (
    CeremonyOver,
    Factor,
    FactorKind,
    Passkey,
    Purpose,
    Totp,
    check_room,
    is_totp_code,
    tidied_code,
)
from identity.factors.mail import FactorMail
from identity.factors.operations import Added, add_factor, lock_user
from identity.factors.passkeys import RelyingParty
from identity.factors.queries import get_recovery_codes
from identity.factors.recovery import NewCodes, RecoveryCodes
from identity.factors.totp import TotpSecrets, TotpSetup
from identity.sign_in.queries import Account

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows that a new factor works: an app's code, or what a browser has made for a passkey."""

    ceremony_id: UUID
    name: str
    code: str | None = field(default=None, repr=False)
    credential: dict[str, Any] | None = field(default=None, repr=False)

    def purpose(self, *, signing_in: bool) -> Purpose:
        """What the ceremony has to lead to."""
        if signing_in:
            return Purpose.SIGN_IN
        return Purpose.ADD_PASSKEY if self.code is None else Purpose.ADD_TOTP


class Enrolment:
    """Begins and finishes, each in the caller's transaction."""

    def __init__(
        self,
        run: Operations[IdentityTx],
        totp: TotpSecrets,
        party: RelyingParty,
        recovery: RecoveryCodes,
        mail: FactorMail,
    ) -> None:
        self._run = run
        self._totp = totp
        self._party = party
        self._recovery = recovery
        self._mail = mail

    def codes_for(
        self, account: Account, shown: Shown, *, signing_in: bool = False
    ) -> NewCodes | None:
        """Recovery codes to go with a new factor, if the user has none; before the transaction.

        None as well for what does not fit: then nothing is made that takes so long. Raises
        `TooManyAttempts`, `Unavailable`.
        """

        def look(reading: Reading) -> bool:
            purpose = shown.purpose(signing_in=signing_in)
            ceremony = open_ceremony(reading, shown.ceremony_id, account.user_id, purpose)
            if ceremony is None or get_recovery_codes(reading, account.user_id)["left"]:
                return False
            try:
                self._means(ceremony, shown, reading.clock.now())
            except Invalid:
                return False
            return True

        caller = identity_itself(account.tenant_id)
        needed = self._run.read(caller, EVERYTHING, look)
        return self._recovery.new(account.tenant_id, account.user_id) if needed else None

    def begin_totp(
        self, tx: IdentityTx, account: Account, purpose: Purpose = Purpose.ADD_TOTP
    ) -> Ceremony:
        """A secret for an app to be. Raises `Conflict` when there are too many."""
        if purpose is Purpose.ADD_TOTP:
            check_room(tx.factors.of_user(account.user_id), FactorKind.TOTP)
        sealed = self._totp.new(account.user_id)
        return begin_ceremony(tx, account.user_id, purpose, sealed)

    def begin_passkey(self, tx: IdentityTx, account: Account) -> Ceremony:
        """A challenge for a passkey to be. Raises `Conflict` when there are too many."""
        check_room(tx.factors.of_user(account.user_id), FactorKind.PASSKEY)
        return begin_ceremony(tx, account.user_id, Purpose.ADD_PASSKEY)

    def setup(self, ceremony: Ceremony, account: Account) -> TotpSetup:
        """What the user's app has to be told."""
        sealed = ceremony.sealed
        if sealed is None:
            raise CeremonyOver("There is no secret to set up.")
        return self._totp.setup(sealed, account.user_id, account.email, account.tenant_name)

    def options(self, ceremony: Ceremony, account: Account, known: list[Factor]) -> dict[str, Any]:
        """What the user's browser is asked to make."""
        passkeys = [f.means for f in known if not isinstance(f.means, Totp)]
        return self._party.creation_options(
            ceremony.challenge, account.user_id, account.email, account.name, passkeys
        )

    def finish(
        self,
        tx: IdentityTx,
        account: Account,
        shown: Shown,
        codes: NewCodes | None,
        *,
        signing_in: bool = False,
    ) -> Added:
        """Keep a factor that was shown to work.

        At a sign-in only for a user who has none yet: whoever has must show it. Raises `Invalid` for
        what does not fit, `CeremonyOver`, `Conflict` when there are too many.
        """
        user_id = account.user_id
        lock_user(tx, user_id)
        purpose = shown.purpose(signing_in=signing_in)
        ceremony = finish_ceremony(tx, shown.ceremony_id, user_id, purpose)
        if signing_in and tx.factors.of_user(user_id):
            raise CeremonyOver("A factor was added in the meantime: show that one.")
        means = self._means(ceremony, shown, tx.clock.now())
        hashes = () if codes is None else codes.hashes
        added = add_factor(tx, user_id, shown.name, means, hashes)
        self._mail.added(tx, account, added.factor.name)
        return added

    def _means(self, ceremony: Ceremony, shown: Shown, now: datetime) -> Totp | Passkey:
        """What is shown to work. Raises `Invalid`."""
        if shown.code is None:
            return self._party.made(shown.credential or {}, ceremony.challenge)
        fresh, tidied = Totp(ceremony.sealed or b""), tidied_code(shown.code)
        step = None
        if is_totp_code(tidied):
            step = self._totp.matching_step(fresh, ceremony.user_id, tidied, now)
        if step is None:
            raise Invalid.at("/code", "code_wrong", "This is not the code that the app shows now.")
        return Totp(fresh.sealed, step)
