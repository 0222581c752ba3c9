"""What a lockout is: for how long an account or an address has to wait before it may try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Fact
from identity.sign_in.domain import PATIENCE, Subject


class LockoutKind(StrEnum):
    """Whose attempts were counted; the words are those of `Subject`."""

    ACCOUNT = "account"
    ADDRESS = "address"
    SECOND_FACTOR = "second_factor"


class Step(StrEnum):
    """What somebody has to wait with."""

    PASSWORD = "password"  # noqa: S105 - a step, no secret
    SECOND_FACTOR = "second_factor"


class LockoutState(StrEnum):
    """How long the wait is."""

    DELAYED = "delayed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class LockoutLifted(Fact):
    """Somebody may try again before the wait is over; without a user where that is nobody's."""

    kind: LockoutKind
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Lockout:
    """A wait that is not over: since when, until when, and the failures that it came from.

    Old failures are forgotten bit by bit, so `level` is no whole number.
    """

    kind: LockoutKind
    level: float
    since: datetime
    until: datetime

    @property
    def step(self) -> Step:
        """What has to wait."""
        second = self.kind is LockoutKind.SECOND_FACTOR
        return Step.SECOND_FACTOR if second else Step.PASSWORD

    @property
    def state(self) -> LockoutState:
        """Locked for as long as it gets, or only delayed."""
        longest = PATIENCE[Subject(self.kind)].longest
        long = self.until - self.since >= longest
        return LockoutState.LOCKED if long else LockoutState.DELAYED

    def shown(self) -> dict[str, object]:
        """What is told of it."""
        return {
            "state": self.state,
            "failures": round(self.level),
            "since": self.since,
            "until": self.until,
        }
