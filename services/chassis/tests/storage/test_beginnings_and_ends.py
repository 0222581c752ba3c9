"""A unit of work begins with its first statement and commits with its last, and loses nothing by that."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy.pool import QueuePool

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import service_caller
from chassis.domain import Conflict
from chassis.embedded.postgres import PostgresServer
from chassis.events.outbox import FactEncoder
from chassis.storage.scope import EVERYTHING
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations, Reading, UnitOfWork
from chassis.testing.waiting import eventually

from ..ground import Ground

INSERT = Statement("INSERT INTO notes (tenant_id, text) VALUES (%(tenant_id)s, %(text)s)")
DIVIDE = Statement(
    "INSERT INTO notes (tenant_id, text) SELECT %(tenant_id)s, (1 / %(by)s::int)::text"
)
READ = Statement("SELECT text FROM notes WHERE text <> %(but)s ORDER BY text")
PAIR = Statement("INSERT INTO pairs (tenant_id, id, other) VALUES (%(tenant_id)s, 1, %(other)s)")

ONE_PAIR = Statement(f"{PAIR.sql} ON CONFLICT (tenant_id, id) DO NOTHING")
AWAITED = Statement(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
    " AND transactionid = pg_current_xact_id()::xid) AS awaited"
)


def note(tx: UnitOfWork, text: str) -> None:
    tx.write(INSERT, {"tenant_id": tx.tenant_id, "text": text})


def divide(tx: UnitOfWork, by: int) -> None:
    tx.write(DIVIDE, {"tenant_id": tx.tenant_id, "by": by})


def notes(reading: Reading | UnitOfWork) -> list[str]:
    return [row["text"] for row in reading.fetch_all(READ, {"but": "it's"})]


def listed(ground: Ground, tenant: UUID) -> list[str]:
    caller = service_caller("ground", tenant)
    return ground.operations(SystemClock()).read(caller, EVERYTHING, notes)


def taken(ground: Ground) -> int:
    pool = ground.database.runtime.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def test_work_takes_a_connection_when_it_first_asks_for_something(ground: Ground) -> None:
    def work(tx: UnitOfWork) -> list[int]:
        before = taken(ground)
        tx.fetch_all(READ, {"but": ""})
        return [before, taken(ground)]

    caller = service_caller("ground", uuid4())
    assert ground.operations(SystemClock()).run(caller, work) == [0, 1]
    assert taken(ground) == 0


def test_what_is_read_first_is_one_transaction_with_what_is_written_then(ground: Ground) -> None:
    tenant = uuid4()

    def work(tx: UnitOfWork) -> tuple[list[str], list[str]]:
        before = notes(tx)
        note(tx, "a")
        note(tx, "it's \\ not shown")
        seen = notes(tx)
        note(tx, "b")
        assert listed(ground, tenant) == []
        return before, seen

    seen = ground.operations(SystemClock()).run(service_caller("ground", tenant), work)
    assert seen == ([], ["a", "it's \\ not shown"])
    assert listed(ground, tenant) == ["a", "b", "it's \\ not shown"]


def test_work_that_reads_first_goes_on_when_its_connection_has_died(
    ground: Ground, postgres: PostgresServer
) -> None:
    tenant = uuid4()

    def work(tx: UnitOfWork) -> None:
        note(tx, f"after {notes(tx)}")

    run = ground.operations(SystemClock()).run
    run(service_caller("ground", tenant), work)
    with psycopg.connect(postgres.admin_dsn(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'storage_tests'"
        )
    run(service_caller("ground", tenant), work)
    assert listed(ground, tenant) == ["after ['after []']", "after []"]


@pytest.mark.parametrize("others", [0, 1])
def test_what_fails_with_the_last_statement_leaves_nothing_behind(
    ground: Ground, others: int
) -> None:
    tenant = uuid4()

    def work(tx: UnitOfWork, by: int) -> None:
        for number in range(others):
            note(tx, str(number + 1))
        divide(tx, by)

    run = ground.operations(SystemClock()).run
    for _ in range(8):  # on every connection, and with statements that are prepared by then
        with pytest.raises(psycopg.errors.DivisionByZero):
            run(service_caller("ground", tenant), work, 0)
        assert listed(ground, tenant) == []
    for _ in range(3):
        run(service_caller("ground", tenant), work, 1)
    assert listed(ground, tenant) == ["1"] * 3 * (others + 1)
    assert taken(ground) == 0


@pytest.mark.parametrize("others", [0, 1])
def test_an_insert_that_has_to_touch_a_row_and_does_not_leaves_nothing_behind(
    ground: Ground, others: int
) -> None:
    tenant = uuid4()

    def work(tx: UnitOfWork, other: int) -> None:
        for number in range(others):
            note(tx, str(number + 1))
        tx.write(ONE_PAIR, {"tenant_id": tx.tenant_id, "other": other}, guarded=True)

    run = ground.operations(SystemClock()).run
    run(service_caller("ground", tenant), work, 1)
    for _ in range(2):
        with pytest.raises(Conflict):
            run(service_caller("ground", tenant), work, 1)
    assert listed(ground, tenant) == ["1"] * others


def test_other_threads_go_on_while_a_last_statement_waits_for_a_row(ground: Ground) -> None:
    tenant = uuid4()
    caller, run = service_caller("ground", tenant), ground.operations(SystemClock()).run
    waits, has_waited = threading.Event(), threading.Event()

    def holder(tx: UnitOfWork) -> None:
        tx.write(PAIR, {"tenant_id": tx.tenant_id, "other": 1})
        tx.finish()
        waits.set()
        # Nobody would come here again if the one who waits for the row held the interpreter.
        assert eventually(lambda: is_awaited(tx), 30)
        has_waited.set()

    def late(tx: UnitOfWork) -> None:
        waits.wait(30)
        tx.write(ONE_PAIR, {"tenant_id": tx.tenant_id, "other": 1})

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(run, caller, work) for work in (holder, late)]
        for one in both:
            one.result(60)
    assert has_waited.is_set()


def is_awaited(tx: UnitOfWork) -> bool:
    """Whether somebody waits for what this work has written."""
    (row,) = tx.fetch_all(AWAITED, {})
    return bool(row["awaited"])


def test_a_constraint_that_is_checked_at_the_commit_means_what_it_is_listed_as(
    ground: Ground,
) -> None:
    known = Conflict("The other one is not there.", code="other_missing")
    operations = Operations(
        ground.database,
        UnitOfWork,
        facts=FactEncoder({}),
        clock=SystemClock(),
        ids=TimeOrderedIds(),
        conflicts={"pairs_other": known},
    )

    def work(tx: UnitOfWork, other: int) -> None:
        tx.write(PAIR, {"tenant_id": tx.tenant_id, "other": other})

    caller = service_caller("ground", uuid4())
    with pytest.raises(Conflict) as caught:
        operations.run(caller, work, 2)
    assert caught.value is known
    operations.run(caller, work, 1)


def test_without_a_tenant_no_work_is_begun(ground: Ground) -> None:
    nobody = replace(service_caller("ground", uuid4()), tenant_id=None)
    with pytest.raises(RuntimeError, match="needs a tenant"):
        ground.operations(SystemClock()).run(nobody, note, "a")
