"""Long work: begun by a request, done by a worker, watched, cancelled, and gone on with after a crash."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.context import EVERY_GRANT, Caller
from chassis.domain import Conflict, NotFound, Unavailable
from chassis.storage.database import Database
from chassis.storage.tables import jobs
from chassis.storage.unit_of_work import UnitOfWork


class JobState(StrEnum):
    """How a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINISHED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class JobStopped(Exception):
    """The handler is to end; it lets this through, after cleaning up if it has to."""


class JobCancelled(JobStopped):
    """Somebody cancelled the job."""


class JobInterrupted(JobStopped):
    """This process stops; another goes on from the progress that was kept."""


class JobLost(JobStopped):
    """Another worker has the job: this one was out of touch for longer than its lease."""


class JobWaits(Unavailable):
    """What the job needs is away: it is tried again later, however often.

    Such an attempt does not count as one that might have taken its worker down. How long is too long
    is the handler's to say, by another error.
    """


def start_job(tx: UnitOfWork, kind: str, arguments: Mapping[str, Any]) -> UUID:
    """Have a job done, if this transaction commits; gives its id."""
    job_id = tx.ids.new()
    tx.connection.execute(
        sa.insert(jobs).values(
            tenant_id=tx.tenant_id,
            id=job_id,
            kind=kind,
            state=JobState.QUEUED,
            created_by=tx.caller.actor,
            arguments=dict(arguments),
            progress={},
            created_at=tx.clock.now(),
        )
    )
    return job_id


def cancel_job(tx: UnitOfWork, job_id: UUID) -> None:
    """Cancel: at once what waits; what runs ends at its next check. Again is no error.

    Raises `NotFound`, and `Conflict` for a job that has succeeded or failed.
    """
    here = (jobs.c.tenant_id == tx.tenant_id, jobs.c.id == job_id)
    state = tx.connection.execute(sa.select(jobs.c.state).where(*here).with_for_update()).scalar()
    if state is None:
        raise NotFound.of("job", job_id)
    if state in (JobState.SUCCEEDED, JobState.FAILED):
        raise Conflict(f"The job has {state} already.", code="job_finished")
    values: dict[str, Any] = {"cancel_requested": True}
    if state == JobState.QUEUED:
        values |= {"state": JobState.CANCELLED, "finished_at": tx.clock.now()}
    tx.connection.execute(sa.update(jobs).where(*here).values(values))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    `details` are counts and the like, shown to whoever watches; `state` is shown to nobody: it is
    what the handler needs to go on after a crash.
    """

    done: int = 0
    total: int | None = None
    details: Mapping[str, Any] | None = None
    state: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Progress:
        """From its stored form."""
        return cls(
            stored.get("done", 0), stored.get("total"), stored.get("details"), stored.get("state")
        )


class JobRun:
    """One attempt at a job, in the hands of its handler.

    `caller` is the service at work in the name of whoever began the job. `kept` is the progress
    that was there when this attempt began. `attempt` is the number that fences off an older one:
    all that is written here is refused once another worker has taken over. `waits` is how many attempts
    before this one have ended in `JobWaits`.
    """

    def __init__(self, database: Database, service: str, row: Any) -> None:
        self.tenant_id: UUID = row.tenant_id
        self.id: UUID = row.id
        self.kind: str = row.kind
        self.arguments: Mapping[str, Any] = row.arguments
        self.kept = Progress.read(row.progress)
        self.attempt: int = row.attempts
        self.waits: int = row.progress.get("waits", 0)
        self.caller = _caller(service, row.tenant_id, row.created_by)
        self._database = database
        self._stop: type[JobStopped] | None = None
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise if the job should end here: cancelled, interrupted or lost. Costs nothing."""
        if self._stop is not None:
            raise self._stop(f"job {self.id}")

    def progress(
        self,
        done: int,
        total: int | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep how far it is, in a short transaction of its own; then `check`.

        What is not given stays as it was.
        """
        with self._database.tenant_transaction(self.tenant_id) as connection:
            self._keep(connection, done, total, details, state)
        self.check()

    def progress_in(
        self,
        tx: UnitOfWork,
        done: int,
        total: int | None = None,
        *,
        details: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep how far it is in the transaction of the work itself.

        So after a crash exactly what was committed is known to be done. Raises `JobLost`, which
        rolls the work back.
        """
        self._keep(tx.connection, done, total, details, state)

    def succeed_in(self, tx: UnitOfWork, result: Mapping[str, Any]) -> None:
        """Finish in the transaction of the last piece of work, and of the fact that tells it.

        Raises `JobLost`, which rolls the work back.
        """
        values = {
            "state": JobState.SUCCEEDED,
            "result": dict(result),
            "finished_at": tx.clock.now(),
            "lease_until": None,
        }
        self._write(tx.connection, values)

    def _keep(
        self,
        connection: sa.Connection,
        done: int,
        total: int | None,
        details: Mapping[str, Any] | None,
        state: Mapping[str, Any] | None,
    ) -> None:
        given = {"done": done, "total": total, "details": details, "state": state}
        changed = {name: value for name, value in given.items() if value is not None}
        self._write(connection, {"progress": jobs.c.progress + sa.literal(changed, JSONB)})

    def _write(self, connection: sa.Connection, values: Mapping[str, Any]) -> None:
        statement = (
            sa.update(jobs).where(*self.here).values(values).returning(jobs.c.cancel_requested)
        )
        cancelled = connection.execute(statement).scalar()
        if cancelled is None:
            self.tell(JobLost)
            raise JobLost(f"job {self.id}")
        if cancelled:
            self.tell(JobCancelled)

    @property
    def here(self) -> tuple[sa.ColumnElement[bool], ...]:
        """The job's row, as long as it is this attempt's."""
        return (
            jobs.c.tenant_id == self.tenant_id,
            jobs.c.id == self.id,
            jobs.c.attempts == self.attempt,
            jobs.c.state == JobState.RUNNING,
        )

    def tell(self, reason: type[JobStopped]) -> None:
        """Have the next `check` raise; the first reason counts, but a lost job is lost."""
        with self._lock:
            if self._stop is None or reason is JobLost:
                self._stop = reason


JobHandler = Callable[[JobRun], Mapping[str, Any] | None]
"""Does the work of one kind of job and gives its result.

It goes on from `run.kept.state`, and calls `check` or `progress` every second or so. `Unavailable`
has the job tried again later, `JobWaits` for as long as it takes, any other error fails it.
"""


def _caller(service: str, tenant_id: UUID, created_by: str) -> Caller:
    """The service itself, with the name of whoever began the job in all that it records."""
    kind, _, subject = created_by.partition(":")
    return Caller(
        tenant_id=tenant_id,
        subject=subject if kind == "client" else service,
        user_id=UUID(subject) if kind == "user" else None,
        client_id=service,
        grants=EVERY_GRANT,
        is_service=kind != "client",
    )
