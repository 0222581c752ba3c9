"""Jobs: done to their end once, whatever happens to their workers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.clock import MovableClock
from chassis.context import Caller, service_caller
from chassis.domain import Conflict, Invalid, NotFound, Unavailable
from chassis.embedded.processes import wait_until
from chassis.storage.database import Database
from chassis.storage.tables import jobs
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.work.job_runner import MAX_ATTEMPTS, JobRunner
from chassis.work.jobs import (
    JobCancelled,
    JobHandler,
    JobLost,
    JobRun,
    JobState,
    cancel_job,
    start_job,
)
from services.chassis.tests.ground import SERVICE
from services.chassis.tests.work.conftest import BEGIN, Run, notes, write_note

LEASE = timedelta(seconds=60)
MakeRunner = Callable[[JobHandler], JobRunner]


@pytest.fixture
def make(database: Database, clock: MovableClock) -> Iterator[MakeRunner]:
    """Workers of one thread; they are stopped when the test ends."""
    with ExitStack() as stack:

        def worker(handler: JobHandler) -> JobRunner:
            runner = JobRunner(database, SERVICE, {"count": handler}, clock, threads=1, lease=LEASE)
            stack.callback(runner.stop, 5)
            return runner

        yield worker


@pytest.fixture
def begin(run: Run) -> Callable[..., UUID]:
    def start(**arguments: Any) -> UUID:
        job_id = run(lambda tx: start_job(tx, "count", arguments))
        assert isinstance(job_id, UUID)
        return job_id

    return start


def row_of(database: Database, tenant: UUID, job_id: UUID) -> sa.Row[Any]:
    with database.tenant_transaction(tenant) as connection:
        return connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).one()


Begin = Callable[..., UUID]


def test_a_job_is_run_with_its_arguments_and_its_result_is_kept(
    make: MakeRunner, begin: Begin, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    job_id = begin(upto=3)
    clock.move(timedelta(seconds=1))

    make(lambda run: {"sum": sum(range(run.arguments["upto"] + 1))}).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.result, row.error) == ("succeeded", {"sum": 6}, None)
    assert (row.started_at, row.finished_at) == (clock.now(), clock.now())


def test_a_job_of_a_transaction_that_fails_was_never_begun(make: MakeRunner, run: Run) -> None:
    def fail(tx: UnitOfWork) -> None:
        start_job(tx, "count", {})
        raise ZeroDivisionError

    ran: list[JobRun] = []
    with pytest.raises(ZeroDivisionError):
        run(fail)
    make(ran.append).run_next()

    assert ran == []


def test_what_the_job_does_bears_the_name_of_whoever_began_it(
    make: MakeRunner, operations: Operations[UnitOfWork], tenant: UUID
) -> None:
    user = uuid4()
    actors: list[str] = []
    for caller in (
        Caller(tenant, str(user), user_id=user),
        Caller(tenant, "an-app", client_id="an-app"),
        service_caller("loyalty", tenant),
    ):
        operations.run(caller, start_job, "count", {})
        make(lambda run: actors.append(run.caller.actor)).run_next()

    assert actors == [f"user:{user}", "client:an-app", f"service:{SERVICE}"]


def test_progress_can_be_watched_while_the_job_runs(
    make: MakeRunner, begin: Begin, database: Database, tenant: UUID
) -> None:
    seen: list[Mapping[str, Any]] = []
    job_id = begin()

    def handler(run: JobRun) -> None:
        run.progress(1, 4, details={"created": 1})
        seen.append(row_of(database, tenant, job_id).progress)
        run.progress(2, state={"cursor": "b"})
        seen.append(row_of(database, tenant, job_id).progress)

    make(handler).run_next()

    assert seen == [
        {"done": 1, "total": 4, "details": {"created": 1}, "state": {}},
        {"done": 2, "total": 4, "details": {"created": 1}, "state": {"cursor": "b"}},
    ]


def test_an_error_of_the_domain_fails_the_job_with_its_code(
    make: MakeRunner, begin: Begin, database: Database, tenant: UUID
) -> None:
    def handler(_run: JobRun) -> None:
        raise Invalid("The file has no header.", code="header_missing")

    job_id = begin()
    make(handler).run_next()

    row = row_of(database, tenant, job_id)
    assert row.state == "failed"
    assert (row.error["code"], row.error["message"]) == (
        "header_missing",
        "The file has no header.",
    )


def test_a_bug_fails_the_job_and_tells_nothing_but_its_trace(
    make: MakeRunner, begin: Begin, database: Database, tenant: UUID
) -> None:
    def handler(_run: JobRun) -> None:
        raise ZeroDivisionError("about Ada")

    job_id = begin()
    make(handler).run_next()

    error = row_of(database, tenant, job_id).error
    assert error["code"] == "internal_error"
    assert "Ada" not in error["message"]
    assert len(error["trace_id"]) == 32


def test_a_job_that_meets_something_unavailable_is_tried_again_later(
    make: MakeRunner, begin: Begin, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    attempts: list[int] = []

    def handler(run: JobRun) -> dict[str, int]:
        attempts.append(run.attempt)
        if len(attempts) < 3:
            raise Unavailable("identity does not answer now.")
        return {"attempts": len(attempts)}

    job_id = begin()
    runner = make(handler)
    runner.run_next()
    runner.run_next()
    assert attempts == [1]
    for _ in range(2):
        clock.move(timedelta(seconds=10))
        runner.run_next()

    assert row_of(database, tenant, job_id).result == {"attempts": 3}


def test_a_queued_job_is_cancelled_at_once(
    make: MakeRunner, begin: Begin, run: Run, database: Database, tenant: UUID
) -> None:
    ran: list[JobRun] = []
    job_id = begin()
    run(lambda tx: cancel_job(tx, job_id))
    run(lambda tx: cancel_job(tx, job_id))
    make(ran.append).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.finished_at, ran) == ("cancelled", BEGIN, [])


def test_a_running_job_ends_at_its_next_check_after_it_was_cancelled(
    make: MakeRunner, begin: Begin, run: Run, database: Database, tenant: UUID
) -> None:
    job_id, begun = begin(), threading.Event()

    def handler(job: JobRun) -> None:
        begun.set()
        assert wait_until(lambda: cancelled(job), 10)
        job.check()

    def cancelled(job: JobRun) -> bool:
        try:
            job.check()
        except JobCancelled:
            return True
        return False

    runner = make(handler)
    runner.start()
    assert begun.wait(5)
    run(lambda tx: cancel_job(tx, job_id))

    assert wait_until(lambda: row_of(database, tenant, job_id).state == "cancelled", 10)


def test_a_job_that_has_ended_cannot_be_cancelled(make: MakeRunner, begin: Begin, run: Run) -> None:
    job_id = begin()
    make(lambda _run: None).run_next()

    with pytest.raises(Conflict, match="has succeeded already"):
        run(lambda tx: cancel_job(tx, job_id))
    with pytest.raises(NotFound):
        run(lambda tx: cancel_job(tx, uuid4()))


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
    make: MakeRunner,
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
        make(dies).run_next()
    other = make(whole)
    other.run_next()
    assert row_of(database, tenant, job_id).state == "running"  # the lease holds still

    clock.move(LEASE)
    other.run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.attempts, row.progress["done"]) == ("succeeded", 2, 10)
    assert notes(database, tenant) == [f"{number:02}" for number in range(10)]


def test_a_worker_that_was_out_of_touch_cannot_write_any_more(
    make: MakeRunner,
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
        make(count_in_steps(operations, 3)).run_next()  # another worker takes over
        with pytest.raises(JobLost):
            run.progress(99)
        with pytest.raises(JobLost):
            operations.run(run.caller, late, run)
        lost.append("refused twice")
        run.check()

    def late(tx: UnitOfWork, run: JobRun) -> None:
        write_note(tx, "late")
        run.succeed_in(tx, {"wrong": True})

    make(outlived).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.result, row.progress["done"], lost) == ({"upto": 3}, 3, ["refused twice"])
    assert notes(database, tenant) == ["00", "01", "02"]


def test_the_lease_is_kept_while_the_handler_runs(
    make: MakeRunner, begin: Begin, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    job_id, begun, release = begin(), threading.Event(), threading.Event()

    def handler(_run: JobRun) -> None:
        begun.set()
        release.wait(10)

    taken: list[JobRun] = []
    runner = make(handler)
    with ExitStack() as stack:
        stack.callback(release.set)
        runner.start()
        assert begun.wait(5)
        for _ in range(3):
            clock.move(timedelta(seconds=45))
            due = clock.now() + LEASE
            assert wait_until(lambda d=due: row_of(database, tenant, job_id).lease_until == d, 5)  # type: ignore[misc]
            make(taken.append).run_next()

    assert wait_until(lambda: row_of(database, tenant, job_id).state == "succeeded", 5)
    assert taken == []


def test_a_stopping_worker_hands_its_job_on_at_once(
    make: MakeRunner,
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

    runner = make(endless)
    runner.start()
    assert begun.wait(5)
    runner.stop(5)
    assert row_of(database, tenant, job_id).state == "queued"

    make(count_in_steps(operations, 4)).run_next()

    assert row_of(database, tenant, job_id).state == "succeeded"
    assert notes(database, tenant) == ["02", "03"]


def test_a_job_may_finish_in_the_transaction_of_its_last_piece_of_work(
    make: MakeRunner,
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

    make(handler).run_next()

    row = row_of(database, tenant, job_id)
    assert (row.state, row.result, notes(database, tenant)) == (
        "succeeded",
        {"rows": 1},
        ["imported"],
    )


def test_a_job_that_takes_its_workers_down_is_given_up_at_last(
    make: MakeRunner, begin: Begin, run: Run, database: Database, tenant: UUID
) -> None:
    job_id, ran = begin(), list[JobRun]()
    run(lambda tx: tx.connection.execute(sa.update(jobs).values(attempts=MAX_ATTEMPTS)))

    make(ran.append).run_next()

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
    make: MakeRunner, begin: Begin, operations: Operations[UnitOfWork]
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
        first = pool.submit(make(slow).run_next)
        assert begun.wait(5)
        make(lambda run: ran.append(run.tenant_id)).run_next()
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
