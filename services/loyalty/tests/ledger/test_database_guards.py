"""What the database refuses of the ledger, whoever asks: by SQL, without any of the service's code (LO-2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from chassis.testing.client import ApiClient
from chassis.testing.harness import TestDatabase
from services.loyalty.tests.builders import Loyalty
from services.loyalty.tests.ledgering import Points

_TRANSACTION = """
INSERT INTO ledger_transactions (tenant_id, id, program_id, member_id, number, kind, key, reference,
    points, short, closes, active, at, recorded_at, actor, accounts, amounts, lot_ids, openings)
VALUES (%s, %s, %s, %s, %s, 'test', %s, '', 1, 0, false, false, now(), now(), 'test', %s, %s, %s,
    (SELECT array_agg((lot_id, NULL, NULL, NULL, NULL, NULL)::ledger_opening)
        FROM unnest(%s::uuid[]) lot_id))
"""


class Sql:
    """A member with 100 points and a lot, and statements as the service's own login gives them."""

    def __init__(self, points: Points, database: TestDatabase) -> None:
        self.points, self.member = points, points.member()
        points.earn(self.member, 100)
        self.connection = psycopg.connect(database.runtime_url)
        self.connection.execute("SELECT set_config('app.tenant', %s, false)", (self.tenant,))
        self.connection.commit()
        found = self.connection.execute(
            "SELECT id FROM ledger_lots WHERE member_id = %s", (self.member,)
        ).fetchone()
        assert found is not None
        self.lot: UUID = found[0]

    @property
    def tenant(self) -> str:
        return str(self.points.tenant_id)

    def add(self, lines: Sequence[tuple[str, int | None]], **more: Any) -> None:
        """Write a transaction, as `write` has it, and commit."""
        self.write(lines, **more)
        self.connection.commit()

    def write(
        self,
        lines: Sequence[tuple[str, int | None]],
        *,
        number: int = 2,
        lots: Sequence[UUID | None] | None = None,
        opens: Sequence[UUID] = (),
    ) -> None:
        """Write a transaction; about the member's lot, unless it is said which."""
        id_ = uuid4()
        about = (self.tenant, id_, self.points.program["id"], self.member, number, str(id_))
        accounts, amounts = [to for to, _ in lines], [points for _, points in lines]
        given = [self.lot] * len(lines) if lots is None else list(lots)
        self.connection.execute(_TRANSACTION, (*about, accounts, amounts, given, list(opens)))


@pytest.fixture
def sql(loyalty: Loyalty, app: ApiClient, database: TestDatabase) -> Any:
    """Statements about a member of a program that writes off what was spent."""
    made = Sql(Points(loyalty, app, refunds={"when_spent": "write_off"}), database)
    yield made
    made.connection.close()


def test_what_balances_is_let_in_and_counts(sql: Sql) -> None:
    sql.add([("available", -40), ("redeemed", 40)])
    assert sql.points.free(sql.member) == 60


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        (lambda sql: sql.add([("available", -40), ("redeemed", 41)]), "ledger_sums_to_zero"),
        (lambda sql: sql.add([("available", None), ("redeemed", 4)]), "ledger_sums_to_zero"),
        (lambda sql: sql.add([]), "ledger_whole"),
        (lambda sql: sql.add([("available", 4)]), "ledger_whole"),
        (
            lambda sql: sql.add([("available", -4), ("redeemed", 4)], lots=[sql.lot]),
            "ledger_whole",
        ),
        (
            lambda sql: sql.add([("available", 0), ("redeemed", 0)]),
            "ledger_something",
        ),
        (
            lambda sql: sql.add([("available", -4), ("redeemed", 4)], lots=[sql.lot, None]),
            "ledger_lots_of_member",
        ),
        (
            lambda sql: sql.add([("available", -4), ("redeemed", 4)], lots=[sql.lot, uuid4()]),
            "ledger_lots_of_member",
        ),
        (
            lambda sql: sql.add([("issued", -4), ("available", 4)], opens=[uuid4()]),
            "ledger_lots_of_member",
        ),
        (
            lambda sql: sql.add([("issued", -4), ("available", 4)], opens=[uuid4(), uuid4()]),
            "ledger_lots_of_member",
        ),
        (
            lambda sql: sql.add([("issued", -4), ("available", 4)], opens=[sql.lot]),
            "ledger_lots_pkey",
        ),
        (lambda sql: sql.add([("available", -4), ("redeemed", 4)], number=3), "ledger_in_turn"),
        (lambda sql: sql.add([("available", -4), ("redeemed", 4)], number=1), "ledger_numbered"),
        (lambda sql: sql.add([("available", -101), ("redeemed", 101)]), "ledger_available_there"),
        (lambda sql: sql.add([("reserved", -1), ("redeemed", 1)]), "ledger_balance_there"),
        (lambda sql: sql.add([("available", -1), ("elsewhere", 1)]), "ledger_accounts"),
    ],
)
def test_what_is_not_right_is_refused(
    sql: Sql, wrong: Callable[[Sql], None], constraint: str
) -> None:
    with pytest.raises(errors.IntegrityError) as refused:
        wrong(sql)
    assert refused.value.diag.constraint_name == constraint
    sql.connection.rollback()
    assert sql.points.free(sql.member) == 100


def test_a_lot_of_somebody_else_is_refused(sql: Sql) -> None:
    other = sql.points.member()
    sql.points.earn(other, 100)
    row = sql.connection.execute(
        "SELECT id FROM ledger_lots WHERE member_id = %s", (other,)
    ).fetchone()
    assert row is not None
    sql.lot = row[0]
    with pytest.raises(errors.ForeignKeyViolation):
        sql.add([("available", -40), ("redeemed", 40)])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_transactions SET tenant_id = tenant_id",
        "DELETE FROM ledger_transactions",
        "TRUNCATE ledger_transactions CASCADE",
    ],
)
def test_nobody_changes_what_was_written(sql: Sql, database: TestDatabase, change: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        sql.connection.execute(change)
    with (
        psycopg.connect(database.owner_url) as owner,
        pytest.raises(errors.RestrictViolation),
    ):
        owner.execute(change)


def test_entries_are_read_line_by_line_and_never_written_without_their_transaction(
    sql: Sql,
) -> None:
    asked = "SELECT line, account, points, lot_id FROM ledger_entries WHERE tenant_id = %s"
    assert sql.connection.execute(asked, (sql.tenant,)).fetchall() == [
        (1, "issued", -100, sql.lot),
        (2, "available", 100, sql.lot),
    ]
    with pytest.raises(errors.ObjectNotInPrerequisiteState):
        sql.connection.execute("DELETE FROM ledger_entries")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_balances SET available = 1000",
        "UPDATE ledger_lots SET available = 1000",
        "INSERT INTO ledger_lots (tenant_id) VALUES (gen_random_uuid())",
        "INSERT INTO ledger_balances SELECT * FROM ledger_balances",
        "DELETE FROM ledger_lots",
        "SELECT * FROM ledger_balances FOR UPDATE",
        "SELECT ledger_check_debts(gen_random_uuid(), gen_random_uuid(), true)",
    ],
)
def test_the_service_itself_cannot_write_sums(sql: Sql, change: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        sql.connection.execute(change)


def test_another_tenants_ledger_cannot_be_opened(sql: Sql) -> None:
    asked = "SELECT ledger_open(%s, 'a', 'b', NULL, NULL, 0, now(), true)"
    opened = sql.connection.execute(asked, (sql.member,)).fetchone()
    assert opened is not None
    assert opened[0]["available"] == 100
    sql.connection.execute("SELECT set_config('app.tenant', %s, false)", (str(uuid4()),))
    assert sql.connection.execute(asked, (sql.member,)).fetchone() == (None,)
    assert sql.connection.execute("SELECT * FROM ledger_entries").fetchall() == []


def _read_of(sql: Sql, table: str) -> int:
    """How many rows of a table the open transaction has read so far."""
    row = sql.connection.execute(
        "SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
        " FROM pg_stat_xact_user_tables WHERE relname = %s",
        (table,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_ledger_is_opened_without_reading_what_else_the_tenant_has(sql: Sql) -> None:
    for _ in range(60):
        sql.points.earn(sql.member, 1)
    sql.connection.commit()
    asked = "SELECT ledger_open(%s, 'earning', %s, 'earning', 'none', 0, now(), true)"
    sql.connection.execute(asked, (sql.member, str(uuid4())))
    assert _read_of(sql, "ledger_transactions") <= 2


def test_points_are_counted_without_reading_what_others_have(sql: Sql) -> None:
    for _ in range(30):
        sql.points.earn(sql.points.member(), 1)
    sql.connection.commit()
    sql.write([("available", -4), ("redeemed", 4)])
    assert _read_of(sql, "ledger_balances") <= 3
    assert _read_of(sql, "ledger_lots") <= 3
