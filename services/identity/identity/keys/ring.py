"""The keys as a running process holds them: signs, and says what others verify with."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from chassis.access.tokens import ALGORITHM
from chassis.domain import Clock, DomainError, Unavailable
from chassis.sealing import Sealer
from chassis.storage.database import Database
from identity.keys.domain import Keys
from identity.keys.operations import KeyCare, unsealed
from identity.keys.queries import key_set, list_keys
from identity.keys.storage import SigningKeys

log = logging.getLogger("identity.keys")

_FRESH_SECONDS = 15.0
"""How long keys are used without looking whether there are new ones; well below any lead."""
_ASKED_SECONDS = 2.0
"""The same when someone shows a key that is not known: whatever callers send, no more often."""


@dataclass(frozen=True, slots=True)
class _Held:
    keys: Keys
    pairs: Mapping[str, ECKey]
    verifying: KeySet
    at: float


class KeyRing:
    """Keys in memory, looked up anew every few seconds.

    The ones known last go on while the database is away.
    """

    def __init__(
        self,
        database: Database,
        care: KeyCare,
        sealer: Sealer,
        clock: Clock,
        monotonic: Callable[[], float],
    ) -> None:
        self._database = database
        self._care = care
        self._sealer = sealer
        self._clock = clock
        self._monotonic = monotonic
        self._held: _Held | None = None
        self._lock = threading.Lock()

    def sign(self, typ: str, claims: dict[str, Any]) -> str:
        """A signed token of type `typ`. Raises `Unavailable` when no key can be had."""
        held = self._fresh()
        key = held.keys.signing(self._clock.now())
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": typ}
        return jwt.encode(header, claims, held.pairs[key.kid], algorithms=[ALGORITHM])

    def keys(self, kid: str) -> KeySet:
        """What identity verifies its own tokens with (a `KeySource`)."""
        held = self._fresh()
        if kid not in held.pairs:
            held = self._fresh(_ASKED_SECONDS)
        return held.verifying

    def verifying(self) -> KeySet:
        """The keys that tokens of now may be signed with."""
        return self._fresh().verifying

    def claims(self, token: str) -> dict[str, Any]:
        """What a token of ours says; only the signature is checked. Raises `JoseError`."""
        return dict(jwt.decode(token, self.verifying(), algorithms=[ALGORITHM]).claims)

    def document(self) -> dict[str, Any]:
        """The JSON Web Key Set that is published."""
        return key_set(self._fresh().keys, self._clock.now())

    def listed(self) -> list[dict[str, Any]]:
        """What operators are shown, as the database has it now."""
        return list_keys(self.all(), self._clock.now())

    def all(self) -> Keys:
        """The keys as they are in the database now."""
        with self._database.system_transaction() as connection:
            return SigningKeys(connection).all()

    def start(self) -> None:
        """Have keys before the first request. Raises `CannotUnseal` for wrong secrets."""
        try:
            self._fresh()
        except DomainError:
            log.warning("no signing keys yet, they are looked up again with the first request")

    def stop(self, timeout: float) -> None:
        """Nothing is begun that would have to be finished."""
        del timeout

    def is_healthy(self) -> bool:
        """Whether tokens can be signed."""
        try:
            return bool(self._fresh().keys)
        except DomainError:
            return False

    def forget(self) -> None:
        """Look the keys up anew next time."""
        self._held = None

    def _fresh(self, at_most: float = _FRESH_SECONDS) -> _Held:
        """The keys, looked up when they are older than `at_most` seconds."""
        held, moment = self._held, self._monotonic()
        if held is not None and moment - held.at < at_most:
            return held
        if not self._lock.acquire(blocking=held is None):
            return self._known()  # someone else is looking already
        try:
            return self._looked_up(moment, at_most)
        except DomainError:
            if held is None:
                raise
            log.warning("signing keys could not be looked up, the known ones go on")
            return held
        finally:
            self._lock.release()

    def _known(self) -> _Held:
        if self._held is None:
            raise Unavailable("There are no signing keys yet.")
        return self._held

    def _looked_up(self, moment: float, at_most: float) -> _Held:
        known = self._held
        if known is not None and moment - known.at < at_most:
            return known
        keys = self.all() or self._care.first()
        pairs = {} if known is None else known.pairs
        published = keys.published(self._clock.now())
        pairs = {key.kid: pairs.get(key.kid) or unsealed(key, self._sealer) for key in published}
        held = _Held(keys, pairs, KeySet(list(pairs.values())), moment)
        self._held = held
        return held


class LateKeys:
    """A `KeySource` for a ring that is made only after whoever needs to verify."""

    def __init__(self) -> None:
        self.ring: KeyRing | None = None

    def keys(self, kid: str) -> KeySet:
        """The keys. Raises `Unavailable` before there is a ring."""
        if self.ring is None:
            raise Unavailable("There are no signing keys yet.")
        return self.ring.keys(kid)
