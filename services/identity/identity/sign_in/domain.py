"""The rules of signing in: which passwords will do, and how long to wait after failures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Conflict, Fact, Forbidden, Invalid

LONGEST_PASSWORD = 256
RESET_LASTS = timedelta(hours=1)


class WrongPassword(Forbidden):
    """The password is not the right one, or there is no such account: nobody is told which."""

    code = "wrong_password"


class LinkUsed(Conflict):
    """A link that works once has been used, was replaced, or is too old."""

    code = "link_used"


class PasswordReason(StrEnum):
    """How a password came to be set."""

    CHANGED = "changed"
    RESET = "reset"
    FIRST = "first"
    FOUNDED = "founded"


@dataclass(frozen=True, slots=True)
class PasswordChanged(Fact):
    """A user has a new password."""

    user_id: UUID
    reason: PasswordReason


@dataclass(frozen=True, slots=True)
class PasswordResetRequested(Fact):
    """A link for a new password is mailed to a user."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class SignInRefused(Fact):
    """Somebody gave a wrong password; without a user where there is no such account."""

    user_id: UUID | None


def normalised(password: str) -> str:
    """The same characters however a keyboard composes them (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def check_length(password: str, shortest: int, pointer: str = "/password") -> None:
    """Raises `Invalid` for a password that is too short, or longer than is worth hashing."""
    if len(password) < shortest:
        raise Invalid.at(
            pointer, "password_too_short", f"A password has at least {shortest} characters."
        )
    if len(password) > LONGEST_PASSWORD:
        raise Invalid.at(
            pointer, "password_too_long", f"A password has at most {LONGEST_PASSWORD} characters."
        )


_WORD = re.compile(r"[^\W_]{3,}")
_BETWEEN = re.compile(r"[\W_]+")


def own_words(*texts: str) -> list[str]:
    """The words of names and addresses that a password must not be made of."""
    words: list[str] = []
    for text in texts:
        words.extend((text, _BETWEEN.sub("", text), *_WORD.findall(text)))
    return [word for word in dict.fromkeys(word.casefold() for word in words) if word]


_DECORATION = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def is_decorated(password: str, known: Iterable[str] | frozenset[str]) -> bool:
    """Whether it is a well-known password, perhaps in capitals or with digits around it."""
    folded = password.casefold()
    return folded in known or _DECORATION.sub("", folded) in known


class Subject(StrEnum):
    """Whose failures are counted together."""

    ACCOUNT = "account"
    ADDRESS = "address"
    SECOND_FACTOR = "second_factor"
    RECOVERY_CODES = "recovery_codes"
    RESET_ACCOUNT = "reset_account"
    RESET_ADDRESS = "reset_address"
    CODE_ADDRESS = "code_address"
    LIFT = "lift"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class Patience:
    """How failures turn into waiting.

    After `free` failures each further one doubles the wait, beginning with `first`; from `locked_at`
    failures on it is `longest`. One failure is forgotten every `forgotten`, so whoever stops trying
    is not locked out for good.
    """

    free: int
    locked_at: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta

    def wait(self, level: float) -> timedelta:
        """How long to wait after a failure that brought the count to `level`."""
        above = level - self.free
        if above < 0:
            return timedelta()
        if level >= self.locked_at:
            return self.longest
        doubled: timedelta = self.first * (1 << min(int(above), 30))
        return min(self.longest, doubled)


def own_count(tenant_id: UUID | None, user_id: UUID) -> str:
    """What is counted for one user of one organisation alone, whatever their address is."""
    return f"{tenant_id}:{user_id}"


PATIENCE = {
    # Of an account two slips are free, and the ninth locks it for a quarter of an hour.
    Subject.ACCOUNT: Patience(
        3, 9, timedelta(seconds=2), timedelta(minutes=15), timedelta(minutes=10)
    ),
    # Counted apart from the password's: whoever knows that must not begin anew by giving it again,
    # and who does not know it cannot lock anybody out here.
    Subject.SECOND_FACTOR: Patience(
        3, 9, timedelta(seconds=2), timedelta(minutes=15), timedelta(minutes=10)
    ),
    # A set of codes is ten hashes: nobody has them made all the time, and keeps others from signing in.
    Subject.RECOVERY_CODES: Patience(
        6, 12, timedelta(minutes=1), timedelta(hours=1), timedelta(minutes=10)
    ),
    # An address may be that of a whole office.
    Subject.ADDRESS: Patience(
        30, 60, timedelta(seconds=1), timedelta(minutes=15), timedelta(seconds=20)
    ),
    Subject.RESET_ACCOUNT: Patience(
        3, 6, timedelta(minutes=1), timedelta(hours=1), timedelta(minutes=20)
    ),
    Subject.RESET_ADDRESS: Patience(
        20, 40, timedelta(seconds=10), timedelta(hours=1), timedelta(minutes=3)
    ),
    Subject.CODE_ADDRESS: Patience(
        10, 30, timedelta(seconds=5), timedelta(hours=1), timedelta(minutes=5)
    ),
    # A few mails in a row are no nuisance; then there is one a while, and at last two a day.
    Subject.INVITATION: Patience(
        3, 7, timedelta(minutes=10), timedelta(hours=12), timedelta(hours=6)
    ),
    # Each lift of a lockout gives whoever guesses nine more guesses.
    Subject.LIFT: Patience(3, 3, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1)),
}


@dataclass(frozen=True, slots=True)
class Failures:
    """What is remembered of failures: how many, as of when, and until when to wait."""

    level: float
    at: datetime
    wait_until: datetime

    @classmethod
    def none(cls, now: datetime) -> Failures:
        """No failure yet."""
        return cls(0.0, now, now)

    def remaining(self, patience: Patience, now: datetime) -> float:
        """How many count now: those that are old are forgotten."""
        return max(0.0, self.level - max(timedelta(), now - self.at) / patience.forgotten)

    def attempted(self, patience: Patience, now: datetime) -> Failures:
        """With one more attempt, counted as failed until it has proven right."""
        level = self.remaining(patience, now) + 1
        return Failures(level, now, now + patience.wait(level))
