"""Measures how late routing is: what fails is put off, and what nobody takes up is late at once."""

from __future__ import annotations

from datetime import timedelta

from chassis.domain import Clock
from chassis.storage.database import Database, rows_of
from chassis.work.periodic import PeriodicWork
from desk.metrics import routing_oldest_due

_EVERY = timedelta(minutes=1)
_OLDEST = "SELECT min(due_at) AS due_at FROM ticket_routings WHERE due_at <= %(now)s"


def routing_lag(database: Database, clock: Clock) -> PeriodicWork:
    """The measuring, once a minute."""
    return PeriodicWork("measure routing", _EVERY, lambda: measure_lag(database, clock))


def measure_lag(database: Database, clock: Clock) -> float:
    """Have the metric say for how many seconds the oldest ticket has been due; 0 without one."""
    now = clock.now()
    with database.system_transaction() as connection:
        (row,) = rows_of(connection, _OLDEST, {"now": now})
    late = 0.0 if row["due_at"] is None else (now - row["due_at"]).total_seconds()
    routing_oldest_due.set(late)
    return late
