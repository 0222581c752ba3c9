"""The database itself keeps tenants apart."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.storage.database import Database
from chassis.storage.statements import Statement
from chassis.storage.tables import outbox

from ..ground import Ground

NOTES = sa.table("notes", sa.column("tenant_id", sa.Uuid()), sa.column("text", sa.Text()))
ALL_NOTES = Statement("SELECT text FROM notes ORDER BY text")


def write(database: Database, tenant: UUID, text: str, as_tenant: UUID | None = None) -> None:
    """Write a note of `as_tenant` in a transaction of `tenant`."""
    with database.tenant_transaction(tenant) as connection:
        connection.execute(sa.insert(NOTES), {"tenant_id": as_tenant or tenant, "text": text})


def read(database: Database, tenant: UUID) -> list[str]:
    """All the notes that a transaction of this tenant sees."""
    with database.tenant_transaction(tenant, read_only=True) as connection:
        return list(connection.execute(sa.select(NOTES.c.text).order_by(NOTES.c.text)).scalars())


def test_a_tenant_sees_just_its_own_rows_without_asking_for_them(ground: Ground) -> None:
    one, other = uuid4(), uuid4()
    write(ground.database, one, "mine")
    write(ground.database, other, "theirs")
    assert read(ground.database, one) == ["mine"]
    with ground.database.tenant_reading(one) as session:
        assert session.fetch(ALL_NOTES.sql, {}) == [{"text": "mine"}]


def test_a_row_of_another_tenant_cannot_be_written(ground: Ground) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
        write(ground.database, uuid4(), "slipped in", as_tenant=uuid4())


def test_rows_of_another_tenant_cannot_be_changed_or_deleted(ground: Ground) -> None:
    one, other = uuid4(), uuid4()
    write(ground.database, one, "mine")
    with ground.database.tenant_transaction(other) as connection:
        assert connection.execute(sa.update(NOTES).values(text="changed")).rowcount == 0
        assert connection.execute(sa.delete(NOTES)).rowcount == 0
    assert read(ground.database, one) == ["mine"]


def test_the_tenant_does_not_stay_on_a_connection_that_is_used_again(ground: Ground) -> None:
    tenant = uuid4()
    write(ground.database, tenant, "mine")
    for _ in range(20):  # more often than there are connections
        with ground.database.runtime.connect() as connection:
            rows = connection.execute(sa.select(NOTES.c.text)).all()
        assert rows == []
        with ground.database.tenant_reading(tenant) as session:
            session.fetch(ALL_NOTES.sql, {})


def test_work_without_a_tenant_is_refused(ground: Ground) -> None:
    with (
        pytest.raises(RuntimeError, match="needs a tenant"),
        ground.database.tenant_transaction(None),
    ):
        pytest.fail("the block must not run")


def test_the_runtime_login_owns_nothing_and_cannot_change_facts(ground: Ground) -> None:
    with ground.database.tenant_transaction(uuid4()) as connection:
        owned = connection.execute(
            sa.text("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
        ).scalar_one()
        bypasses = connection.execute(
            sa.text("SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user")
        ).scalar_one()
    assert (owned, bypasses) == (0, False)
    for change in (sa.delete(outbox), sa.update(outbox).values(type="forged")):
        with (
            pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
            ground.database.tenant_transaction(uuid4()) as connection,
        ):
            connection.execute(change)


def test_the_system_login_reaches_only_the_tables_opened_to_it(ground: Ground) -> None:
    with ground.database.system_transaction() as connection:
        connection.execute(sa.select(outbox).limit(1))
    with (
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        ground.database.system_transaction() as connection,
    ):
        connection.execute(sa.select(NOTES))


def test_every_table_with_a_tenant_is_protected_and_leads_its_key_with_it(ground: Ground) -> None:
    with ground.database.tenant_transaction(uuid4()) as connection:
        unprotected = connection.execute(
            sa.text(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                " WHERE a.attname = 'tenant_id' AND c.relkind = 'r' AND NOT c.relrowsecurity"
            )
        ).scalars()
        assert list(unprotected) == []
