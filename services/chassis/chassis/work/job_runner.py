"""Runs jobs: claims them under a lease, keeps the lease, and writes down how they ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.domain import Clock, DomainError, Unavailable
from chassis.events.backoff import growing_delay
from chassis.storage.database import Database
from chassis.storage.tables import jobs
from chassis.telemetry.logs import working_for
from chassis.telemetry.metrics import jobs_ended, jobs_oldest, jobs_running
from chassis.telemetry.tracing import continued, current_trace_id, note_failure
from chassis.work.jobs import (
    JobCancelled,
    JobHandler,
    JobInterrupted,
    JobLost,
    JobRun,
    JobState,
    JobWaits,
)
from chassis.work.loop import Loop

log = logging.getLogger("chassis.work")

_POLL_SECONDS = 0.5
_BEAT_SECONDS = 1.0
"""How soon a running job hears that it was cancelled."""
_MEASURE = timedelta(seconds=15)
MAX_ATTEMPTS = 20
"""A job that takes its worker down each time is given up at last."""


class JobRunner:
    """Runs jobs in some threads of this process; any number of processes may do so.

    A job is claimed for `lease` and the claim is renewed while its handler runs. When a worker
    dies, the lease runs out and another goes on from the progress that was kept. Those whose
    tenant has no job running yet come first, then the oldest.
    """

    def __init__(
        self,
        database: Database,
        service: str,
        handlers: Mapping[str, JobHandler],
        clock: Clock,
        *,
        threads: int = 2,
        lease: timedelta = timedelta(seconds=60),
    ) -> None:
        self._database = database
        self._service = service
        self._handlers = dict(handlers)
        self._clock = clock
        self._lease = lease
        self._running: dict[int, JobRun] = {}
        self._lock = threading.Lock()
        self._measured_at = clock.now() - _MEASURE
        self._workers = [Loop(f"jobs-{n + 1}", self.run_next) for n in range(threads)]
        self._heart = Loop("jobs-leases", self.renew_leases)

    def start(self) -> None:
        """Begin; returns at once."""
        self._heart.start()
        for worker in self._workers:
            worker.start()

    def stop(self, timeout: float) -> None:
        """Interrupt what runs, so that another process goes on with it at once."""
        for worker in self._workers:
            worker.tell_to_stop()
        with self._lock:
            for run in self._running.values():
                run.tell(JobInterrupted)
        for worker in self._workers:
            worker.stop(timeout)
        self._heart.stop(timeout)

    def is_healthy(self) -> bool:
        """Whether all threads run."""
        return all(loop.is_healthy() for loop in (*self._workers, self._heart))

    def wake(self) -> None:
        """Look for jobs now."""
        for worker in self._workers:
            worker.wake()

    def run_next(self) -> float:
        """Run one job to its end, if there is one; gives the seconds until the next look."""
        run = self._claim()
        if run is None:
            return _POLL_SECONDS
        with self._lock:
            self._running[id(run)] = run
        try:
            if any(worker.stopping for worker in self._workers):
                run.tell(JobInterrupted)
            running = jobs_running.labels(run.kind).track_inprogress()
            traced = continued(None, f"job {run.kind}", "consumer")
            with running, traced, working_for(run.tenant_id):
                self._run(run)
        finally:
            with self._lock:
                del self._running[id(run)]
        return 0

    def renew_leases(self) -> float:
        """Keep what runs here, and tell it when it was cancelled or lost."""
        with self._lock:
            running = list(self._running.values())
        for run in running:
            self._renew(run)
        self._measure()
        return min(_BEAT_SECONDS, self._lease.total_seconds() / 4)

    def _measure(self) -> None:
        """Tell from time to time how long jobs wait and run; all replicas see the same."""
        now = self._clock.now()
        if now - self._measured_at < _MEASURE:
            return
        self._measured_at = now
        with self._database.system_transaction() as connection:
            rows = connection.execute(_OLDEST, {"kinds": list(self._handlers)})
            since = {row.state: row.since for row in rows}
        for state in (JobState.QUEUED, JobState.RUNNING):
            age = (now - since[state]).total_seconds() if state in since else 0.0
            jobs_oldest.labels(state).set(max(0.0, age))

    def _renew(self, run: JobRun) -> None:
        with self._database.system_transaction() as connection:
            cancelled = connection.execute(
                sa.select(jobs.c.cancel_requested).where(*run.here)
            ).scalar()
            if cancelled is None:
                run.tell(JobLost)
                return
            if cancelled:
                run.tell(JobCancelled)
            # While the handler's own transaction holds the row, nobody else can claim it either.
            held = sa.select(jobs.c.id).where(*run.here).with_for_update(skip_locked=True)
            connection.execute(
                sa.update(jobs)
                .where(*run.here, jobs.c.id.in_(held))
                .values(lease_until=self._clock.now() + self._lease)
            )

    def _claim(self) -> JobRun | None:
        now = self._clock.now()
        with self._database.system_transaction() as connection:
            found = connection.execute(
                _CLAIMABLE, {"kinds": list(self._handlers), "now": now}
            ).first()
            if found is None:
                return None
            row = connection.execute(
                sa.update(jobs)
                .where(jobs.c.tenant_id == found.tenant_id, jobs.c.id == found.id)
                .values(
                    state=JobState.RUNNING,
                    attempts=jobs.c.attempts + 1,
                    lease_until=now + self._lease,
                    started_at=sa.func.coalesce(jobs.c.started_at, now),
                )
                .returning(*jobs.c)
            ).one()
        run = JobRun(self._database, self._service, row)
        if row.cancel_requested:
            run.tell(JobCancelled)
        return run

    def _run(self, run: JobRun) -> None:
        try:
            if run.attempt - run.waits > MAX_ATTEMPTS:
                self._fail(run, "given_up", f"It did not end in {MAX_ATTEMPTS} attempts.")
                return
            run.check()
            result = self._handlers[run.kind](run)
        except JobCancelled:
            self._end(run, JobState.CANCELLED)
        except JobLost:
            log.warning("another worker took the job over", extra={"job": run.id})
        except JobInterrupted:
            self._give_back(run, seconds=0)
        except Unavailable as error:
            log.warning("job waits: %s", error.message, extra={"job": run.id})
            waited = isinstance(error, JobWaits)
            delay = growing_delay(run.attempt, first=1, most=300)
            self._give_back(run, seconds=delay, waited=waited)
        except DomainError as error:
            self._fail(run, error.code, error.message)
        except Exception as error:
            note_failure(error)
            log.exception("job failed", extra={"job": run.id, "kind": run.kind})
            message = "Something went wrong here; the trace id leads to it."
            self._fail(run, "internal_error", message)
        else:
            self._end(run, JobState.SUCCEEDED, result=dict(result or {}))

    def _fail(self, run: JobRun, code: str, message: str) -> None:
        error = {"code": code, "message": message, "trace_id": current_trace_id()}
        self._end(run, JobState.FAILED, error=error)

    def _end(self, run: JobRun, state: JobState, **values: Any) -> None:
        """Write down the end, unless the handler did so itself or another worker has the job."""
        jobs_ended.labels(run.kind, state).inc()
        self._write(run, state=state, finished_at=self._clock.now(), lease_until=None, **values)

    def _give_back(self, run: JobRun, *, seconds: float, waited: bool = False) -> None:
        """Have it run again, here or elsewhere, after so many seconds."""
        again = self._clock.now() + timedelta(seconds=seconds)
        waits = sa.literal({"waits": run.waits + waited}, JSONB)
        self._write(run, state=JobState.QUEUED, lease_until=again, progress=jobs.c.progress + waits)

    def _write(self, run: JobRun, **values: Any) -> None:
        with self._database.tenant_transaction(run.tenant_id) as connection:
            connection.execute(sa.update(jobs).where(*run.here).values(values))


_other = jobs.alias("other")
_CLAIMABLE = (
    sa.select(jobs.c.tenant_id, jobs.c.id)
    .where(
        jobs.c.finished_at.is_(None),
        jobs.c.kind == sa.any_(sa.bindparam("kinds", type_=sa.ARRAY(sa.Text))),
        sa.or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= sa.bindparam("now")),
    )
    .order_by(
        sa.exists().where(
            _other.c.finished_at.is_(None),
            _other.c.tenant_id == jobs.c.tenant_id,
            _other.c.state == JobState.RUNNING,
            _other.c.lease_until > sa.bindparam("now"),
        ),
        jobs.c.created_at,
        jobs.c.id,
    )
    .limit(1)
    .with_for_update(of=jobs, skip_locked=True)
)
_OLDEST = (
    sa.select(
        jobs.c.state,
        sa.func.min(sa.func.coalesce(jobs.c.started_at, jobs.c.created_at)).label("since"),
    )
    .where(
        jobs.c.finished_at.is_(None),
        jobs.c.kind == sa.any_(sa.bindparam("kinds", type_=sa.ARRAY(sa.Text))),
    )
    .group_by(jobs.c.state)
)
