"""Jobs: begun, watched, cancelled, and what is told of their end."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.context import Caller, service_caller
from chassis.domain import Conflict, Invalid, NotFound, Unavailable
from chassis.embedded.processes import wait_until
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.work.job_runner import MAX_ATTEMPTS
from chassis.work.jobs import (
    JobCancelled,
    JobRun,
    JobWaits,
    cancel_job,
    start_job,
)
from services.chassis.tests.ground import SERVICE
from services.chassis.tests.work.conftest import (
    BEGIN,
    Begin,
    MakeWorker,
    Run,
    row_of,
)


def test_a_job_is_run_with_its_arguments_and_its_result_is_kept(
    make_worker: MakeWorker, begin: Begin, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    job_id = begin(upto=3)
    clock.move(timedelta(seconds=1))

    make_worker(lambda run: {"sum": sum(range(run.arguments["upto"] + 1))}).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.result, row.error) == ("succeeded", {"sum": 6}, None)
    assert (row.started_at, row.finished_at) == (clock.now(), clock.now())


def test_a_job_of_a_transaction_that_fails_was_never_begun(
    make_worker: MakeWorker, run: Run
) -> None:
    def fail(tx: UnitOfWork) -> None:
        start_job(tx, "count", {})
        raise ZeroDivisionError

    ran: list[JobRun] = []
    with pytest.raises(ZeroDivisionError):
        run(fail)
    make_worker(ran.append).run_next()

    assert ran == []


def test_what_the_job_does_bears_the_name_of_whoever_began_it(
    make_worker: MakeWorker, operations: Operations[UnitOfWork], tenant: UUID
) -> None:
    user = uuid4()
    actors: list[str] = []
    for caller in (
        Caller(tenant, str(user), user_id=user),
        Caller(tenant, "an-app", client_id="an-app"),
        service_caller("loyalty", tenant),
    ):
        operations.run(caller, start_job, "count", {})
        make_worker(lambda run: actors.append(run.caller.actor)).run_next()

    assert actors == [f"user:{user}", "client:an-app", f"service:{SERVICE}"]


def test_progress_can_be_watched_while_the_job_runs(
    make_worker: MakeWorker, begin: Begin, database: Database, tenant: UUID
) -> None:
    seen: list[Mapping[str, Any]] = []
    job_id = begin()

    def handler(run: JobRun) -> None:
        run.progress(1, 4, details={"created": 1})
        seen.append(row_of(database, tenant, job_id).progress)
        run.progress(2, state={"cursor": "b"})
        seen.append(row_of(database, tenant, job_id).progress)

    make_worker(handler).run_next()

    assert seen == [
        {"done": 1, "total": 4, "details": {"created": 1}},
        {"done": 2, "total": 4, "details": {"created": 1}, "state": {"cursor": "b"}},
    ]


def test_an_error_of_the_domain_fails_the_job_with_its_code(
    make_worker: MakeWorker, begin: Begin, database: Database, tenant: UUID
) -> None:
    def handler(_run: JobRun) -> None:
        raise Invalid("The file has no header.", code="header_missing")

    job_id = begin()
    make_worker(handler).run_next()

    row = row_of(database, tenant, job_id)
    assert row.state == "failed"
    assert (row.error["code"], row.error["message"]) == (
        "header_missing",
        "The file has no header.",
    )


def test_a_bug_fails_the_job_and_tells_nothing_but_its_trace(
    make_worker: MakeWorker, begin: Begin, database: Database, tenant: UUID
) -> None:
    def handler(_run: JobRun) -> None:
        raise ZeroDivisionError("about Ada")

    job_id = begin()
    make_worker(handler).run_next()

    error = row_of(database, tenant, job_id).error
    assert error["code"] == "internal_error"
    assert "Ada" not in error["message"]
    assert len(error["trace_id"]) == 32


def test_a_job_that_meets_something_unavailable_is_tried_again_later(
    make_worker: MakeWorker, begin: Begin, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    attempts: list[int] = []

    def handler(run: JobRun) -> dict[str, int]:
        attempts.append(run.attempt)
        if len(attempts) < 3:
            raise Unavailable("identity does not answer now.")
        return {"attempts": len(attempts)}

    job_id = begin()
    runner = make_worker(handler)
    runner.run_next()
    runner.run_next()
    assert attempts == [1]
    for _ in range(2):
        clock.move(timedelta(seconds=10))
        runner.run_next()

    assert row_of(database, tenant, job_id).result == {"attempts": 3}


def test_a_job_that_waits_is_tried_more_often_than_one_that_may_harm_its_worker(
    make_worker: MakeWorker,
    begin: Begin,
    database: Database,
    tenant: UUID,
    clock: MovableClock,
) -> None:
    attempts: list[int] = []

    def handler(run: JobRun) -> dict[str, int]:
        attempts.append(run.attempt)
        if len(attempts) <= MAX_ATTEMPTS + 5:
            run.progress(len(attempts), state={"next": len(attempts)})
            raise JobWaits("desk does not answer now.")
        return {"kept": (run.kept.state or {})["next"]}

    job_id = begin()
    runner = make_worker(handler)
    for _ in range(MAX_ATTEMPTS + 6):
        runner.run_next()
        clock.move(timedelta(minutes=6))
    assert row_of(database, tenant, job_id).result == {"kept": MAX_ATTEMPTS + 5}


def test_a_queued_job_is_cancelled_at_once(
    make_worker: MakeWorker, begin: Begin, run: Run, database: Database, tenant: UUID
) -> None:
    ran: list[JobRun] = []
    job_id = begin()
    run(lambda tx: cancel_job(tx, job_id))
    run(lambda tx: cancel_job(tx, job_id))
    make_worker(ran.append).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.finished_at, ran) == ("cancelled", BEGIN, [])


def test_a_running_job_ends_at_its_next_check_after_it_was_cancelled(
    make_worker: MakeWorker, begin: Begin, run: Run, database: Database, tenant: UUID
) -> None:
    job_id, begun = begin(), threading.Event()

    def handler(job: JobRun) -> None:
        begun.set()
        assert wait_until(lambda: cancelled(job), 30)
        job.check()

    def cancelled(job: JobRun) -> bool:
        try:
            job.check()
        except JobCancelled:
            return True
        return False

    runner = make_worker(handler)
    runner.start()
    assert begun.wait(5)
    run(lambda tx: cancel_job(tx, job_id))

    assert wait_until(lambda: row_of(database, tenant, job_id).state == "cancelled", 30)


def test_a_job_that_has_ended_cannot_be_cancelled(
    make_worker: MakeWorker, begin: Begin, run: Run
) -> None:
    job_id = begin()
    make_worker(lambda _run: None).run_next()

    with pytest.raises(Conflict, match="has succeeded already"):
        run(lambda tx: cancel_job(tx, job_id))
    with pytest.raises(NotFound):
        run(lambda tx: cancel_job(tx, uuid4()))
