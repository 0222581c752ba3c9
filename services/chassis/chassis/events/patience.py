"""Whether a reaction that failed is tried again, and when, or given up."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
import sqlalchemy as sa

from chassis.domain import Conflict, DomainError, Unavailable
from chassis.events.backoff import growing_delay
from chassis.events.reactions import Undecodable
from chassis.storage.database import Retryable

_PASSING = (Unavailable, Retryable, sa.exc.OperationalError, psycopg.OperationalError)


class NoReaction(Exception):
    """A fact of a type that this version of the service knows nothing about.

    While versions run side by side, the other one may: so it is tried again before it is given up.
    """


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after` in seconds, or None to give up; a `surprise` is a case for a developer.

    The reason may repeat what the fact says, so it belongs into the dead letter and into no log.
    """

    retry_after: float | None
    reason: str
    surprise: bool = False


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a fact may fail for unknown reasons, and the first and the longest pause."""

    attempts: int = 8
    first_seconds: float = 0.5
    longest_seconds: float = 60.0
    longest_outage_seconds: float = 5.0
    unknown_attempts: int = 360
    """How often a fact may come that only a newer version knows: half an hour, for a roll-out."""

    def judge(self, error: Exception, failures: int, attempt: int) -> Verdict:
        """What to do after an error.

        `failures` counts the errors of this fact here, this one included; `attempt` counts its
        deliveries. What passes by itself (database or peer away) is waited out however long it
        takes, and what a rule refuses is hopeless at once.
        """
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, _PASSING):
            return Verdict(self._delay(attempt, self.longest_outage_seconds), reason)
        if isinstance(error, Undecodable):
            return Verdict(None, reason)
        if isinstance(error, DomainError) and not isinstance(error, Conflict):
            return Verdict(None, f"{error.code}: {error.message}")
        if isinstance(error, NoReaction) and failures < self.unknown_attempts:
            return Verdict(self._delay(failures, self.longest_outage_seconds), reason)
        if failures >= self.attempts:
            return Verdict(None, f"failed {failures} times, last with {reason}", surprise=True)
        return Verdict(self._delay(failures, self.longest_seconds), reason, surprise=True)

    def _delay(self, failures: int, most: float) -> float:
        return growing_delay(failures, first=self.first_seconds, most=most)
