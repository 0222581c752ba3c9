"""Asks contacts who has asked, until it has answered."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Clock, DomainError, Invalid
from chassis.events.backoff import growing_delay
from chassis.storage.database import Database, rows_of
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.logs import working_for
from chassis.telemetry.tracing import continued, note_failure
from chassis.work.loop import Loop
from desk.requesters.domain import Requester, Requesters
from desk.requesters.operations import keep_requester
from desk.requesters.storage import question_of
from desk.transaction import DeskTx

log = logging.getLogger("desk.requesters")

LEASE = timedelta(seconds=60)
"""How long a question belongs to whoever asks it: longer than any takes, so that only death ends it."""
_BATCH = 20
_POLL_SECONDS = 1.0
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class _Question:
    tenant_id: UUID
    ticket_id: UUID
    attempts: int


class RequesterAsking:
    """Asks about whoever is due, outside of every transaction; any number of processes may do so.

    Without an answer the question waits, ever longer, and is never given up.
    """

    def __init__(
        self,
        database: Database,
        operations: Operations[DeskTx],
        requesters: Requesters,
        service: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._operations = operations
        self._requesters = requesters
        self._service = service
        self._clock = clock
        self._loop = Loop("requesters", self.ask_due)

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
        """Ask about a few who are due; gives the seconds until the next look."""
        questions = self._claim()
        for question in questions:
            if self._loop.stopping:
                return 0
            with (
                continued(None, "ask for requester", "internal"),
                working_for(question.tenant_id),
            ):
                self._ask(question)
        return 0 if questions else _POLL_SECONDS

    def _ask(self, question: _Question) -> None:
        try:
            self._settle(question)
        except DomainError as error:
            log.warning("requester waits: %s", error.code, extra={"ticket": question.ticket_id})
            self._put_off(question)
        except Exception as error:
            note_failure(error)
            log.exception("requester failed", extra={"ticket": question.ticket_id})
            self._put_off(question)

    def _settle(self, question: _Question) -> None:
        caller = service_caller(self._service, question.tenant_id)
        requester = self._operations.read(caller, EVERYTHING, question_of, question.ticket_id)
        if requester is None:
            return
        person_id = self._person_of(question.tenant_id, requester)
        self._operations.run(caller, keep_requester, requester, person_id)

    def _person_of(self, tenant_id: UUID, requester: Requester) -> UUID | None:
        try:
            return self._requesters.person_of(tenant_id, requester)
        except Invalid:  # what contacts takes for no address will be none tomorrow
            return None

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
            "ticket_id": question.ticket_id,
            "due_at": self._clock.now() + timedelta(seconds=seconds),
        }
        with self._database.system_transaction() as connection:
            rows_of(connection, _PUT_OFF, about)


_CLAIM = """
WITH due AS (
    SELECT tenant_id, ticket_id FROM requester_questions
    WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
UPDATE requester_questions q SET due_at = %(until)s, attempts = q.attempts + 1
FROM due WHERE q.tenant_id = due.tenant_id AND q.ticket_id = due.ticket_id
RETURNING q.tenant_id, q.ticket_id, q.attempts
"""
_PUT_OFF = """
UPDATE requester_questions SET due_at = %(due_at)s WHERE tenant_id = %(tenant_id)s
    AND ticket_id = %(ticket_id)s RETURNING ticket_id
"""
