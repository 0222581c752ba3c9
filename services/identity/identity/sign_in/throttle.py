"""Makes whoever fails wait: counts are stored, so a restart or another replica forgets nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.http.problem import HttpProblem
from chassis.storage.database import Database
from identity.sign_in.domain import PATIENCE, Subject
from identity.sign_in.storage import FailureCounts

_FORGOTTEN = (Subject.ACCOUNT, Subject.SECOND_FACTOR)
"""Whose failures are all forgotten once an attempt was right."""
Subjects = Mapping[Subject, str]
"""Whose attempt it is, such as an account's e-mail address and the caller's address."""


class TooManyAttempts(HttpProblem):
    """Too many failures: wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            429,
            "too_many_attempts",
            f"Too many attempts. Try again in {max(1, round(seconds))} seconds.",
            retry_after=max(1.0, seconds),
        )


class Throttle:
    """Counts attempts by account and by address.

    An attempt counts as failed before it is known to be right, so that many at once gain nothing.
    Accounts that do not exist are counted like those that do.
    """

    def __init__(self, database: Database, clock: Clock, secret: str) -> None:
        self._database = database
        self._clock = clock
        self._key = hashlib.sha256(b"failures:" + secret.encode()).digest()

    def attempt(self, subjects: Subjects) -> None:
        """Count an attempt. Raises `TooManyAttempts` while one has to wait; that is not counted."""
        with self._database.system_transaction() as connection:
            self.attempt_in(connection, subjects)

    def attempt_in(self, connection: sa.Connection, subjects: Subjects) -> None:
        """The same in a transaction of the system login that has more to do."""
        keys = {self.key_of(subject, name): subject for subject, name in subjects.items()}
        counts, now = FailureCounts(connection), self._clock.now()
        known = counts.locked(list(keys), now)
        wait = max((failures.wait_until - now).total_seconds() for failures in known.values())
        if wait > 0:
            raise TooManyAttempts(wait)
        counts.store({key: known[key].attempted(PATIENCE[kind], now) for key, kind in keys.items()})

    def succeeded(self, subjects: Subjects) -> None:
        """The attempt was right: the account's failures are forgotten, the address's one fewer."""
        accounts: list[bytes] = []
        others: list[bytes] = []
        for subject, name in subjects.items():
            kind = accounts if subject in _FORGOTTEN else others
            kind.append(self.key_of(subject, name))
        with self._database.system_transaction() as connection:
            FailureCounts(connection).forgive(accounts, others)

    def take_back(self, subjects: Subjects) -> None:
        """The attempt was none after all: it is not counted, and nobody waits for it."""
        keys = [self.key_of(subject, name) for subject, name in subjects.items()]
        with self._database.system_transaction() as connection:
            FailureCounts(connection).take_back(keys, self._clock.now())

    def key_of(self, subject: Subject, name: str) -> bytes:
        """What is counted under: addresses of people who have no account are not kept."""
        return hmac.new(self._key, f"{subject}:{name}".encode(), hashlib.sha256).digest()
