"""Tells those who hold a permission of facts: asks identity who they are, until it has answered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Clock, DomainError
from chassis.events.backoff import growing_delay
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations
from chassis.telemetry.logs import working_for
from chassis.telemetry.tracing import continued, note_failure
from chassis.work.loop import Loop
from notifications.messages.operations import queue_message
from notifications.rules.holders import Holders, PermissionHolders
from notifications.rules.storage import has_fired_before
from notifications.rules.tellings import (
    Question,
    claim_tellings,
    give_up,
    put_off,
    take_telling,
)
from notifications.transaction import NotificationsTx

log = logging.getLogger("notifications.rules")

LEASE = timedelta(seconds=60)
"""How long a question belongs to whoever asks it: longer than any takes, so that only death ends it."""
GIVE_UP_AFTER = timedelta(days=3)
"""How long identity is asked in vain, as long as a message is tried."""
_AT_ONCE = 20
_POLL_SECONDS = 1.0
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 600.0

Answers = dict[tuple[UUID, Holders], Sequence[UUID] | DomainError]


class HolderTeller:
    """Asks outside of every transaction; any number of processes may do so.

    Facts that come together and wait for the same holders ask once. Without an answer what is to be told
    waits, ever longer, up to three days.
    """

    def __init__(
        self,
        database: Database,
        operations: Operations[NotificationsTx],
        known: PermissionHolders,
        service: str,
        clock: Clock,
    ) -> None:
        self._database = database
        self._operations = operations
        self._known = known
        self._service = service
        self._clock = clock
        self._loop = Loop("holders", self.tell_due)

    def start(self) -> None:
        """Begin; returns at once."""
        self._loop.start()

    def stop(self, timeout: float) -> None:
        """Finish what is in hand."""
        self._loop.stop(timeout)

    def is_healthy(self) -> bool:
        """Whether the thread runs."""
        return self._loop.is_healthy()

    def wake(self) -> None:
        """Look for what is to be told now."""
        self._loop.wake()

    def tell_due(self) -> float:
        """Tell of a few that are due; gives the seconds until the next look."""
        now = self._clock.now()
        questions = claim_tellings(self._database, now, now + LEASE, _AT_ONCE)
        answers: Answers = {}
        for question in questions:
            if self._loop.stopping:
                return 0
            trace = continued(question.traceparent, "tell holders", "consumer")
            with trace, working_for(question.tenant_id):
                self._tell(question, answers)
        return 0 if questions else _POLL_SECONDS

    def _tell(self, question: Question, answers: Answers) -> None:
        about = {"rule": question.rule_id, "fact": question.fact_id}
        try:
            users = self._asked(question, answers)
            caller = service_caller(self._service, question.tenant_id)
            told = (question.rule_id, question.fact_id, users)
            self._operations.run(caller, tell_holders, *told)
        except DomainError as error:
            log.warning("nobody can say whom to tell: %s", error.message, extra=about)
            self._put_off(question)
        except Exception as error:
            note_failure(error)
            log.exception("holders were not told", extra=about)
            self._put_off(question)

    def _asked(self, question: Question, answers: Answers) -> Sequence[UUID]:
        asked = (question.tenant_id, question.holders)
        if asked not in answers:
            try:
                answers[asked] = self._known.of(*asked)
            except DomainError as error:
                answers[asked] = error
        answer = answers[asked]
        if isinstance(answer, DomainError):
            raise answer
        return answer

    def _put_off(self, question: Question) -> None:
        now = self._clock.now()
        if question.noted_at + GIVE_UP_AFTER <= now:
            log.error("given up telling holders", extra={"rule": question.rule_id})
            give_up(self._database, question)
            return
        seconds = growing_delay(
            question.attempts, first=_FIRST_RETRY_SECONDS, most=_LAST_RETRY_SECONDS
        )
        put_off(self._database, question, now + timedelta(seconds=seconds))


def tell_holders(tx: NotificationsTx, rule_id: UUID, fact_id: UUID, users: Sequence[UUID]) -> None:
    """Queue a message to each of them but the one who caused the fact; nobody is told twice."""
    telling = take_telling(tx, rule_id, fact_id)
    if telling is None:
        return
    tx.cause = fact_id
    for user_id in users:
        if user_id != telling.but_user_id and not has_fired_before(tx, telling.firing(user_id)):
            queue_message(tx, telling.message(user_id))
    # Here, so that the messages' facts name the one that they follow from.
    tx.flush()
    tx.cause = None
