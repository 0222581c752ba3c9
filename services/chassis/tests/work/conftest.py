"""A database with the chassis' tables, a clock that is moved by hand, and a tenant of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.clock import MovableClock
from chassis.context import service_caller
from chassis.embedded.postgres import PostgresServer
from chassis.storage.database import Database
from chassis.storage.tables import jobs
from chassis.storage.unit_of_work import Operations, UnitOfWork
from chassis.work.job_runner import JobRunner
from chassis.work.jobs import JobHandler, start_job
from services.chassis.tests.ground import SERVICE, Ground, make_ground

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def ground(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("work") / "migrations"
    with make_ground(postgres, "ground_work", folder) as made:
        yield made


@pytest.fixture
def database(ground: Ground) -> Database:
    """The database, with no timers, jobs or notes of earlier tests: runners see all tenants."""
    empty = "TRUNCATE timers, jobs, notes, outbox, inbox, idempotency_keys, access_entries"
    owner = ground.settings.database_url.get_secret_value().replace("runtime", "owner")
    engine = sa.create_engine(owner.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(sa.text(empty))
    engine.dispose()
    return ground.database


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(BEGIN)


@pytest.fixture
def operations(ground: Ground, database: Database, clock: MovableClock) -> Operations[UnitOfWork]:
    assert database is ground.database
    return ground.operations(clock)


@pytest.fixture
def tenant() -> UUID:
    return uuid4()


Run = Callable[[Callable[[UnitOfWork], object]], object]


@pytest.fixture
def run(operations: Operations[UnitOfWork], tenant: UUID) -> Run:
    """Runs a piece of work for the tenant, in a transaction that commits."""

    def commit(work: Callable[[UnitOfWork], object]) -> object:
        return operations.run(service_caller(SERVICE, tenant), work)

    return commit


def write_note(tx: UnitOfWork, text: str) -> None:
    """What the tests' handlers do."""
    insert = sa.text("INSERT INTO notes VALUES (:tenant, :text)")
    tx.connection.execute(insert, {"tenant": tx.tenant_id, "text": text})


def notes(database: Database, tenant: UUID) -> list[str]:
    """What the handlers have done."""
    with database.tenant_transaction(tenant) as connection:
        return list(connection.execute(sa.text("SELECT text FROM notes ORDER BY 1")).scalars())


LEASE = timedelta(seconds=60)
MakeWorker = Callable[[JobHandler], JobRunner]
Begin = Callable[..., UUID]


@pytest.fixture
def make_worker(database: Database, clock: MovableClock) -> Iterator[MakeWorker]:
    """Workers of one thread; they are stopped when the test ends."""
    with ExitStack() as stack:

        def worker(handler: JobHandler) -> JobRunner:
            runner = JobRunner(database, SERVICE, {"count": handler}, clock, threads=1, lease=LEASE)
            stack.callback(runner.stop, 5)
            return runner

        yield worker


@pytest.fixture
def begin(run: Run) -> Begin:
    def start(**arguments: Any) -> UUID:
        job_id = run(lambda tx: start_job(tx, "count", arguments))
        assert isinstance(job_id, UUID)
        return job_id

    return start


def row_of(database: Database, tenant: UUID, job_id: UUID) -> sa.Row[Any]:
    with database.tenant_transaction(tenant) as connection:
        return connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).one()
