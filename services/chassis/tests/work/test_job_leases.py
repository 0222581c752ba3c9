"""Jobs and their workers: who has a job, for how long, and what becomes of it when one dies."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.embedded.processes import wait_until
from chassis.storage.database import Database
from chassis.storage.tables import jobs
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.work.job_runner import MAX_ATTEMPTS, JobRunner
from chassis.work.jobs import (
    JobHandler,
    JobLost,
    JobRun,
    JobState,
    start_job,
)
from services.chassis.tests.ground import SERVICE
from services.chassis.tests.work.conftest import (
    LEASE,
    Begin,
    MakeWorker,
    Run,
    notes,
    row_of,
    write_note,
)


def count_in_steps(operations: Operations[UnitOfWork], upto: int) -> JobHandler:
    """Writes a note for each number, and keeps where it is in the same transaction."""

    def handler(run: JobRun) -> dict[str, int]:
        first = (run.kept.state or {}).get("next", 0)
        for number in range(first, upto):
            operations.run(run.caller, step, run, number)
            run.check()
        return {"upto": upto}

    def step(tx: UnitOfWork, run: JobRun, number: int) -> None:
        write_note(tx, f"{number:02}")
        run.progress_in(tx, number + 1, upto, state={"next": number + 1})

    return handler


class WorkerDied(BaseException):
    """In place of a SIGKILL: nothing is caught, nothing is written down."""


def test_the_job_of_a_worker_that_died_is_gone_on_with_after_its_lease(
    make_worker: MakeWorker,
    begin: Begin,
    operations: Operations[UnitOfWork],
    database: Database,
    tenant: UUID,
    clock: MovableClock,
) -> None:
    job_id = begin()
    whole = count_in_steps(operations, 10)

    def dies(run: JobRun) -> None:
        count_in_steps(operations, 4)(run)
        raise WorkerDied

    with pytest.raises(WorkerDied):
        make_worker(dies).run_next()
    other = make_worker(whole)
    other.run_next()
    assert row_of(database, tenant, job_id).state == "running"  # the lease holds still

    clock.move(LEASE)
    other.run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.attempts, row.progress["done"]) == ("succeeded", 2, 10)
    assert notes(database, tenant) == [f"{number:02}" for number in range(10)]


def test_a_worker_that_was_out_of_touch_cannot_write_any_more(
    make_worker: MakeWorker,
    begin: Begin,
    operations: Operations[UnitOfWork],
    database: Database,
    tenant: UUID,
    clock: MovableClock,
) -> None:
    job_id = begin()
    lost: list[str] = []

    def outlived(run: JobRun) -> None:
        clock.move(LEASE)
        make_worker(count_in_steps(operations, 3)).run_next()  # another worker takes over
        with pytest.raises(JobLost):
            run.progress(99)
        with pytest.raises(JobLost):
            operations.run(run.caller, late, run)
        lost.append("refused twice")
        run.check()

    def late(tx: UnitOfWork, run: JobRun) -> None:
        write_note(tx, "late")
        run.succeed_in(tx, {"wrong": True})

    make_worker(outlived).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.result, row.progress["done"], lost) == ({"upto": 3}, 3, ["refused twice"])
    assert notes(database, tenant) == ["00", "01", "02"]


def test_the_lease_is_kept_while_the_handler_runs(
    make_worker: MakeWorker, begin: Begin, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    job_id, begun, release = begin(), threading.Event(), threading.Event()

    def handler(_run: JobRun) -> None:
        begun.set()
        release.wait(10)

    taken: list[JobRun] = []
    runner = make_worker(handler)
    with ExitStack() as stack:
        stack.callback(release.set)
        runner.start()
        assert begun.wait(5)
        for _ in range(3):
            clock.move(timedelta(seconds=45))
            due = clock.now() + LEASE
            assert wait_until(lambda d=due: row_of(database, tenant, job_id).lease_until == d, 30)  # type: ignore[misc]
            make_worker(taken.append).run_next()

    assert wait_until(lambda: row_of(database, tenant, job_id).state == "succeeded", 30)
    assert taken == []


def test_a_stopping_worker_hands_its_job_on_at_once(
    make_worker: MakeWorker,
    begin: Begin,
    operations: Operations[UnitOfWork],
    database: Database,
    tenant: UUID,
) -> None:
    job_id, begun = begin(), threading.Event()

    def endless(run: JobRun) -> None:
        for number in range(1_000_000):
            run.progress(number, state={"next": 2})
            begun.set()

    runner = make_worker(endless)
    runner.start()
    assert begun.wait(5)
    runner.stop(5)
    assert row_of(database, tenant, job_id).state == "queued"

    make_worker(count_in_steps(operations, 4)).run_next()

    assert row_of(database, tenant, job_id).state == "succeeded"
    assert notes(database, tenant) == ["02", "03"]


def test_a_job_may_finish_in_the_transaction_of_its_last_piece_of_work(
    make_worker: MakeWorker,
    begin: Begin,
    operations: Operations[UnitOfWork],
    database: Database,
    tenant: UUID,
) -> None:
    job_id = begin()

    def handler(run: JobRun) -> dict[str, str]:
        operations.run(run.caller, last, run)
        return {"ignored": "it has ended already"}

    def last(tx: UnitOfWork, run: JobRun) -> None:
        write_note(tx, "imported")
        run.succeed_in(tx, {"rows": 1})

    make_worker(handler).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.result, notes(database, tenant)) == (
        "succeeded",
        {"rows": 1},
        ["imported"],
    )


def test_a_job_that_takes_its_workers_down_is_given_up_at_last(
    make_worker: MakeWorker, begin: Begin, run: Run, database: Database, tenant: UUID
) -> None:
    job_id, ran = begin(), list[JobRun]()
    run(lambda tx: tx.connection.execute(sa.update(jobs).values(attempts=MAX_ATTEMPTS)))

    make_worker(ran.append).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.error["code"], ran) == ("failed", "given_up", [])


def test_many_workers_run_each_job_once(
    database: Database,
    operations: Operations[UnitOfWork],
    run: Run,
    tenant: UUID,
    clock: MovableClock,
) -> None:
    def handler(job: JobRun) -> None:
        operations.run(job.caller, write_note, str(job.arguments["number"]))

    def begin_all(tx: UnitOfWork) -> None:
        for number in range(10, 40):
            start_job(tx, "count", {"number": number})

    run(begin_all)
    workers = [JobRunner(database, SERVICE, {"count": handler}, clock) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        assert all(worker.is_healthy() for worker in workers)
        assert wait_until(lambda: len(notes(database, tenant)) >= 30, 30)
    finally:
        for worker in workers:
            worker.stop(5)

    assert notes(database, tenant) == [str(number) for number in range(10, 40)]


def test_a_tenant_with_many_jobs_does_not_make_another_wait(
    make_worker: MakeWorker, begin: Begin, operations: Operations[UnitOfWork]
) -> None:
    other, release, begun = uuid4(), threading.Event(), threading.Event()
    for _ in range(3):
        begin()
    operations.run(service_caller(SERVICE, other), start_job, "count", {})
    ran: list[UUID] = []

    def slow(_run: JobRun) -> None:
        begun.set()
        release.wait(10)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(make_worker(slow).run_next)
        assert begun.wait(5)
        make_worker(lambda run: ran.append(run.tenant_id)).run_next()
        release.set()
        first.result(5)

    assert ran == [other]


def test_the_states_are_those_that_are_documented() -> None:
    assert [state.value for state in JobState] == [
        "queued",
        "running",
        "succeeded",
        "failed",
        "cancelled",
    ]
