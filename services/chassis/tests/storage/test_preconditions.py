"""A version that a caller was promised to count is looked at, or else nothing is committed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from google.protobuf.wrappers_pb2 import StringValue
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import Caller, service_caller
from chassis.domain import Aggregate, Fact, PreconditionFailed
from chassis.embedded.postgres import PostgresServer
from chassis.events.outbox import FactEncoder
from chassis.storage.preconditions import Precondition, VersionNotChecked
from chassis.storage.repository import Repository
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations, Reading, UnitOfWork
from services.chassis.tests.ground import Ground, make_ground

_uuid = PgUUID(as_uuid=True)


@dataclass(frozen=True, slots=True)
class Named(Fact):
    """A book has another name."""

    name: str


@dataclass(kw_only=True)
class Book(Aggregate):
    """Something with a version."""

    name: str

    def rename(self, name: str) -> None:
        """Have it called something else."""
        self.name = name
        self.record(Named(name))


class Books(Repository[Book]):
    """Books for a change."""

    table = sa.Table(
        "books",
        sa.MetaData(),
        sa.Column("tenant_id", _uuid, primary_key=True),
        sa.Column("id", _uuid, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
    )
    kind = "book"

    def _aggregate(self, row: sa.RowMapping) -> Book:
        return Book(id=row["id"], version=row["version"], name=row["name"])

    def _row(self, aggregate: Book) -> dict[str, Any]:
        return {"name": aggregate.name}


@pytest.fixture(scope="module")
def ground(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("preconditions") / "migrations"
    with make_ground(postgres, "ground_preconditions", folder) as made:
        with psycopg.connect(postgres.admin_dsn("ground_preconditions")) as admin:
            admin.execute(
                "CREATE TABLE books (tenant_id uuid NOT NULL, id uuid NOT NULL,"
                " version bigint NOT NULL, name text NOT NULL, PRIMARY KEY (tenant_id, id));"
                'GRANT SELECT, INSERT, UPDATE ON books TO "ground_runtime"'
            )
        yield made


@pytest.fixture
def operations(ground: Ground) -> Operations[UnitOfWork]:
    return Operations(
        ground.database,
        UnitOfWork,
        facts=FactEncoder({Named: lambda fact: StringValue(value=fact.name)}),
        clock=SystemClock(),
        ids=TimeOrderedIds(),
    )


@pytest.fixture
def caller() -> Caller:
    return service_caller("ground", uuid4())


@pytest.fixture
def book_id(operations: Operations[UnitOfWork], caller: Caller) -> UUID:
    """A book at version 1."""

    def enter(tx: UnitOfWork) -> UUID:
        book = Book(id=tx.ids.new(), name="")
        book.rename("before")
        Books(tx).add(book)
        return book.id

    return operations.run(caller, enter)


def given(expected: Precondition, work: Callable[[UnitOfWork], None], tx: UnitOfWork) -> None:
    """Work for a caller who has named a version."""
    tx.precondition = expected
    work(tx)


def forgetful(book_id: UUID, tx: UnitOfWork) -> None:
    """Changes the book by way of a name that is no id, and asks nothing about its version."""
    Books(tx).get(book_id).rename("after")


def careful(book_id: UUID, tx: UnitOfWork) -> None:
    """The same, with a look at the version that was named."""
    book = Books(tx).get(book_id)
    tx.require_version(book)
    book.rename("after")


def names(reading: Reading) -> list[str]:
    found = sa.select(Books.table.c.name).where(Books.table.c.tenant_id == reading.caller.tenant_id)
    return list(reading.connection.execute(found).scalars())


def test_nothing_is_committed_when_the_named_version_was_forgotten(
    operations: Operations[UnitOfWork], caller: Caller, book_id: UUID
) -> None:
    for about in (None, uuid4()):
        expected = Precondition(about, 1, promised=True)
        with pytest.raises(VersionNotChecked, match="If-Match"):
            operations.run(caller, partial(given, expected, partial(forgetful, book_id)))
    assert operations.read(caller, EVERYTHING, names) == ["before"]


def test_a_look_at_the_version_is_enough(
    operations: Operations[UnitOfWork], caller: Caller, book_id: UUID
) -> None:
    expected = Precondition(None, 1, promised=True)
    operations.run(caller, partial(given, expected, partial(careful, book_id)))
    assert operations.read(caller, EVERYTHING, names) == ["after"]
    with pytest.raises(PreconditionFailed, match="at version 2, not 1"):
        operations.run(caller, partial(given, expected, partial(careful, book_id)))


def test_so_is_the_repository_that_finds_the_record_by_the_named_id(
    operations: Operations[UnitOfWork], caller: Caller, book_id: UUID
) -> None:
    expected = Precondition(book_id, 1, promised=True)
    operations.run(caller, partial(given, expected, partial(forgetful, book_id)))
    with pytest.raises(PreconditionFailed, match="The book is at version 2, not 1"):
        operations.run(caller, partial(given, expected, partial(forgetful, book_id)))


def test_a_route_that_promises_nothing_may_pass_a_version_over(
    operations: Operations[UnitOfWork], caller: Caller, book_id: UUID
) -> None:
    expected = Precondition(uuid4(), 7)
    operations.run(caller, partial(given, expected, partial(forgetful, book_id)))
    assert operations.read(caller, EVERYTHING, names) == ["after"]
