"""Password hashes: argon2id, so many at once, and never fewer for an account that is not there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from argon2 import Parameters, Type, extract_parameters
from argon2.exceptions import InvalidHashError
from argon2.low_level import hash_secret

from chassis.domain import Unavailable
from identity.sign_in.domain import normalised

K = TypeVar("K", bound=Hashable)

_SALT = 16
_HASH = 32


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """What one hash takes: memory in KiB, and how often it is gone through."""

    memory_kib: int
    passes: int


class PasswordHasher:
    """Hashes and compares passwords.

    The salt is made from the e-mail address with a secret: unique to the address and unknown to
    others, but the same in every tenant that knows the address. So one hash tells in which tenants
    a password is right, and their number shows in no time that is taken.

    `at_once` are made at the same time and so many more wait. Whoever comes then is sent away: a
    flood of sign-ins must not hold the threads that others need for tokens.
    """

    def __init__(self, cost: PasswordCost, secret: str, at_once: int, waiting: int = 4) -> None:
        self._cost = cost
        self._key = hashlib.sha256(b"password-salts:" + secret.encode()).digest()
        self._slots = threading.BoundedSemaphore(at_once)
        self._admitted = threading.BoundedSemaphore(at_once + waiting)
        self.made = 0

    def hash(self, password: str, email_key: str) -> str:
        """A new hash, with its parameters and salt. Raises `Unavailable` when too many wait."""
        cost = self._cost
        return self._made(password, self._salt(email_key), cost.passes, cost.memory_kib, 1)

    def right_ones(self, password: str, email_key: str, hashes: Iterable[tuple[K, str]]) -> list[K]:
        """Those of the hashes that the password fits; with none given, a hash is made in vain."""
        by_salt: defaultdict[tuple[bytes, int, int, int], list[tuple[K, str]]] = defaultdict(list)
        for key, stored in hashes:
            by_salt[_recipe(stored)].append((key, stored))
        if not by_salt:
            self.hash(password, email_key)
        right: list[K] = []
        for (salt, passes, memory, lanes), candidates in by_salt.items():
            made = self._made(password, salt, passes, memory, lanes)
            right += [key for key, stored in candidates if hmac.compare_digest(made, stored)]
        return right

    def is_outdated(self, stored: str, email_key: str) -> bool:
        """Whether it was made with other parameters, or for another address."""
        wanted = (self._salt(email_key), self._cost.passes, self._cost.memory_kib, 1)
        return _recipe(stored) != wanted

    def _made(self, password: str, salt: bytes, passes: int, memory: int, lanes: int) -> str:
        if not self._admitted.acquire(blocking=False):
            raise Unavailable("Too many people sign in at this moment.", retry_after=2)
        try:
            with self._slots:
                self.made += 1
                encoded = normalised(password).encode()
                return hash_secret(encoded, salt, passes, memory, lanes, _HASH, Type.ID).decode()
        finally:
            self._admitted.release()

    def _salt(self, email_key: str) -> bytes:
        return hmac.new(self._key, email_key.encode(), hashlib.sha256).digest()[:_SALT]


def _recipe(stored: str) -> tuple[bytes, int, int, int]:
    """Salt and parameters of a stored hash."""
    given: Parameters = extract_parameters(stored)
    if given.type is not Type.ID:
        raise InvalidHashError("not an argon2id hash")
    return _decoded(stored.split("$")[4]), given.time_cost, given.memory_cost, given.parallelism


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))
