"""Periodic work: by one replica, on time, whatever happens to the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import psycopg
import pytest

from chassis.clock import MovableClock
from chassis.embedded.processes import wait_until
from chassis.storage.database import Database
from chassis.work.leadership import Leadership
from chassis.work.periodic import PeriodicRunner, PeriodicWork

HOUR = timedelta(hours=1)
Make = Callable[..., PeriodicRunner]


@pytest.fixture
def make(database: Database, clock: MovableClock) -> Iterator[Make]:
    """Replicas; they let go of the lock when the test ends."""
    with ExitStack() as stack:

        def replica(*works: PeriodicWork) -> PeriodicRunner:
            runner = PeriodicRunner(database, works, clock)
            stack.callback(runner.stop, 5)
            return runner

        yield replica


def noting(done: list[str], name: str, every: timedelta = HOUR) -> PeriodicWork:
    return PeriodicWork(name, every, lambda: done.append(name))


def test_work_is_done_at_the_beginning_and_then_as_often_as_it_should(
    make: Make, clock: MovableClock
) -> None:
    done: list[str] = []
    runner = make(noting(done, "often"), noting(done, "rarely", 3 * HOUR))
    for _ in range(4):
        runner.run_due()
        runner.run_due()
        clock.move(HOUR)

    assert (done.count("often"), done.count("rarely")) == (4, 2)


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(minutes=-1), timedelta(days=400)])
def test_a_clock_that_jumps_neither_holds_work_up_nor_has_it_done_over_and_over(
    make: Make, clock: MovableClock, jump: timedelta
) -> None:
    done: list[str] = []
    runner = make(noting(done, "prune"))
    runner.run_due()
    clock.move(jump)
    runner.run_due()
    runner.run_due()
    assert len(done) == (1 if jump == timedelta(minutes=-1) else 2)

    clock.move(HOUR + timedelta(minutes=1))
    runner.run_due()
    assert len(done) == (2 if jump == timedelta(minutes=-1) else 3)


def test_of_two_replicas_one_does_it(make: Make, clock: MovableClock) -> None:
    first: list[str] = []
    second: list[str] = []
    replicas = [make(noting(first, "prune")), make(noting(second, "prune"))]
    for _ in range(3):
        for replica in replicas:
            replica.run_due()
        clock.move(HOUR)

    assert (len(first), len(second)) == (3, 0)


def test_when_the_one_stops_another_takes_over(make: Make, clock: MovableClock) -> None:
    first: list[str] = []
    second: list[str] = []
    leader, other = make(noting(first, "prune")), make(noting(second, "prune"))
    leader.run_due()
    other.run_due()
    leader.stop(5)
    clock.move(HOUR)
    other.run_due()

    assert (first, second) == (["prune"], ["prune"])


def test_a_replica_whose_connection_is_cut_stands_back(
    make: Make, database: Database, clock: MovableClock
) -> None:
    first: list[str] = []
    second: list[str] = []
    leader, other = make(noting(first, "prune")), make(noting(second, "prune"))
    leader.run_due()
    cut_the_leader(database)
    other.run_due()
    clock.move(HOUR)
    leader.run_due()
    leader.run_due()

    assert (first, second) == (["prune"], ["prune"])


def cut_the_leader(database: Database) -> None:
    with psycopg.connect(database.system_dsn, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE application_name = 'leader'"
        )


def test_work_that_fails_does_not_hold_back_the_others_and_is_tried_again_soon(
    make: Make, clock: MovableClock
) -> None:
    tried: list[str] = []

    def fail() -> None:
        tried.append("broken")
        raise ZeroDivisionError

    runner = make(PeriodicWork("broken", HOUR, fail), noting(tried, "fine"))
    runner.run_due()
    runner.run_due()
    clock.move(timedelta(minutes=1))
    runner.run_due()

    assert tried == ["broken", "fine", "broken"]


def test_what_was_missed_is_done_once(make: Make, clock: MovableClock) -> None:
    done: list[str] = []
    runner = make(noting(done, "prune"))
    runner.run_due()
    clock.move(100 * HOUR)
    runner.run_due()
    runner.run_due()

    assert done == ["prune", "prune"]


def test_a_database_that_is_away_makes_nobody_the_leader() -> None:
    leadership = Leadership("postgresql://nobody@127.0.0.1:1/none", 2)

    assert not leadership.is_held()


def test_two_works_of_one_name_are_a_mistake(database: Database, clock: MovableClock) -> None:
    with pytest.raises(ValueError, match="different names: prune, prune"):
        PeriodicRunner(database, [noting([], "prune"), noting([], "prune")], clock)


def test_it_runs_by_itself_until_it_is_stopped(make: Make) -> None:
    done: list[str] = []
    runner = make(noting(done, "prune"))
    runner.start()

    assert wait_until(lambda: done == ["prune"], 30)
    assert runner.is_healthy()
    runner.stop(5)
    assert not runner.is_healthy()
