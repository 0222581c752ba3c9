"""What goes straight to libpq is converted, prepared, refused and rolled back as psycopg would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from chassis.storage.database import Database
from chassis.storage.driver import Driver

from ..ground import Ground

INSERT = "INSERT INTO notes (tenant_id, text) VALUES (%(tenant)s, %(text)s)"


@pytest.fixture
def tenant() -> UUID:
    """A tenant of the test's own."""
    return uuid4()


@pytest.fixture
def driver(ground: Ground, tenant: UUID) -> Iterator[Driver]:
    """The driver of a connection within a transaction of the tenant."""
    with ground.database.tenant_transaction(tenant) as connection:
        yield Driver.of(connection)


def prepared(driver: Driver) -> list[str]:
    rows = driver.raw.execute("SELECT statement FROM pg_prepared_statements", prepare=False)
    return [row[0] for row in rows]


def test_values_come_back_as_what_they_are(driver: Driver) -> None:
    values = {
        "number": 2**40,
        "text": "王小明's “quotes” \\ and\nlines",
        "at": datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        "id": uuid4(),
        "yes": True,
        "none": None,
        "data": b"\x00\xff",
        "several": ["a", "b, c", '"'],
    }
    sql = "SELECT " + ", ".join(f"%({name})s AS {name}" for name in values)
    for name, kind in {"none": "text", "text": "text", "several": "text[]"}.items():
        sql = sql.replace(f"%({name})s", f"%({name})s::{kind}")

    assert [driver.fetch(sql, values) for _ in range(3)] == [[values]] * 3
    assert driver.fetch_after(b"SELECT 1", sql, values) == [values]


def test_a_parameter_may_be_named_twice_and_a_percent_sign_stands_for_itself(
    driver: Driver,
) -> None:
    sql = "SELECT 7 %% 4 AS rest, %(word)s || %(word)s AS twice"

    assert driver.fetch(sql, {"word": "ha"}) == [{"rest": 3, "twice": "haha"}]


@pytest.mark.parametrize("text", ["'); DROP TABLE notes; --", "\\'; SELECT 1; --", "$$; --"])
def test_no_value_becomes_a_statement(driver: Driver, text: str) -> None:
    sql = "SELECT %(text)s::text AS text"

    assert driver.fetch_after(b"SELECT 1", sql, {"text": text}) == [{"text": text}]


def test_what_runs_twice_is_prepared_for_each_kind_of_its_values(driver: Driver) -> None:
    sql = "SELECT %(value)s IS NULL AS once"
    driver.fetch(sql, {"value": 1})
    assert not any("once" in statement for statement in prepared(driver))
    driver.fetch(sql, {"value": 2})
    driver.fetch(sql, {"value": uuid4()})
    driver.fetch(sql, {"value": uuid4()})

    assert sum("once" in statement for statement in prepared(driver)) == 2


def test_only_the_statements_used_last_are_kept(ground: Ground) -> None:
    with psycopg.connect(ground.settings.database_url.get_secret_value(), autocommit=True) as raw:
        driver = Driver(raw, kept=3)
        for number in range(6):
            for _ in range(2):
                driver.fetch(f"SELECT {number} AS kept", {})

        assert sum("kept" in statement for statement in prepared(driver)) == 3
        assert driver.fetch("SELECT 0 AS kept", {}) == [{"kept": 0}]


def test_rows_touched_are_counted(driver: Driver, tenant: UUID) -> None:
    about = {"tenant": tenant, "text": "one"}

    assert driver.write(INSERT, about) == 1
    assert driver.write("UPDATE notes SET text = 'x' WHERE text = 'nobody'", {}) == 0


def test_an_error_has_its_state_and_names_its_constraint(driver: Driver, tenant: UUID) -> None:
    receive = (
        "INSERT INTO inbox (consumer, event_id, tenant_id, received_at)"
        " VALUES ('shop', %(tenant)s, %(tenant)s, now())"
    )
    driver.write(receive, {"tenant": tenant})

    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        driver.write(receive, {"tenant": tenant})

    assert caught.value.sqlstate == "23505"
    assert caught.value.diag.constraint_name == "inbox_pkey"
    assert driver.has_failed
    driver.roll_back()


def test_after_a_failure_of_its_own_all_stays_prepared(driver: Driver, tenant: UUID) -> None:
    own = f"{INSERT} -- of this test"
    for _ in range(2):
        driver.write(own, {"tenant": tenant, "text": "undone"})
    with pytest.raises(psycopg.errors.DivisionByZero):
        driver.write_together([("SELECT 1 / %(by)s::integer", {"by": 0})])
    driver.roll_back()

    assert sum("of this test" in statement for statement in prepared(driver)) == 1
    driver.command(f"BEGIN; SET LOCAL app.tenant = '{tenant}'".encode())
    assert driver.write(own, {"tenant": tenant, "text": "kept"}) == 1


def test_after_a_failure_the_connection_works_as_before(ground: Ground, tenant: UUID) -> None:
    def fail(database: Database) -> None:
        with database.tenant_transaction(tenant) as connection:
            for _ in range(2):
                Driver.of(connection).write(INSERT, {"tenant": tenant, "text": "undone"})
            connection.execute(sa.text("SELECT nothing"))

    for _ in range(20):  # more often than there are connections
        with pytest.raises(sa.exc.ProgrammingError):
            fail(ground.database)
    with ground.database.tenant_transaction(tenant) as connection:
        driver = Driver.of(connection)
        driver.write(INSERT, {"tenant": tenant, "text": "kept"})
        assert driver.fetch("SELECT text FROM notes", {}) == [{"text": "kept"}]


def test_a_failure_that_nobody_tells_of_is_no_success(ground: Ground, tenant: UUID) -> None:
    def swallow() -> None:
        with ground.database.tenant_transaction(tenant) as connection:
            driver = Driver.of(connection)
            driver.write(INSERT, {"tenant": tenant, "text": "lost"})
            with pytest.raises(psycopg.errors.DivisionByZero):
                driver.fetch("SELECT 1 / 0", {})

    with pytest.raises(RuntimeError, match="nobody has told"):
        swallow()


def test_a_lost_connection_is_an_operational_error(ground: Ground, tenant: UUID) -> None:
    def lose() -> None:
        with ground.database.tenant_transaction(tenant) as connection:
            driver = Driver.of(connection)
            driver.fetch("SELECT pg_terminate_backend(pg_backend_pid())", {})

    with pytest.raises(Exception, match=r"cannot be reached|too busy"):
        lose()
    with ground.database.tenant_transaction(tenant) as connection:
        assert Driver.of(connection).fetch("SELECT 1 AS one", {}) == [{"one": 1}]


def test_what_is_read_after_a_setting_is_one_transaction_with_it(
    ground: Ground, tenant: UUID
) -> None:
    with ground.database.tenant_transaction(tenant) as connection:
        Driver.of(connection).write(INSERT, {"tenant": tenant, "text": "mine"})
    with ground.database.tenant_reading(tenant) as session:
        assert session.fetch("SELECT text FROM notes", {}) == [{"text": "mine"}]
        driver = Driver.of(session.opened[0])
        assert not driver.is_begun
        assert driver.fetch("SELECT text FROM notes", {}) == []  # the setting is gone with it
