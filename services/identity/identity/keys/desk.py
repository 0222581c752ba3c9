"""Signing keys as those see them who run the platform: list, rotate, withdraw (ID-6, PL-11)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from secrets import token_hex
from typing import Any

from pydantic import SecretStr

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import PLATFORM
from chassis.domain import Conflict, Invalid
from chassis.sealing import CannotUnseal, Sealer
from chassis.storage.database import Database
from identity.callers import operator_at_work
from identity.desks import DeskAccess, at_the_desk, opened
from identity.facts import ENCODER
from identity.keys.domain import Keys
from identity.keys.operations import KeyCare, unsealed
from identity.keys.queries import list_keys
from identity.keys.storage import SigningKeys
from identity.platform_facts import PlatformFacts

_SCHEDULE = timedelta(days=30)
"""Nothing here follows it; the service has its own."""


@contextmanager
def open_desk(
    access: DeskAccess, secret: SecretStr | None = None, operator: str | None = None
) -> Iterator[KeyDesk]:
    """A desk over identity's database; `secret` is what the service seals private keys with.

    Raises `Invalid` for a name that the log would confuse.
    """
    name = at_the_desk(operator)
    with opened(access) as database:
        yield KeyDesk(database, secret, name)


class KeyDesk:
    """What an operator does with signing keys; the operators' own audit log has it."""

    def __init__(self, database: Database, secret: SecretStr | None, operator: str) -> None:
        self._database = database
        self._secret = secret
        self._operator = operator_at_work(PLATFORM, operator)
        self._clock = SystemClock()

    def listed(self) -> list[dict[str, Any]]:
        """The keys that count, the newest first."""
        return list_keys(self._keys(), self._clock.now())

    def rotate(self, *, at_once: bool = False) -> list[dict[str, Any]]:
        """Publish the next key, and give all.

        Raises `Invalid` without the secret of the service, or with another one: the service could
        not open what was sealed with that, and nobody could sign in any more. Raises `Conflict` when
        there is no key yet to tell by.
        """
        sealer = self._sealer()
        self._care(sealer).rotate(self._operator, at_once=at_once)
        return self.listed()

    def withdraw(self, kid: str) -> list[dict[str, Any]]:
        """Have refused what a key has signed, and give those that are left.

        Raises `NotFound`, or `Conflict` for the key that signs.
        """
        # Nothing is sealed or opened for this, so any secret will do.
        self._care(Sealer([token_hex()])).withdraw(self._operator, kid)
        return self.listed()

    def _keys(self) -> Keys:
        with self._database.system_transaction() as connection:
            return SigningKeys(connection).all()

    def _sealer(self) -> Sealer:
        """It seals as the newest key is sealed: whoever opens that one can open the next."""
        text = "" if self._secret is None else self._secret.get_secret_value()
        secrets = [one.strip() for one in text.split(",") if one.strip()]
        if not secrets:
            raise Invalid("A new key has to be sealed, and the secret for that is not known here.")
        *_, newest = self._keys() or (None,)
        if newest is None:
            raise Conflict("Identity makes its first key when it starts.")
        for sealer in (Sealer([secret]) for secret in secrets):
            with suppress(CannotUnseal):
                unsealed(newest, sealer)
                return sealer
        raise Invalid("This secret is not the one that identity seals its keys with.")

    def _care(self, sealer: Sealer) -> KeyCare:
        facts = PlatformFacts(ENCODER, self._clock, TimeOrderedIds())
        return KeyCare(self._database, sealer, self._clock, _SCHEDULE, facts)
