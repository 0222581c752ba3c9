"""What is done to signing keys: make the next one, drop outdated ones, seal them anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from joserfc.jwk import ECKey

from chassis.access.tokens import ALGORITHM
from chassis.context import PLATFORM, Caller
from chassis.domain import Clock, Conflict, Fact, NotFound
from chassis.sealing import Sealer
from chassis.storage.database import Database
from identity.callers import identity_itself
from identity.keys.domain import (
    LEAD,
    LEAD_AT_ONCE,
    KeyReason,
    Keys,
    KeyState,
    OperatorTokenIssued,
    SigningKey,
    SigningKeyCreated,
    SigningKeyRetired,
    SigningKeyWithdrawn,
)
from identity.keys.storage import SigningKeys
from identity.platform_facts import PlatformFacts

ITSELF = identity_itself(PLATFORM)
"""Who makes the first key, and follows the schedule."""


@dataclass(slots=True)
class _Changes:
    """The keys while nobody else changes them, and what is told of the changes."""

    table: SigningKeys
    facts: list[tuple[Fact, UUID]] = field(default_factory=list)

    def add(self, key: SigningKey, reason: KeyReason) -> SigningKey:
        self.table.add(key)
        self.facts.append((SigningKeyCreated(key.kid, key.signs_from, reason), key.id))
        return key

    def withdraw(self, key: SigningKey, *, has_signed: bool) -> None:
        self.table.remove([key])
        self.facts.append((SigningKeyWithdrawn(key.kid, has_signed), key.id))

    def retire(self, keys: Iterable[SigningKey]) -> None:
        outdated = list(keys)
        self.table.remove(outdated)
        self.facts += [(SigningKeyRetired(key.kid), key.id) for key in outdated]


class KeyCare:
    """Looks after the signing keys; any replica may, they take turns.

    What is done is told in the transaction that does it, with who did it.
    """

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        period: timedelta,
        facts: PlatformFacts,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._period = period
        self._facts = facts

    def rotate(self, caller: Caller, *, at_once: bool = False) -> SigningKey:
        """Publish a new key now; it signs after `LEAD`, or `at_once` as soon as is safe.

        A key that is waiting already is not doubled: it is the next one.
        """
        with self._changes(caller) as changes:
            keys, now = changes.table.all(), self._clock.now()
            waiting = [key for key in keys if key.signs_from > now]
            if waiting and not at_once:
                return waiting[-1]
            for key in waiting:
                changes.withdraw(key, has_signed=False)
            made = self._made(now, self._begin(keys, now, at_once=at_once))
            return changes.add(made, KeyReason.URGENT if at_once else KeyReason.ASKED)

    def _begin(self, keys: Keys, now: datetime, *, at_once: bool) -> datetime:
        if not keys:
            return now  # nobody can hold a key set without it
        return now + (LEAD_AT_ONCE if at_once else LEAD)

    def withdraw(self, caller: Caller, kid: str) -> None:
        """Remove a key before its time: what it has signed is refused when services look again.

        Raises `NotFound`, or `Conflict` for the key that signs.
        """
        with self._changes(caller) as changes:
            keys, now = changes.table.all(), self._clock.now()
            found = next((key for key in keys if key.kid == kid), None)
            if found is None:
                raise NotFound.of("signing key", kid)
            state = keys.state(found, now)
            if state is KeyState.SIGNING:
                raise Conflict("The key signs tokens; rotate first.", code="signing_key_in_use")
            changes.withdraw(found, has_signed=state is not KeyState.PENDING)

    def first(self) -> Keys:
        """The keys; one is made when there is none."""
        with self._changes(ITSELF) as changes:
            keys = changes.table.all()
            if keys:
                return keys
            now = self._clock.now()
            changes.add(self._made(now, now), KeyReason.FIRST)
            return changes.table.all()

    def keep(self) -> None:
        """The periodic care: the next key when it is due, outdated ones gone, all well sealed."""
        with self._changes(ITSELF) as changes:
            keys, now = changes.table.all(), self._clock.now()
            if keys.is_due(now, self._period):
                made = self._made(now, self._begin(keys, now, at_once=False))
                changes.add(made, KeyReason.DUE if keys else KeyReason.FIRST)
            changes.retire(keys.outdated(now))
            for key in keys.published(now):
                if not self._sealer.is_current(key.sealed):
                    plain = self._sealer.open(key.sealed, _context(key.kid))
                    changes.table.reseal(key, self._sealer.seal(plain, _context(key.kid)))

    def note_operator_token(self, caller: Caller, token_id: UUID, expires_at: datetime) -> None:
        """Tell that an operator has a token; before it is handed over, so that none goes untold."""
        with self._database.system_transaction() as connection:
            fact = OperatorTokenIssued(token_id, expires_at)
            self._facts.tell(connection, caller, [(fact, token_id)])

    @contextmanager
    def _changes(self, caller: Caller) -> Iterator[_Changes]:
        with self._database.system_transaction() as connection:
            changes = _Changes(SigningKeys(connection))
            changes.table.lock()
            yield changes
            self._facts.tell(connection, caller, changes.facts)

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
