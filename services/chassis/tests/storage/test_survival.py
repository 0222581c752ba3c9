"""Connections die, transactions collide: the work goes on or is refused in so many words."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from chassis.clock import SystemClock
from chassis.context import service_caller
from chassis.domain import Unavailable
from chassis.embedded.postgres import PostgresServer
from chassis.storage.database import forbid_network_in_transaction
from chassis.storage.scope import EVERYTHING
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork

from ..ground import Ground, make_ground

INSERT = Statement("INSERT INTO notes (tenant_id, text) VALUES (%(tenant_id)s, %(text)s)")
READ = Statement("SELECT text FROM notes ORDER BY text")


def note(tx: UnitOfWork, text: str) -> None:
    """The operation of these tests."""
    tx.write(INSERT, {"tenant_id": tx.tenant_id, "text": text})


def notes(reading: Reading) -> list[str]:
    """The query of these tests."""
    return [row["text"] for row in reading.fetch_all(READ, {})]


def run(ground: Ground, tenant: UUID, text: str) -> None:
    ground.operations(SystemClock()).run(service_caller("ground", tenant), note, text)


def listed(ground: Ground, tenant: UUID) -> list[str]:
    caller = service_caller("ground", tenant)
    return ground.operations(SystemClock()).read(caller, EVERYTHING, notes)


def kill_connections(server: PostgresServer, database: str) -> int:
    """Have the server end all connections to a database, as an administrator would."""
    with psycopg.connect(server.admin_dsn(), autocommit=True) as connection:
        ended = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s",
            [database],
        ).fetchone()
    assert ended is not None
    return int(ended[0])


def test_killed_connections_are_replaced_without_an_error(
    ground: Ground, postgres: PostgresServer
) -> None:
    tenant = uuid4()
    run(ground, tenant, "before")
    assert kill_connections(postgres, "storage_tests") > 0
    run(ground, tenant, "between")
    assert kill_connections(postgres, "storage_tests") > 0
    assert listed(ground, tenant) == ["before", "between"]


def test_a_database_that_is_away_is_said_to_be_and_is_back_by_itself(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "server", 0, "a-password-of-the-test", throwaway=True)
    server.start()
    try:
        with make_ground(server, "outage", tmp_path / "migrations") as ground:
            tenant = uuid4()
            run(ground, tenant, "before")
            server.stop()
            assert not ground.database.is_reachable()
            with pytest.raises(Unavailable):
                run(ground, tenant, "lost")
            with pytest.raises(Unavailable):
                listed(ground, tenant)
            server.start()
            assert ground.database.is_reachable()
            run(ground, tenant, "after")
            assert listed(ground, tenant) == ["after", "before"]
    finally:
        server.kill()


def test_work_that_fails_leaves_nothing_behind(ground: Ground) -> None:
    tenant = uuid4()

    def half(tx: UnitOfWork) -> None:
        note(tx, "half")
        tx.fetch_all(READ, {})  # sends what was written
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ground.operations(SystemClock()).run(service_caller("ground", tenant), half)
    assert listed(ground, tenant) == []


def test_transactions_that_lock_each_other_out_are_tried_again(ground: Ground) -> None:
    """Two take two locks in opposite orders: PostgreSQL ends one, and it succeeds on its own."""
    tenant, barrier, attempts = uuid4(), threading.Barrier(2, timeout=10), []
    met = threading.Event()

    def cross(first: int, second: int) -> None:
        def work(tx: UnitOfWork) -> None:
            attempts.append(first)
            tx.connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": first})
            if not met.is_set():
                barrier.wait()
                met.set()
            tx.connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": second})
            note(tx, str(first))

        ground.operations(SystemClock()).run(service_caller("ground", tenant), work)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(cross, 71, 72), pool.submit(cross, 72, 71)]:
            done.result(30)
    assert listed(ground, tenant) == ["71", "72"]
    assert len(attempts) == 3


def test_what_was_written_is_seen_by_the_next_read_of_the_same_work(ground: Ground) -> None:
    def work(tx: UnitOfWork) -> list[str]:
        note(tx, "a")
        note(tx, "b")
        return [row["text"] for row in tx.fetch_all(READ, {})]

    seen = ground.operations(SystemClock()).run(service_caller("ground", uuid4()), work)
    assert seen == ["a", "b"]


def test_the_network_is_out_of_bounds_inside_a_transaction(ground: Ground) -> None:
    with (
        ground.database.tenant_transaction(uuid4()),
        pytest.raises(RuntimeError, match="inside a database transaction"),
    ):
        forbid_network_in_transaction("a call")
    forbid_network_in_transaction("a call")


def test_a_statement_that_takes_too_long_is_cut_off_and_the_connection_lives_on(
    ground: Ground,
) -> None:
    tenant = uuid4()

    def slow(tx: UnitOfWork) -> None:
        tx.connection.execute(sa.text("SET LOCAL statement_timeout = '50ms'"))
        tx.connection.execute(sa.text("SELECT pg_sleep(5)"))

    with pytest.raises(Unavailable) as caught:
        ground.operations(SystemClock()).run(service_caller("ground", tenant), slow)
    assert caught.value.code == "database_busy"
    run(ground, tenant, "after")
    assert listed(ground, tenant) == ["after"]


def test_inserts_that_are_sent_as_one_each_keep_their_own_values(ground: Ground) -> None:
    tenant = uuid4()

    def work(tx: UnitOfWork) -> None:
        for text in ("a", "b", "c%(tenant_id)s"):
            note(tx, text)

    ground.operations(SystemClock()).run(service_caller("ground", tenant), work)
    assert listed(ground, tenant) == ["a", "b", "c%(tenant_id)s"]


def test_a_read_that_fails_spoils_no_later_one(ground: Ground) -> None:
    """What the driver prepared in a pipeline that broke off is not there; nobody may rely on it."""
    tenant = uuid4()
    wrong = Statement("SELECT text::int AS number FROM notes")
    run(ground, tenant, "not a number")
    for _ in range(40):  # often enough that statements are prepared, on every connection
        with (
            pytest.raises(psycopg.errors.InvalidTextRepresentation),
            ground.database.tenant_reading(tenant) as session,
        ):
            session.fetch(wrong.sql, {})
        assert listed(ground, tenant) == ["not a number"]
