"""Durable timers: once each, whatever happens to those who fire them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.domain import Unavailable
from chassis.embedded.processes import wait_until
from chassis.storage.database import Database
from chassis.storage.tables import timers
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.work.timers import Timer, TimerRunner, cancel_timer, set_timer
from services.chassis.tests.ground import SERVICE
from services.chassis.tests.work.conftest import BEGIN, Run, notes, write_note

Handler = Callable[[UnitOfWork, Timer], object]
MakeRunner = Callable[..., TimerRunner[UnitOfWork]]
MINUTE = timedelta(minutes=1)


def note_key(tx: UnitOfWork, timer: Timer) -> None:
    write_note(tx, timer.key)


@pytest.fixture
def make_runner(
    database: Database, operations: Operations[UnitOfWork], clock: MovableClock
) -> MakeRunner:
    def make(handler: Handler = note_key, kind: str = "remind") -> TimerRunner[UnitOfWork]:
        return TimerRunner(database, operations, SERVICE, {kind: handler}, clock)

    return make


def row_of(database: Database, tenant: UUID) -> sa.Row[tuple[object, ...]]:
    with database.tenant_transaction(tenant) as connection:
        return connection.execute(sa.select(timers)).one()


def test_a_timer_fires_when_it_is_due_and_not_before(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    runner = make_runner()
    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN + MINUTE))

    runner.run_due()
    assert notes(database, tenant) == []
    clock.move(MINUTE)
    runner.run_due()
    runner.run_due()

    assert notes(database, tenant) == ["call-1"]


def test_the_handler_gets_what_was_set(make_runner: MakeRunner, run: Run, tenant: UUID) -> None:
    given: list[Timer] = []
    runner = make_runner(lambda _tx, timer: given.append(timer))
    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN, {"user": "ada"}))

    runner.run_due()

    assert given == [Timer(tenant, "remind", "call-1", BEGIN, {"user": "ada"}, 0)]


def test_a_timer_of_a_transaction_that_fails_was_never_set(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID
) -> None:
    def fail(tx: UnitOfWork) -> None:
        set_timer(tx, "remind", "call-1", BEGIN)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(fail)
    make_runner().run_due()

    assert notes(database, tenant) == []


def test_a_cancelled_timer_does_not_fire(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID
) -> None:
    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN))

    assert run(lambda tx: cancel_timer(tx, "remind", "call-1")) is True
    assert run(lambda tx: cancel_timer(tx, "remind", "call-1")) is False
    make_runner().run_due()

    assert notes(database, tenant) == []


def test_setting_a_timer_again_moves_it(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN))
    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN + MINUTE))

    make_runner().run_due()
    assert notes(database, tenant) == []
    clock.move(MINUTE)
    make_runner().run_due()

    assert notes(database, tenant) == ["call-1"]


def test_timers_of_other_tenants_fire_in_their_own_tenant(
    make_runner: MakeRunner, operations: Operations[UnitOfWork], database: Database
) -> None:
    tenants = [uuid4() for _ in range(3)]
    for number, tenant in enumerate(tenants):
        caller = service_caller(SERVICE, tenant)
        operations.run(caller, set_timer, "remind", f"call-{number}", BEGIN)

    make_runner().run_due()

    assert [notes(database, tenant) for tenant in tenants] == [["call-0"], ["call-1"], ["call-2"]]


def test_two_runners_at_the_same_time_fire_each_timer_once(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID
) -> None:
    keys = [f"call-{number:03}" for number in range(150)]

    def set_all(tx: UnitOfWork) -> None:
        for key in keys:
            set_timer(tx, "remind", key, BEGIN)

    run(set_all)
    runners = [make_runner(), make_runner()]
    for runner in runners:
        runner.start()
    try:
        assert wait_until(lambda: len(notes(database, tenant)) >= len(keys), 30)
    finally:
        for runner in runners:
            runner.stop(5)

    assert notes(database, tenant) == keys


def test_a_timer_that_another_runner_has_in_hand_is_left_to_it(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID
) -> None:
    begun, release = threading.Event(), threading.Event()

    def slow(tx: UnitOfWork, _timer: Timer) -> None:
        begun.set()
        release.wait(10)
        write_note(tx, "slow")

    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(make_runner(slow).run_due)
        assert begun.wait(5)
        make_runner(lambda tx, _timer: write_note(tx, "quick")).run_due()
        release.set()
        first.result(5)

    assert notes(database, tenant) == ["slow"]


def test_a_runner_that_dies_in_the_middle_leaves_the_timer_to_the_next(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID
) -> None:
    def cut_off(tx: UnitOfWork, _timer: Timer) -> None:
        write_note(tx, "half done")
        pid = tx.connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        with database.runtime.connect() as other:  # as the server sees the death of a client
            other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        tx.connection.execute(sa.text("SELECT 1"))

    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN))
    make_runner(cut_off).run_due()
    assert notes(database, tenant) == []
    run(lambda tx: tx.connection.execute(sa.update(timers).values(due_at=BEGIN)))

    make_runner().run_due()

    assert notes(database, tenant) == ["call-1"]


def test_a_handler_that_fails_leaves_nothing_and_is_tried_again_later(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    def fail(tx: UnitOfWork, _timer: Timer) -> None:
        write_note(tx, "half done")
        raise ZeroDivisionError("about Ada")

    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN))
    runner = make_runner(fail)
    runner.run_due()
    runner.run_due()  # not due any more

    row = row_of(database, tenant)
    assert (row.attempts, notes(database, tenant)) == (1, [])
    assert row.due_at > BEGIN
    assert row.last_error.startswith("ZeroDivisionError, trace ")
    clock.move(timedelta(seconds=3))
    make_runner().run_due()
    assert notes(database, tenant) == ["call-1"]


def test_failures_are_spaced_ever_wider_and_never_given_up(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    def fail(_tx: UnitOfWork, _timer: Timer) -> None:
        raise Unavailable("not now") if len(waits) % 2 else ZeroDivisionError

    waits: list[float] = []
    run(lambda tx: set_timer(tx, "remind", "call-1", BEGIN))
    runner = make_runner(fail)
    for _ in range(20):
        runner.run_due()
        wait = row_of(database, tenant).due_at - clock.now()
        waits.append(wait.total_seconds())
        clock.move(wait)

    assert waits[0] <= 2
    assert max(waits[2:4]) > 3
    assert 1800 <= waits[18] <= 3600
    assert 30 <= waits[19] <= 60  # what is only unavailable is tried at least once a minute
    assert row_of(database, tenant).attempts == 20


def test_a_handler_may_set_its_own_timer_anew(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID, clock: MovableClock
) -> None:
    def again(tx: UnitOfWork, timer: Timer) -> None:
        write_note(tx, f"{timer.data['round']}")
        following = {"round": timer.data["round"] + 1}
        set_timer(tx, timer.kind, timer.key, timer.due_at + MINUTE, following)

    run(lambda tx: set_timer(tx, "remind", "daily", BEGIN, {"round": 1}))
    runner = make_runner(again)
    for _ in range(3):
        runner.run_due()
        clock.move(MINUTE)

    assert notes(database, tenant) == ["1", "2", "3"]


def test_a_kind_without_a_handler_here_is_left_alone(
    make_runner: MakeRunner, run: Run, database: Database, tenant: UUID
) -> None:
    run(lambda tx: set_timer(tx, "of-the-next-version", "x", BEGIN))

    make_runner().run_due()

    assert row_of(database, tenant).attempts == 0


def test_the_runner_sleeps_until_the_next_timer_or_a_second_at_most(
    make_runner: MakeRunner, run: Run
) -> None:
    runner = make_runner()
    assert runner.run_due() == 1

    run(lambda tx: set_timer(tx, "remind", "later", BEGIN + MINUTE))
    assert runner.run_due() == 1

    run(lambda tx: set_timer(tx, "remind", "soon", BEGIN + timedelta(seconds=0.4)))
    assert runner.run_due() == pytest.approx(0.4)


def test_a_running_runner_is_healthy_until_it_stops(make_runner: MakeRunner) -> None:
    runner = make_runner()
    assert not runner.is_healthy()
    runner.start()
    assert runner.is_healthy()
    runner.stop(5)
    assert not runner.is_healthy()
