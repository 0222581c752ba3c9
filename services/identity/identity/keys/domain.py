"""Signing keys: which one signs at a moment, which are published, and when each one goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from chassis.domain import Fact, NotFound

LEAD = timedelta(minutes=10)
"""How long a key is published before it signs: twice as long as services keep the keys they know."""
LEAD_AT_ONCE = timedelta(seconds=45)
"""The same in an emergency: all replicas of identity know the key, and services ask for a key that
they do not know."""
OVERLAP = timedelta(hours=1)
"""How long a retired key stays published: no token lives that long."""
_KEYS = UUID("5a1c6f0e-6d0b-4f57-9a55-3c0d2f9f8a61")
"""The namespace in which the name of a key is the UUID that facts about it have."""


class KeyState(StrEnum):
    """Where a key is in its life."""

    PENDING = "pending"
    SIGNING = "signing"
    RETIRED = "retired"
    OUTDATED = "outdated"


class KeyReason(StrEnum):
    """Why there is a new key."""

    FIRST = "first"
    DUE = "due"
    ASKED = "asked"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class SigningKeyCreated(Fact):
    """There is a new key; it signs from a moment on, which is told before it comes."""

    kid: str
    signs_from: datetime
    reason: KeyReason


@dataclass(frozen=True, slots=True)
class SigningKeyWithdrawn(Fact):
    """A key was removed before its time."""

    kid: str
    has_signed: bool


@dataclass(frozen=True, slots=True)
class SigningKeyRetired(Fact):
    """A key was removed that no token needs any more."""

    kid: str


@dataclass(frozen=True, slots=True)
class OperatorTokenIssued(Fact):
    """An operator has a token without a tenant."""

    token_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair; the private half is sealed."""

    kid: str
    created_at: datetime
    signs_from: datetime
    public: dict[str, Any]
    sealed: bytes

    @property
    def id(self) -> UUID:
        """What facts about the key name as their aggregate."""
        return uuid5(_KEYS, self.kid)


class Keys:
    """All keys that there are. Their states follow from the time alone, so all replicas agree."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = sorted(keys, key=lambda key: (key.signs_from, key.kid))

    def __bool__(self) -> bool:
        return bool(self._keys)

    def __iter__(self) -> Iterator[SigningKey]:
        return iter(self._keys)

    def signing(self, now: datetime) -> SigningKey:
        """The key that signs. Raises `NotFound` when there is none."""
        begun = [key for key in self._keys if key.signs_from <= now]
        if not begun:
            raise NotFound("There is no key to sign tokens with.")
        return begun[-1]

    def state(self, key: SigningKey, now: datetime) -> KeyState:
        """The state of one of these keys."""
        if key.signs_from > now:
            return KeyState.PENDING
        retired_at = self.retired_at(key)
        if retired_at is None or retired_at > now:
            return KeyState.SIGNING
        return KeyState.RETIRED if retired_at + OVERLAP > now else KeyState.OUTDATED

    def retired_at(self, key: SigningKey) -> datetime | None:
        """When the next key takes over; None while there is no next."""
        later = self._keys[self._keys.index(key) + 1 :]
        return later[0].signs_from if later else None

    def published(self, now: datetime) -> list[SigningKey]:
        """The keys that verifiers are told of."""
        return [key for key in self._keys if self.state(key, now) is not KeyState.OUTDATED]

    def outdated(self, now: datetime) -> list[SigningKey]:
        """The keys that no valid token is signed with any more."""
        return [key for key in self._keys if self.state(key, now) is KeyState.OUTDATED]

    def is_due(self, now: datetime, period: timedelta) -> bool:
        """Whether it is time to publish the next key."""
        if not self._keys:
            return True
        return self._keys[-1].signs_from + period - LEAD <= now
