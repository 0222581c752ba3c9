"""REST: a service's jobs, for those who began them and for those who may see all."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response
from pydantic import BaseModel

from chassis.context import Caller, Reach
from chassis.domain import NotFound
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing, ListSpec, choice_filter, text_filter, time_filter
from chassis.storage.tables import jobs
from chassis.storage.unit_of_work import Reading, UnitOfWork
from chassis.work.jobs import JobState, Progress, cancel_job

JOBS = ListSpec(
    key=jobs.c.id,
    sorts={"created_at": jobs.c.created_at},
    default_sort="-created_at",
    filters={
        "state": choice_filter(jobs.c.state, *JobState),
        "kind": text_filter(jobs.c.kind),
        "created_at": time_filter(jobs.c.created_at),
    },
)


class JobProgress(BaseModel):
    """How far a job is; `total` is absent while it is unknown."""

    done: int
    total: int | None
    details: dict[str, Any]


class JobFailure(BaseModel):
    """Why a job failed."""

    code: str
    message: str
    trace_id: str | None


class Job(BaseModel):
    """Long work: queued, running, succeeded, failed or cancelled."""

    id: UUID
    kind: str
    state: JobState
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress: JobProgress
    result: dict[str, Any] | None
    error: JobFailure | None


def job_routes(service: str) -> Routes:
    """The routes of a service's jobs.

    Everybody may see and cancel the jobs that they began themselves; those of others need the
    permission `<service>.jobs.read` or `<service>.jobs.write`, with reach over all.
    """
    routes = Routes(f"/v1/{service}/jobs", "jobs")

    @routes.get("", permission=SIGNED_IN, listing=JOBS, returns=Job)
    def list_jobs(call: Call[Any], listing: Listing) -> dict[str, Any]:
        """List jobs, the newest first."""
        return call.read(_page, listing, _whose(call.caller, f"{service}.jobs.read"))

    @routes.get("/<uuid:job_id>", permission=SIGNED_IN, returns=Job)
    def get_job(call: Call[Any], job_id: UUID) -> dict[str, Any]:
        """Read a job: its state, progress, result and error."""
        return call.read(_job, job_id, _whose(call.caller, f"{service}.jobs.read"))

    @routes.post("/<uuid:job_id>/cancel", permission=SIGNED_IN, returns=Job, problems=(409,))
    def cancel(call: Call[Any], job_id: UUID) -> Response:
        """Cancel a job: at once if it is queued, at its next step if it is running."""
        owner = _whose(call.caller, f"{service}.jobs.write")

        def work(tx: UnitOfWork) -> dict[str, Any]:
            _job(tx, job_id, owner)
            cancel_job(tx, job_id)
            return _job(tx, job_id, owner)

        return call.run(work, lambda _tx, job: Reply(job))

    return routes


def job_accepted(tx: UnitOfWork, service: str, job_id: UUID) -> Reply:
    """The answer to a request that began a job: 202 with the job and where to watch it."""
    return Reply.accepted(f"/v1/{service}/jobs/{job_id}", _job(tx, job_id, None))


def _whose(caller: Caller, permission: str) -> str | None:
    """Whose jobs this caller may reach; None is everybody's."""
    everybodys = caller.reach(permission) is Reach.ALL
    return None if everybodys else caller.actor


def _select(tenant_id: UUID | None, owner: str | None) -> sa.Select[Any]:
    statement = sa.select(jobs).where(jobs.c.tenant_id == tenant_id)
    return statement if owner is None else statement.where(jobs.c.created_by == owner)


def _page(reading: Reading, listing: Listing, owner: str | None) -> dict[str, Any]:
    statement = _select(reading.caller.tenant_id, owner)
    return listing.fetch(reading.connection, statement, present)


def _job(reading: Reading | UnitOfWork, job_id: UUID, owner: str | None) -> dict[str, Any]:
    statement = _select(reading.caller.tenant_id, owner).where(jobs.c.id == job_id)
    row = reading.connection.execute(statement).first()
    if row is None:
        raise NotFound.of("job", job_id)
    return present(row)


def present(row: sa.Row[Any]) -> dict[str, Any]:
    """A job as its watchers see it: without its arguments and what its handler keeps for itself."""
    progress = Progress.read(row.progress)
    shown = ("id", "kind", "state", "created_by", "created_at", "started_at", "finished_at")
    return {
        **{name: getattr(row, name) for name in shown},
        "progress": {
            "done": progress.done,
            "total": progress.total,
            "details": dict(progress.details or {}),
        },
        "result": row.result,
        "error": row.error,
    }
