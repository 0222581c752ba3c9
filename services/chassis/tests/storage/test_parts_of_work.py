"""Parts of a unit of work that fail alone, work that is done again, connections that stay usable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from google.protobuf.wrappers_pb2 import StringValue

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import Caller, service_caller
from chassis.domain import Conflict, Fact, Invalid
from chassis.embedded.postgres import PostgresServer
from chassis.events.outbox import FactEncoder
from chassis.storage.scope import EVERYTHING
from chassis.storage.statements import Statement
from chassis.storage.tables import outbox
from chassis.storage.unit_of_work import Operations, Reading, UnitOfWork
from services.chassis.tests.ground import Ground, make_ground

ADD = Statement("INSERT INTO labels (tenant_id, text) VALUES (%(tenant)s, %(text)s)")
PUT = Statement(
    f"{ADD.sql} ON CONFLICT (tenant_id, text) DO UPDATE SET text = excluded.text"  # our own
)
RENAME = Statement("UPDATE labels SET text = %(text)s WHERE tenant_id = %(tenant)s AND text = 'x'")

COUNT = Statement(
    "UPDATE labels SET text = (%(text)s::text::integer)::text WHERE tenant_id = %(tenant)s"
)


@dataclass(frozen=True, slots=True)
class Labelled(Fact):
    """A label was added."""

    text: str


@pytest.fixture(scope="module")
def ground(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("parts") / "migrations"
    with make_ground(postgres, "ground_parts", folder) as made:
        with psycopg.connect(postgres.admin_dsn("ground_parts")) as admin:
            admin.execute(
                "CREATE TABLE labels (tenant_id uuid NOT NULL, text text NOT NULL,"
                " CONSTRAINT labels_unique UNIQUE (tenant_id, text));"
                'GRANT SELECT, INSERT, UPDATE ON labels TO "ground_runtime"'
            )
        yield made


@pytest.fixture
def operations(ground: Ground) -> Operations[UnitOfWork]:
    return Operations(
        ground.database,
        UnitOfWork,
        facts=FactEncoder({Labelled: lambda fact: StringValue(value=fact.text)}),
        clock=SystemClock(),
        ids=TimeOrderedIds(),
        conflicts={"labels_unique": Conflict("There is this label.", code="label_taken")},
    )


@pytest.fixture
def caller() -> Caller:
    return service_caller("ground", uuid4())


def add(tx: UnitOfWork, text: str) -> None:
    tx.write(ADD, {"tenant": tx.tenant_id, "text": text})
    tx.publish(Labelled(text), UUID(int=1))


def labels(reading: Reading | UnitOfWork) -> list[str]:
    found = sa.text("SELECT text FROM labels WHERE tenant_id = :tenant ORDER BY 1")
    about = {"tenant": reading.caller.tenant_id}
    return list(reading.connection.execute(found, about).scalars())


def published(reading: Reading) -> list[str]:
    statement = (
        sa.select(outbox.c.payload)
        .where(outbox.c.tenant_id == reading.caller.tenant_id)
        .order_by(outbox.c.seq)
    )
    rows = reading.connection.execute(statement).scalars()
    return [StringValue.FromString(payload).value for payload in rows]


def everything(operations: Operations[UnitOfWork], caller: Caller) -> tuple[list[str], list[str]]:

    return (
        operations.read(caller, EVERYTHING, labels),
        operations.read(caller, EVERYTHING, published),
    )


def test_rows_for_one_table_are_added_by_few_statements(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    def work(tx: UnitOfWork) -> None:
        for number in range(165):
            tx.write(ADD, {"tenant": tx.tenant_id, "text": f"{number:03}"})

    def commands(reading: Reading) -> int:
        # PostgreSQL notes with each row which command of its transaction has added it.
        counted = sa.text("SELECT count(DISTINCT cmin::text) FROM labels WHERE tenant_id = :tenant")
        about = {"tenant": reading.caller.tenant_id}
        return int(reading.connection.execute(counted, about).scalar_one())

    operations.run(caller, work)
    assert operations.read(caller, EVERYTHING, labels) == [f"{number:03}" for number in range(165)]
    assert operations.read(caller, EVERYTHING, commands) == len((64, 64, 32, 4, 1))


def test_rows_that_may_meet_their_like_are_added_one_by_one(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    def work(tx: UnitOfWork) -> None:
        for _ in range(5):
            tx.write(PUT, {"tenant": tx.tenant_id, "text": "same"})

    operations.run(caller, work)
    assert operations.read(caller, EVERYTHING, labels) == ["same"]


def test_writes_of_all_kinds_are_done_in_their_order(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    def work(tx: UnitOfWork) -> None:
        add(tx, "x")
        tx.write(RENAME, {"tenant": tx.tenant_id, "text": "y"}, guarded=True)
        add(tx, "x")

    operations.run(caller, work)
    assert everything(operations, caller) == (["x", "y"], ["x", "x"])


def test_a_guarded_write_that_touches_nothing_has_all_done_again_and_leaves_nothing(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    attempts: list[int] = []

    def work(tx: UnitOfWork) -> None:
        attempts.append(1)
        if len(attempts) == 3:  # by then there is one
            add(tx, "x")
        add(tx, "a")
        tx.write(RENAME, {"tenant": tx.tenant_id, "text": "z"}, guarded=True)
        add(tx, "b")

    operations.run(caller, work)
    assert len(attempts) == 3
    assert everything(operations, caller)[0] == ["a", "b", "z"]


def test_what_is_no_number_is_not_taken_for_a_guard(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    def work(tx: UnitOfWork) -> None:
        add(tx, "x")
        tx.write(COUNT, {"tenant": tx.tenant_id, "text": "many"})

    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        operations.run(caller, work)
    assert everything(operations, caller) == ([], [])


def test_a_part_that_fails_undoes_itself_alone_with_its_facts(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    def refused(tx: UnitOfWork) -> None:
        add(tx, "refused")
        assert "refused" in labels(tx)
        raise Invalid("No.")

    def work(tx: UnitOfWork) -> None:
        add(tx, "before")
        with pytest.raises(Invalid):
            tx.apart(lambda: refused(tx))
        tx.apart(lambda: add(tx, "inside"))
        add(tx, "zafter")

    operations.run(caller, work)
    assert everything(operations, caller) == (
        ["before", "inside", "zafter"],
        ["before", "inside", "zafter"],
    )


def test_a_broken_constraint_refuses_its_part_by_name(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    def work(tx: UnitOfWork) -> str:
        add(tx, "a")
        with pytest.raises(Conflict) as refusal:
            tx.apart(lambda: add(tx, "a"))
        tx.apart(lambda: add(tx, "b"))
        return refusal.value.code

    assert operations.run(caller, work) == "label_taken"
    assert everything(operations, caller) == (["a", "b"], ["a", "b"])


def overtaken(operations: Operations[UnitOfWork], caller: Caller) -> Callable[[UnitOfWork], bool]:
    """Adds a label unless there is one; the first time, somebody else adds it after the look."""
    attempts: list[int] = []

    def upsert(tx: UnitOfWork) -> bool:
        known = "same" in labels(tx)
        attempts.append(1)
        if len(attempts) == 1:
            operations.run(caller, add, "same")
        if not known:
            add(tx, "same")
            tx.finish()
        return known

    return upsert


def test_work_is_done_again_when_somebody_else_was_faster(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    upsert = overtaken(operations, caller)

    def work(tx: UnitOfWork) -> bool:
        tx.try_again_on("labels_unique")
        return upsert(tx)

    assert operations.run(caller, work) is True
    assert everything(operations, caller) == (["same"], ["same"])


def test_a_part_is_done_again_without_the_rest(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    upsert = overtaken(operations, caller)
    begun: list[int] = []

    def work(tx: UnitOfWork) -> bool:
        begun.append(1)
        tx.try_again_on("labels_unique")
        add(tx, "before")
        return tx.apart(lambda: upsert(tx))

    assert operations.run(caller, work) is True
    assert len(begun) == 1
    assert everything(operations, caller)[0] == ["before", "same"]


def test_trying_again_ends_with_the_named_conflict(
    operations: Operations[UnitOfWork], caller: Caller
) -> None:
    operations.run(caller, add, "same")

    def work(tx: UnitOfWork) -> None:
        tx.try_again_on("labels_unique")
        add(tx, "same")

    with pytest.raises(Conflict) as refusal:
        operations.run(caller, work)
    assert refusal.value.code == "label_taken"


def test_a_connection_is_usable_after_a_pipeline_that_broke_off(
    ground: Ground, operations: Operations[UnitOfWork], caller: Caller
) -> None:
    """The driver counts what it sends; what it only believes to be prepared must be forgotten."""

    def rename(tx: UnitOfWork) -> None:
        tx.write(RENAME, {"tenant": tx.tenant_id, "text": "y"})

    def broken(tx: UnitOfWork) -> None:
        add(tx, "same")
        rename(tx)

    ground.database.close()  # so that there is one connection from now on, used by all
    operations.run(caller, add, "same")
    for _ in range(12):
        with pytest.raises(Conflict):
            operations.run(caller, broken)
        operations.run(caller, rename)
    assert everything(operations, caller)[0] == ["same"]
