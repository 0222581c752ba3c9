"""A reading gives its connection back as it found it, however it was used."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from chassis.storage.database import Database, TenantReading

from ..ground import Ground


def fetch(session: TenantReading) -> None:
    session.fetch("SELECT 1", {})


def connect(session: TenantReading) -> None:
    session.connection.execute(sa.text("SELECT 1"))


@pytest.mark.parametrize("steps", [[fetch], [connect], [fetch, fetch, connect], [connect, fetch]])
def test_the_connection_is_back_and_writes_follow_on_it(
    ground: Ground, steps: list[Callable[[TenantReading], None]]
) -> None:
    tenant = uuid4()
    with ground.database.tenant_reading(tenant) as session:
        for step in steps:
            step(session)
        assert taken(ground.database) == 1
    assert taken(ground.database) == 0
    for number in range(20):  # more often than there are connections
        write(ground.database, tenant, f"note {number}")


def test_the_connection_is_back_after_a_reading_that_failed(ground: Ground) -> None:
    def fail() -> None:
        with ground.database.tenant_reading(uuid4()) as session:
            fetch(session)
            session.connection.execute(sa.text("SELECT nothing"))

    with pytest.raises(sa.exc.ProgrammingError):
        fail()
    assert taken(ground.database) == 0


def taken(database: Database) -> int:
    """How many connections are in use."""
    pool = database.runtime.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def write(database: Database, tenant: UUID, text: str) -> None:
    with database.tenant_transaction(tenant) as connection:
        connection.execute(
            sa.text("INSERT INTO notes (tenant_id, text) VALUES (:tenant, :text)"),
            {"tenant": tenant, "text": text},
        )
