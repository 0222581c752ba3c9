"""Recovery codes: made by chance, shown once, kept as argon2id hashes like passwords."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from identity.factors.domain import (
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    RECOVERY_LETTERS,
    recovery_code,
    tidied_code,
)
from identity.sign_in.domain import Subject, own_count
from identity.sign_in.hashing import PasswordHasher
from identity.sign_in.throttle import Throttle


@dataclass(frozen=True, slots=True)
class NewCodes:
    """Codes to be shown now and never again, and what is kept of them."""

    shown: tuple[str, ...] = field(repr=False)
    hashes: tuple[str, ...] = field(repr=False)


class RecoveryCodes:
    """Makes and compares them. The codes of one set share a salt, so one hash tells which it is."""

    def __init__(self, hasher: PasswordHasher, throttle: Throttle) -> None:
        self._hasher = hasher
        self._throttle = throttle

    def new(self, tenant_id: UUID, user_id: UUID) -> NewCodes:
        """A set of codes for a user.

        Raises `TooManyAttempts` for who has them made all the time, `Unavailable` while too many
        hashes are made.
        """
        self._throttle.attempt({Subject.RECOVERY_CODES: own_count(tenant_id, user_id)})
        salt = f"recovery codes {uuid4()}"
        shown = tuple(
            recovery_code([secrets.randbelow(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH)])
            for _ in range(RECOVERY_CODES)
        )
        return NewCodes(shown, tuple(self._hasher.hash(tidied_code(code), salt) for code in shown))

    def matching(self, code: str, known: Iterable[tuple[UUID, str]]) -> UUID | None:
        """Which of these it is, or None. Raises `Unavailable` while too many hashes are made."""
        right = self._hasher.right_ones(code, "recovery codes", known)
        return right[0] if right else None
