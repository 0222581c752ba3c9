"""Entries that were rows of their own become part of their transactions, and none is lost (decision 20)."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import tuple_row

from chassis.embedded.databases import ServicePasswords, provision_service_database, service_dsn
from chassis.embedded.postgres import PostgresServer
from chassis.storage.migrate import migrate
from loyalty.description import DESCRIPTION

_PASSWORDS = ServicePasswords("owner-of-test", "runtime-of-test", "system-of-test")
"""Those of the tests, since logins are those of all databases of a server."""
_BALANCE = "INSERT INTO ledger_balances (tenant_id, member_id, program_id) VALUES (%s, %s, %s)"
_TRANSACTION = """
INSERT INTO ledger_transactions (tenant_id, id, program_id, member_id, number, lines, kind, key,
    reference, points, short, closes, active, at, recorded_at, actor)
VALUES (%s, %s, %s, %s, %s, %s, 'test', %s, '', 1, 0, false, false, now(), now(), 'test')
"""
_ENTRY = """
INSERT INTO ledger_entries (tenant_id, transaction_id, line, account, points, lot_id, opens, root_id)
SELECT %s, %s, line, account, points, lot_id, opens, root_id FROM json_to_recordset(%s::json)
    AS given (line integer, account text, points bigint, lot_id uuid, opens boolean, root_id uuid)
"""
_ENTRIES = "SELECT line, account, points, lot_id FROM ledger_entries WHERE transaction_id = %s"
_OPENED = """
SELECT o.lot_id, o.root_id FROM ledger_transactions t CROSS JOIN unnest(t.openings) o WHERE t.id = %s
"""


class Before:
    """A database as it was before, with one member of one tenant, seen as its owner."""

    def __init__(self, server: PostgresServer) -> None:
        admin = server.admin_dsn()
        provision_service_database(admin, "loyalty", _PASSWORDS, database="loyalty_before")
        self.owner = service_dsn(admin, "loyalty_before", "loyalty_owner", _PASSWORDS.owner)
        migrate(self.owner, DESCRIPTION.migrations, "0086")
        self.connection = psycopg.connect(self.owner, autocommit=True, row_factory=tuple_row)
        self.tenant, self.member, self.program = uuid4(), uuid4(), uuid4()
        self.connection.execute(_BALANCE, (self.tenant, self.member, self.program))

    def write(self, number: int | None, lines: list[tuple[str, int, UUID, UUID | None]]) -> UUID:
        """A transaction with lines of account, points, lot and, for those that open it, its root."""
        id_ = uuid4()
        opening = {(to, lot) for to, _, lot, _ in lines if to == "issued"}
        rows = [
            {
                "line": place,
                "account": to,
                "points": points,
                "lot_id": str(lot),
                "opens": (to, lot) in opening,
                "root_id": None if root is None else str(root),
            }
            for place, (to, points, lot, root) in enumerate(lines, start=1)
        ]
        about = (self.tenant, id_, self.program, self.member, number, len(lines) or None)
        with self.connection.transaction():
            self.connection.execute(_TRANSACTION, (*about, str(id_)))
            if rows:
                given = psycopg.types.json.Json(rows)
                self.connection.execute(_ENTRY, (self.tenant, id_, given))
        return id_

    def all(self, asked: str, *parameters: object) -> list[tuple[object, ...]]:
        """The rows of a statement."""
        return self.connection.execute(asked, parameters).fetchall()


def test_all_entries_of_before_are_in_their_transactions_and_go_on_from_there(
    postgres: PostgresServer,
) -> None:
    before, (one, two) = Before(postgres), (uuid4(), uuid4())
    earned = before.write(1, [("issued", -100, one, None), ("available", 100, one, None)])
    came = before.write(
        2,
        [
            ("issued", -30, two, one),
            ("available", 30, two, None),
            ("available", -40, one, None),
            ("redeemed", 40, one, None),
        ],
    )
    nothing = before.write(None, [])
    kept = before.all("SELECT * FROM ledger_balances"), before.all("SELECT * FROM ledger_lots")

    migrate(before.owner, DESCRIPTION.migrations)

    assert before.all(_ENTRIES, earned) == [(1, "issued", -100, one), (2, "available", 100, one)]
    assert before.all(_ENTRIES, came) == [
        (1, "issued", -30, two),
        (2, "available", 30, two),
        (3, "available", -40, one),
        (4, "redeemed", 40, one),
    ]
    assert before.all(_ENTRIES, nothing) == []
    assert before.all(_OPENED, earned) == [(one, None)]
    assert before.all(_OPENED, came) == [(two, one)]
    assert kept == (
        before.all("SELECT * FROM ledger_balances"),
        before.all("SELECT * FROM ledger_lots"),
    )
    with pytest.raises(errors.RestrictViolation):
        before.all("UPDATE ledger_transactions SET points = 2")
    before.connection.close()
