"""Asks contacts about people who became members or have changed, until it has answered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Clock, DomainError
from chassis.events.backoff import growing_delay
from chassis.storage.database import Database, rows_of
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.logs import working_for
from chassis.telemetry.tracing import continued, note_failure
from chassis.work.loop import Loop
from loyalty.profiles.domain import People
from loyalty.profiles.operations import ProfileChanged, keep_profile
from loyalty.transaction import LoyaltyTx

log = logging.getLogger("loyalty.profiles")

LEASE = timedelta(seconds=60)
"""How long a question belongs to whoever asks it: longer than any takes, so that only death ends it."""
_BATCH = 20
_POLL_SECONDS = 1.0
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class _Question:
    tenant_id: UUID
    person_id: UUID
    round: int
    attempts: int


class ProfileRefresher:
    """Asks about whoever is due, outside of every transaction; any number of processes may do so.

    Without an answer the question waits, ever longer, and is never given up. `changed` hears of
    every person of whom something else is known than before.
    """

    def __init__(
        self,
        database: Database,
        operations: Operations[LoyaltyTx],
        people: People,
        service: str,
        clock: Clock,
        changed: Sequence[ProfileChanged] = (),
    ) -> None:
        self._database = database
        self._operations = operations
        self._people = people
        self._service = service
        self._clock = clock
        self._changed = changed
        self._loop = Loop("profiles", self.ask_due)

    def start(self) -> None:
        """Begin; returns at once."""
        self._loop.start()

    def stop(self, timeout: float) -> None:
        """Finish the question in hand."""
        self._loop.stop(timeout)

    def is_healthy(self) -> bool:
        """Whether the thread runs."""
        return self._loop.is_healthy()

    def wake(self) -> None:
        """Look for questions now."""
        self._loop.wake()

    def ask_due(self) -> float:
        """Ask about a few people who are due; gives the seconds until the next look."""
        questions = self._claim()
        for question in questions:
            if self._loop.stopping:
                return 0
            with (
                continued(None, "refresh profile", "internal"),
                working_for(question.tenant_id),
            ):
                self._ask(question)
        return 0 if questions else _POLL_SECONDS

    def _ask(self, question: _Question) -> None:
        try:
            known = self._people.profile(question.tenant_id, question.person_id)
            self._operations.run(
                service_caller(self._service, question.tenant_id),
                keep_profile,
                question.person_id,
                question.round,
                known,
                self._changed,
            )
        except DomainError as error:
            log.warning("profile waits: %s", error.message, extra={"person": question.person_id})
            self._put_off(question)
        except Exception as error:
            note_failure(error)
            log.exception("profile failed", extra={"person": question.person_id})
            self._put_off(question)

    def _claim(self) -> list[_Question]:
        now = self._clock.now()
        about = {"now": now, "until": now + LEASE, "batch": _BATCH}
        with self._database.system_transaction() as connection:
            return [_Question(**row) for row in rows_of(connection, _CLAIM, about)]

    def _put_off(self, question: _Question) -> None:
        seconds = growing_delay(
            question.attempts, first=_FIRST_RETRY_SECONDS, most=_LAST_RETRY_SECONDS
        )
        about = {
            "tenant_id": question.tenant_id,
            "person_id": question.person_id,
            "round": question.round,
            "due_at": self._clock.now() + timedelta(seconds=seconds),
        }
        with self._database.system_transaction() as connection:
            rows_of(connection, _PUT_OFF, about)


_CLAIM = """
WITH due AS (
    SELECT tenant_id, person_id FROM profile_refreshes
    WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
UPDATE profile_refreshes r SET due_at = %(until)s, attempts = r.attempts + 1
FROM due WHERE r.tenant_id = due.tenant_id AND r.person_id = due.person_id
RETURNING r.tenant_id, r.person_id, r.round, r.attempts
"""
_PUT_OFF = """
UPDATE profile_refreshes SET due_at = %(due_at)s WHERE tenant_id = %(tenant_id)s
    AND person_id = %(person_id)s AND round = %(round)s RETURNING person_id
"""
