"""The parts of second factors, wired together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chassis.http.address import Addresses
from chassis.http.routes import Routes
from chassis.sealing import Sealer
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations
from chassis.work.periodic import PeriodicWork
from identity.factors.api import factor_routes
from identity.factors.enrolment import Enrolment
from identity.factors.entering import Entering
from identity.factors.mail import FactorMail
from identity.factors.passkeys import RelyingParty
from identity.factors.proven_api import RouteParts
from identity.factors.proving import Proving
from identity.factors.recovery import RecoveryCodes
from identity.factors.resealing import reseal
from identity.factors.totp import TotpSecrets
from identity.mail import Mailer
from identity.sign_in.hashing import PasswordHasher
from identity.sign_in.passwords import Passwords
from identity.sign_in.throttle import Throttle
from identity.transaction import IdentityTx


@dataclass(frozen=True, slots=True)
class FactorWork:
    """What pages, routes and periodic work do with second factors."""

    sealer: Sealer
    proving: Proving
    enrolment: Enrolment
    entering: Entering
    recovery: RecoveryCodes
    party: RelyingParty
    mail: FactorMail

    @classmethod
    def of(
        cls,
        run: Operations[IdentityTx],
        sealer: Sealer,
        passwords: Passwords,
        hasher: PasswordHasher,
        throttle: Throttle,
        *,
        mailer: Mailer,
        public_url: str,
    ) -> FactorWork:
        """All of them."""
        totp, party, recovery = (
            TotpSecrets(sealer),
            RelyingParty(public_url),
            RecoveryCodes(hasher, throttle),
        )
        mail = FactorMail(mailer, public_url)
        proving = Proving(run, passwords, recovery, totp, party, throttle, mail=mail)
        enrolment = Enrolment(run, totp, party, recovery, mail)
        entering = Entering(run, proving, enrolment, party)
        return cls(sealer, proving, enrolment, entering, recovery, party, mail)

    def routes(self, passwords: Passwords, addresses: Addresses) -> tuple[Routes, ...]:
        """The REST face."""
        return factor_routes(
            RouteParts(
                passwords,
                self.proving,
                self.enrolment,
                self.recovery,
                self.party,
                self.mail,
                addresses,
            )
        )

    def care(self, database: Database) -> PeriodicWork:
        """What has to be done every so often."""
        return PeriodicWork(
            "seals of second factors", timedelta(minutes=5), lambda: reseal(database, self.sealer)
        )
