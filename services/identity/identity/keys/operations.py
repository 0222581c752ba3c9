"""What is done to signing keys: make the next one, drop outdated ones, seal them anew."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from joserfc.jwk import ECKey

from chassis.access.tokens import ALGORITHM
from chassis.domain import Clock, Conflict, NotFound
from chassis.sealing import Sealer
from chassis.storage.database import Database
from identity.keys.domain import LEAD, LEAD_AT_ONCE, Keys, KeyState, SigningKey
from identity.keys.storage import SigningKeys


class KeyCare:
    """Looks after the signing keys; any replica may, they take turns."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, period: timedelta) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._period = period

    def rotate(self, *, at_once: bool = False) -> SigningKey:
        """Publish a new key now; it signs after `LEAD`, or `at_once` as soon as is safe.

        A key that is waiting already is not doubled: it is the next one.
        """
        with self._database.system_transaction() as connection:
            table = SigningKeys(connection)
            table.lock()
            keys, now = table.all(), self._clock.now()
            waiting = [key for key in keys if key.signs_from > now]
            if waiting and not at_once:
                return waiting[-1]
            table.remove(waiting)
            key = self._made(now, self._begin(keys, now, at_once=at_once))
            table.add(key)
            return key

    def _begin(self, keys: Keys, now: datetime, *, at_once: bool) -> datetime:
        if not keys:
            return now  # nobody can hold a key set without it
        return now + (LEAD_AT_ONCE if at_once else LEAD)

    def withdraw(self, kid: str) -> None:
        """Remove a key before its time: what it has signed is refused when services look again.

        Raises `NotFound`, or `Conflict` for the key that signs.
        """
        with self._database.system_transaction() as connection:
            table = SigningKeys(connection)
            table.lock()
            keys, now = table.all(), self._clock.now()
            found = [key for key in keys if key.kid == kid]
            if not found:
                raise NotFound.of("signing key", kid)
            if keys.state(found[0], now) is KeyState.SIGNING:
                raise Conflict("The key signs tokens; rotate first.", code="signing_key_in_use")
            table.remove(found)

    def first(self) -> Keys:
        """The keys; one is made when there is none."""
        with self._database.system_transaction() as connection:
            table = SigningKeys(connection)
            table.lock()
            keys = table.all()
            if keys:
                return keys
            now = self._clock.now()
            table.add(self._made(now, now))
            return table.all()

    def keep(self) -> None:
        """The periodic care: the next key when it is due, outdated ones gone, all well sealed."""
        with self._database.system_transaction() as connection:
            table = SigningKeys(connection)
            table.lock()
            keys, now = table.all(), self._clock.now()
            if keys.is_due(now, self._period):
                table.add(self._made(now, self._begin(keys, now, at_once=False)))
            table.remove(keys.outdated(now))
            for key in keys.published(now):
                if not self._sealer.is_current(key.sealed):
                    plain = self._sealer.open(key.sealed, _context(key.kid))
                    table.reseal(key, self._sealer.seal(plain, _context(key.kid)))

    def _made(self, now: datetime, signs_from: datetime) -> SigningKey:
        pair = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": ALGORITHM})
        kid = pair.thumbprint()
        public = {**pair.as_dict(private=False), "kid": kid}
        private = json.dumps({**pair.as_dict(private=True), "kid": kid}).encode()
        sealed = self._sealer.seal(private, _context(kid))
        return SigningKey(kid, now, signs_from, public, sealed)


def unsealed(key: SigningKey, sealer: Sealer) -> ECKey:
    """The key pair, for signing. Raises `CannotUnseal`."""
    return ECKey.import_key(json.loads(sealer.open(key.sealed, _context(key.kid))))


def _context(kid: str) -> str:
    return f"signing key {kid}"
