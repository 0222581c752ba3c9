"""Durable timers: set in the transaction of what they belong to, fired exactly once when due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.context import service_caller
from chassis.domain import Clock, DomainError, Unavailable
from chassis.events.backoff import growing_delay
from chassis.storage.database import Database
from chassis.storage.scope import EVERYTHING
from chassis.storage.tables import timers
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.telemetry.logs import working_for
from chassis.telemetry.metrics import timers_fired, timers_overdue
from chassis.telemetry.tracing import continued, current_trace_id, note_failure
from chassis.work.loop import Loop

log = logging.getLogger("chassis.work")

T = TypeVar("T", bound=UnitOfWork)

_BATCH = 100
_POLL_SECONDS = 1.0
"""How soon a timer that was set for right now is noticed."""
HELD_SECONDS = 0.2
"""How soon to look again when all that is due is in the hands of other runners."""
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that fires. `attempts` counts those that failed; `due_at` is this attempt's."""

    tenant_id: UUID
    kind: str
    key: str
    due_at: datetime
    data: Mapping[str, Any]
    attempts: int


def set_timer(
    tx: UnitOfWork,
    kind: str,
    key: str,
    due_at: datetime,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Have `kind` fire at `due_at`, if this transaction commits.

    A timer of the same kind and key is replaced.
    """
    values = {"due_at": due_at, "data": dict(data or {}), "attempts": 0, "last_error": None}
    tx.connection.execute(
        insert(timers)
        .values(tenant_id=tx.tenant_id, kind=kind, key=key, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "kind", "key"], set_=values)
    )


def cancel_timer(tx: UnitOfWork, kind: str, key: str) -> bool:
    """Take a timer back; False when there is none, because it has fired, say."""
    here = _is(tx.tenant_id, kind, key)
    return bool(tx.connection.execute(sa.delete(timers).where(*here)).rowcount)


def _is(tenant_id: UUID, kind: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (timers.c.tenant_id == tenant_id, timers.c.kind == kind, timers.c.key == key)


class TimerRunner(Generic[T]):
    """Fires due timers; any number of runners may do so at the same time.

    A timer's row is locked and deleted in the transaction in which its handler works: both
    happen, or neither. A handler that fails is tried again later, ever more rarely, and never
    given up. A handler may set its own timer anew. Kinds without a handler here are left to
    others: to the next version's workers during a roll-out.
    """

    def __init__(
        self,
        database: Database,
        operations: Operations[T],
        service: str,
        handlers: Mapping[str, Callable[[T, Timer], object]],
        clock: Clock,
    ) -> None:
        self._database = database
        self._operations = operations
        self._service = service
        self._handlers = dict(handlers)
        self._clock = clock
        self._loop = Loop("timers", self.run_due)

    def start(self) -> None:
        """Begin; returns at once."""
        self._loop.start()

    def stop(self, timeout: float) -> None:
        """Finish the handler in hand."""
        self._loop.stop(timeout)

    def is_healthy(self) -> bool:
        """Whether the thread runs."""
        return self._loop.is_healthy()

    def wake(self) -> None:
        """Look for due timers now."""
        self._loop.wake()

    def run_due(self) -> float:
        """Fire what is due, a hundred timers at most; gives the seconds until the next look."""
        rows = self._next()
        late = (self._clock.now() - rows[0].due_at).total_seconds() if rows else 0.0
        timers_overdue.set(max(0.0, late))
        due = [row for row in rows if row.due_at <= self._clock.now()]
        fired = 0
        for row in due:
            if self._loop.stopping:
                return 0
            fired += self._fire(row.tenant_id, row.kind, row.key, row.due_at)
        if due:
            return 0 if fired else HELD_SECONDS
        if not rows:
            return _POLL_SECONDS
        until_next: float = (rows[0].due_at - self._clock.now()).total_seconds()
        return min(max(until_next, 0), _POLL_SECONDS)

    def _next(self) -> list[Any]:
        """The timers that are due next, or already, in the order in which they are."""
        columns = (timers.c.tenant_id, timers.c.kind, timers.c.key, timers.c.due_at)
        statement = (
            sa.select(*columns)
            .where(timers.c.kind.in_(self._handlers))
            .order_by(timers.c.due_at)
            .limit(_BATCH)
        )
        with self._database.system_transaction() as connection:
            return list(connection.execute(statement))

    def _fire(self, tenant_id: UUID, kind: str, key: str, due_at: datetime) -> bool:
        """Whether it has fired or failed here; False when another runner has it or had it."""
        caller = service_caller(self._service, tenant_id)
        with continued(None, f"timer {kind}", "consumer"), working_for(tenant_id):
            try:
                fired = self._operations.transact(
                    caller, EVERYTHING, f"timer {kind}", lambda tx: self._handle(tx, kind, key)
                )
            except Exception as error:
                note_failure(error)
                log.exception("timer failed", extra={"timer": kind, "key": key})
                timers_fired.labels(kind, "failed").inc()
                self._put_off(tenant_id, kind, key, due_at, error)
                return True
        if fired:
            timers_fired.labels(kind, "fired").inc()
        return fired

    def _handle(self, tx: T, kind: str, key: str) -> bool:
        here = _is(tx.tenant_id, kind, key)
        row = tx.connection.execute(
            sa.select(timers)
            .where(*here, timers.c.due_at <= self._clock.now())
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return False
        # Deleted first, so that the handler may set the same timer anew.
        tx.connection.execute(sa.delete(timers).where(*here))
        timer = Timer(row.tenant_id, row.kind, row.key, row.due_at, row.data, row.attempts)
        self._handlers[kind](tx, timer)
        return True

    def _put_off(
        self, tenant_id: UUID, kind: str, key: str, due_at: datetime, error: Exception
    ) -> None:
        """Note the failure, unless the timer was set anew or fired elsewhere in the meantime."""
        here = (*_is(tenant_id, kind, key), timers.c.due_at == due_at)
        with self._database.system_transaction() as connection:
            attempts = connection.execute(sa.select(timers.c.attempts).where(*here)).scalar()
            if attempts is None:
                return
            seconds = growing_delay(
                attempts + 1, first=_FIRST_RETRY_SECONDS, most=_LAST_RETRY_SECONDS
            )
            if isinstance(error, Unavailable):
                seconds = min(seconds, 60)
            connection.execute(
                sa.update(timers)
                .where(*here)
                .values(
                    attempts=attempts + 1,
                    last_error=_told(error),
                    due_at=self._clock.now() + timedelta(seconds=seconds),
                )
            )


def _told(error: Exception) -> str:
    """What the row tells of a failure: its kind, and the trace that leads to the log."""
    code = f" {error.code}" if isinstance(error, DomainError) else ""
    return f"{type(error).__name__}{code}, trace {current_trace_id() or 'unknown'}"
