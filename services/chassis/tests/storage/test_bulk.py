"""Many rows by one statement: what comes out is what went in, in its order, and in one's own tenant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from google.protobuf.wrappers_pb2 import StringValue

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import service_caller
from chassis.domain import Fact, Unpublished
from chassis.events.outbox import FactEncoder
from chassis.storage.bulk import MANY, BulkInsert
from chassis.storage.statements import json_text
from chassis.storage.tables import idempotency_keys, outbox
from chassis.storage.unit_of_work import Operations, UnitOfWork
from services.chassis.tests.ground import SERVICE, Ground

NASTY = (
    "",
    "NULL",
    'quo"te',
    "back\\slash",
    "{brace},",
    "line\nbreak\ttab",
    "王小明",
    "🦜",
    "\x1f",
)


class NoteWritten(Fact):
    """What the tests record."""

    def __init__(self, text: str) -> None:
        self.text = text


class NoteThought(Unpublished):
    """What stays inside."""


@pytest.fixture
def operations(ground: Ground) -> Operations[UnitOfWork]:
    encoder = FactEncoder({NoteWritten: lambda fact: StringValue(value=fact.text)})
    return Operations(
        ground.database, UnitOfWork, facts=encoder, clock=SystemClock(), ids=TimeOrderedIds()
    )


def row(text: str, place: int) -> dict[str, Any]:
    """A stored answer; its body is bytes that are no text."""
    return {
        "scope_hash": bytes([0, 255, place]),
        "body_hash": text.encode(),
        "status": place,
        "headers": json_text({"x": [text, None, 1.5]}),
        "body": b"",
        "created_at": datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC),
    }


def test_nasty_values_are_stored_as_they_are(operations: Operations[UnitOfWork]) -> None:
    tenant, bulk = uuid4(), BulkInsert.into(idempotency_keys)
    rows = [row(text, place) for place, text in enumerate(NASTY)]

    def work(tx: UnitOfWork) -> list[Any]:
        tx.write(bulk.statement, bulk.parameters(tenant, rows))
        everything = sa.select(idempotency_keys).where(idempotency_keys.c.tenant_id == tenant)
        return list(tx.connection.execute(everything.order_by(idempotency_keys.c.status)))

    found = operations.run(service_caller(SERVICE, tenant), work)
    assert [bytes(f.body_hash).decode() for f in found] == list(NASTY)
    assert [f.headers for f in found] == [{"x": [text, None, 1.5]} for text in NASTY]
    assert [bytes(f.scope_hash) for f in found] == [r["scope_hash"] for r in rows]
    assert {f.created_at for f in found} == {rows[0]["created_at"]}


def test_rows_of_another_tenant_cannot_be_added(operations: Operations[UnitOfWork]) -> None:
    bulk = BulkInsert.into(idempotency_keys)

    def work(tx: UnitOfWork) -> None:
        tx.write(bulk.statement, bulk.parameters(uuid4(), [row("x", 1)]))

    with pytest.raises(Exception, match="row-level security"):
        operations.run(service_caller(SERVICE, uuid4()), work)


def test_rows_that_are_there_are_left_alone_if_so_wanted(
    operations: Operations[UnitOfWork],
) -> None:
    tenant, bulk = uuid4(), BulkInsert.into(idempotency_keys, unless_there=True)

    def work(tx: UnitOfWork) -> int:
        tx.write(bulk.statement, bulk.parameters(tenant, [row("first", 1)]))
        tx.write(bulk.statement, bulk.parameters(tenant, [row("second", 1), row("new", 2)]))
        count = sa.select(sa.func.count()).where(idempotency_keys.c.tenant_id == tenant)
        return int(tx.connection.execute(count).scalar_one())

    assert operations.run(service_caller(SERVICE, tenant), work) == 2


@pytest.mark.parametrize("count", [MANY - 1, MANY * 3])
def test_facts_keep_their_order_however_many_they_are(
    operations: Operations[UnitOfWork], count: int
) -> None:
    tenant, about = uuid4(), uuid4()

    def work(tx: UnitOfWork) -> None:
        tx.bulk = True
        for number in range(count):
            tx.publish(NoteWritten(f"{number} 王\\"), about, number)
            tx.publish(NoteThought(), about, number)

    operations.run(service_caller(SERVICE, tenant), work)
    facts = operations.run(service_caller(SERVICE, tenant), lambda tx: _outbox(tx, tenant))
    assert [f.aggregate_version for f in facts] == list(range(count))
    assert [StringValue.FromString(bytes(f.payload)).value for f in facts] == [
        f"{number} 王\\" for number in range(count)
    ]
    assert {f.lane for f in facts} == {1}


def _outbox(tx: UnitOfWork, tenant: UUID) -> list[Any]:
    facts = sa.select(outbox).where(outbox.c.tenant_id == tenant).order_by(outbox.c.seq)
    return list(tx.connection.execute(facts))
