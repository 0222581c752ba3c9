"""Routes what is due: asks others about the customer outside of every transaction, then decides."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Clock, DomainError
from chassis.events.backoff import growing_delay
from chassis.storage.database import Database, rows_of
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.logs import working_for
from chassis.telemetry.tracing import continued, note_failure
from chassis.work.loop import Loop
from desk.metrics import routing_decisions
from desk.routing.customers import CustomerAsker
from desk.routing.domain import Heard
from desk.routing.operations import asking_about, decide
from desk.transaction import DeskTx

log = logging.getLogger("desk.routing")

LEASE = timedelta(seconds=60)
"""How long a question belongs to whoever asks it: longer than any takes, so that only death ends it."""
_BATCH = 20
_ASKED_AT_ONCE = 10
"""About so many tickets others are asked at the same time, so that slow ones hold up no queue."""
_POLL_SECONDS = 0.5
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class _Question:
    tenant_id: UUID
    ticket_id: UUID
    round: int
    attempts: int


class Router:
    """Decides about every ticket that is due; any number of processes may do so.

    That loyalty or contacts are away holds nothing up: it is decided by what is known, and they are
    asked again later. What fails is tried again, ever more rarely, and never given up.
    """

    def __init__(
        self,
        database: Database,
        operations: Operations[DeskTx],
        asker: CustomerAsker,
        service: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._operations = operations
        self._asker = asker
        self._service = service
        self._clock = clock
        self._asking = ThreadPoolExecutor(_ASKED_AT_ONCE, thread_name_prefix="routing-asks")
        self._loop = Loop("routing", self.route_due)

    def start(self) -> None:
        """Begin; returns at once."""
        self._loop.start()

    def stop(self, timeout: float) -> None:
        """Finish the ticket in hand."""
        self._loop.stop(timeout)
        self._asking.shutdown(wait=False, cancel_futures=True)
        self._asker.close()

    def is_healthy(self) -> bool:
        """Whether the thread runs."""
        return self._loop.is_healthy()

    def wake(self) -> None:
        """Look for tickets now."""
        self._loop.wake()

    def route_due(self) -> float:
        """Route a few tickets that are due; gives the seconds until the next look."""
        questions = self._claim()
        heard = [self._asking.submit(self._hear, question) for question in questions]
        for question, told in zip(questions, heard, strict=True):
            if self._loop.stopping:
                return 0
            with continued(None, "route ticket", "internal"), working_for(question.tenant_id):
                self._route(question, told)
        return 0 if questions else _POLL_SECONDS

    def _hear(self, question: _Question) -> Heard:
        """What others say of a ticket's customer; in a thread of its own, outside of transactions."""
        with (
            continued(None, "ask about customer", "internal"),
            working_for(question.tenant_id),
        ):
            caller = service_caller(self._service, question.tenant_id)
            about = self._operations.read(caller, EVERYTHING, asking_about, question.ticket_id)
            return Heard() if about is None else self._asker.ask(about)

    def _route(self, question: _Question, heard: Future[Heard]) -> None:
        caller = service_caller(self._service, question.tenant_id)
        try:
            told = heard.result()
            self._operations.run(caller, decide, question.ticket_id, question.round, told)
        except DomainError as error:
            log.warning("ticket waits for routing: %s", error.message)
            self._put_off(question)
        except Exception as error:
            note_failure(error)
            log.exception("routing failed", extra={"ticket": question.ticket_id})
            self._put_off(question)

    def _claim(self) -> list[_Question]:
        now = self._clock.now()
        about = {"now": now, "until": now + LEASE, "batch": _BATCH}
        with self._database.system_transaction() as connection:
            return [_Question(**row) for row in rows_of(connection, _CLAIM, about)]

    def _put_off(self, question: _Question) -> None:
        routing_decisions.labels("failed").inc()
        seconds = growing_delay(
            question.attempts, first=_FIRST_RETRY_SECONDS, most=_LAST_RETRY_SECONDS
        )
        about = {
            "tenant_id": question.tenant_id,
            "ticket_id": question.ticket_id,
            "round": question.round,
            "due_at": self._clock.now() + timedelta(seconds=seconds),
        }
        with self._database.system_transaction() as connection:
            rows_of(connection, _PUT_OFF, about)


_CLAIM = """
WITH due AS (
    SELECT tenant_id, ticket_id FROM ticket_routings
    WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
UPDATE ticket_routings r SET due_at = %(until)s, attempts = r.attempts + 1
FROM due WHERE r.tenant_id = due.tenant_id AND r.ticket_id = due.ticket_id
RETURNING r.tenant_id, r.ticket_id, r.round, r.attempts
"""
_PUT_OFF = """
UPDATE ticket_routings SET due_at = %(due_at)s WHERE tenant_id = %(tenant_id)s
    AND ticket_id = %(ticket_id)s AND round = %(round)s RETURNING ticket_id
"""
