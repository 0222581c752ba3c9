"""What a second factor is: an authenticator app or a passkey of a user's, and what may be done to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Forbidden
from identity.domain import checked_name

MOST_FACTORS = 20
MOST_APPS = 3
"""Authenticator apps of one user: a guess is tried against each of them."""
STEP = 30
"""Seconds that a code is shown (RFC 6238, 5.2)."""
SKEW = 1
"""Steps by which the clock of a telephone may be off, either way."""
CEREMONY_LASTS = timedelta(minutes=10)
RECOVERY_CODES = 10
_LETTERS = "3479CDFHJKMNPQRTVWXY"
"""Without what is taken for something else (0O 1IL 2Z 5S 8B 6G U), and without vowels: no words."""
_GROUPS = 3
_GROUP = 4


class FactorKind(StrEnum):
    """What a user has."""

    TOTP = "totp"
    PASSKEY = "passkey"


class Way(StrEnum):
    """How somebody has proven to be the user."""

    PASSWORD = "password"  # noqa: S105 - a way, no secret
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"


class Purpose(StrEnum):
    """What a ceremony leads to."""

    SIGN_IN = "sign_in"
    ADD_TOTP = "add_totp"
    ADD_PASSKEY = "add_passkey"
    PROVE = "prove"


class WrongFactor(Forbidden):
    """What was given does not prove that it is the user: nobody is told what was wrong with it."""

    code = "wrong_factor"


class SecondFactorNeeded(Forbidden):
    """The password alone lets nobody in here."""

    code = "second_factor_needed"


class CeremonyOver(Conflict):
    """What was begun has been finished, or took too long."""

    code = "ceremony_over"


@dataclass(frozen=True, slots=True)
class FactorAdded(Fact):
    """A user has one more second factor."""

    user_id: UUID
    factor_id: UUID
    kind: FactorKind


@dataclass(frozen=True, slots=True)
class FactorRenamed(Fact):
    """A user calls a factor something else."""

    user_id: UUID
    factor_id: UUID


@dataclass(frozen=True, slots=True)
class FactorRemoved(Fact):
    """A user has removed a second factor."""

    user_id: UUID
    factor_id: UUID
    kind: FactorKind


@dataclass(frozen=True, slots=True)
class FactorsRevoked(Fact):
    """Somebody else has taken all of a user's second factors and recovery codes away."""

    user_id: UUID
    factor_count: int


@dataclass(frozen=True, slots=True)
class RecoveryCodesMade(Fact):
    """A user has new recovery codes; those from before work no more."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed(Fact):
    """A user was let in by a recovery code."""

    user_id: UUID
    codes_left: int


@dataclass(frozen=True, slots=True)
class SecondFactorRefused(Fact):
    """Somebody who knew the password, or held a token, gave a wrong second factor."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class Totp:
    """An authenticator app: its sealed secret, and the last step whose code was accepted."""

    sealed: bytes
    last_step: int | None = None


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey: its name among authenticators, its key, its counter, and if it is in several devices."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    synced: bool


@dataclass(kw_only=True)
class Factor(Aggregate):
    """One second factor of a user. `name` is what they call it."""

    user_id: UUID
    name: str
    means: Totp | Passkey
    created_at: datetime
    last_used_at: datetime | None = None

    @classmethod
    def add(
        cls, factor_id: UUID, user_id: UUID, name: str, means: Totp | Passkey, now: datetime
    ) -> Factor:
        """A new one that has just been proven to work. Raises `Invalid` for a bad name."""
        factor = cls(
            id=factor_id, user_id=user_id, name=checked_name(name), means=means, created_at=now
        )
        factor.record(FactorAdded(user_id, factor_id, factor.kind))
        return factor

    @property
    def kind(self) -> FactorKind:
        """What it is."""
        return FactorKind.TOTP if isinstance(self.means, Totp) else FactorKind.PASSKEY

    def rename(self, name: str) -> None:
        """Call it something else. Raises `Invalid`."""
        name = checked_name(name)
        if name != self.name:
            self.name = name
            self.record(FactorRenamed(self.user_id, self.id))

    def remove(self) -> None:
        """Note that it goes."""
        self.record(FactorRemoved(self.user_id, self.id, self.kind))


def check_room(factors: Sequence[Factor], kind: FactorKind) -> None:
    """Raises `Conflict` when a user has as many as there may be."""
    apps = sum(factor.kind is FactorKind.TOTP for factor in factors)
    if len(factors) >= MOST_FACTORS or (kind is FactorKind.TOTP and apps >= MOST_APPS):
        raise Conflict(
            f"A user has at most {MOST_FACTORS} factors, {MOST_APPS} of them authenticator apps.",
            code="factors_full",
        )


def check_last(factors: Sequence[Factor], *, required: bool) -> None:
    """Raises `Conflict` when the only factor would go where the organisation requires one."""
    if required and len(factors) <= 1:
        raise Conflict("Your organisation requires a second factor.", code="last_factor")


def step_of(now: datetime) -> int:
    """The time step of a moment (RFC 6238, 4.2)."""
    return int(now.timestamp()) // STEP


def acceptable_steps(now: datetime, last_step: int | None) -> Iterator[int]:
    """The steps whose codes are good now, the likeliest first: none that was, or is before one that was."""
    current = step_of(now)
    for step in (current, *(current + o * i for i in range(1, SKEW + 1) for o in (-1, 1))):
        if last_step is None or step > last_step:
            yield step


def tidied_code(text: str) -> str:
    """What was typed, without blanks and hyphens, with digits of any script as ASCII ones."""
    kept = (character for character in text[:60] if not character.isspace() and character != "-")
    return "".join(str(int(c)) if c.isdecimal() else c for c in kept).upper()


def is_totp_code(tidied: str) -> bool:
    """Whether it looks like a code of an app, and not like a recovery code."""
    return len(tidied) == 6 and tidied.isascii() and tidied.isdecimal()


def is_recovery_code(tidied: str) -> bool:
    """Whether it can be a recovery code."""
    return len(tidied) == _GROUPS * _GROUP and set(tidied) <= set(_LETTERS)


def recovery_code(chosen: Sequence[int]) -> str:
    """The code that random numbers stand for, in groups, as it is shown."""
    text = "".join(_LETTERS[number % len(_LETTERS)] for number in chosen)
    return "-".join(text[at : at + _GROUP] for at in range(0, _GROUPS * _GROUP, _GROUP))


RECOVERY_LETTERS = len(_LETTERS)
RECOVERY_LENGTH = _GROUPS * _GROUP


def methods_of(way: Way, passkey: Passkey | None = None) -> tuple[str, ...]:
    """How a user was authenticated who gave the password and this (RFC 8176, 2).

    A passkey in one device is a hardware key, one that wanders between devices a software key.
    """
    if way is Way.PASSKEY:
        synced = passkey is not None and passkey.synced
        return ("pwd", "swk" if synced else "hwk", "mfa")
    return ("pwd",) if way is Way.PASSWORD else ("pwd", "otp", "mfa")
