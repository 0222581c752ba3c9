"""A service and what tells whether any row of a tenant in its database has changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from chassis.testing.harness import ServiceHarness

NO_ROWS = ""
"""The fingerprint of a tenant without records."""
_PROJECTIONS = ("access_entries", "access_revisions")
"""What a service knows of a tenant's roles comes from identity whenever it is needed."""


@dataclass(frozen=True)
class UnderTest:
    """A service and its database, as the database's superuser sees it."""

    harness: ServiceHarness[Any]
    superuser: psycopg.Connection

    def fingerprint(self, tenant_id: UUID) -> str:
        """A digest over all of a tenant's rows: changes with every one of them."""
        row = self.superuser.execute(self._digest, {"tenant": tenant_id}).fetchone()
        assert row is not None
        return str(row[0] or NO_ROWS)

    @cached_property
    def _digest(self) -> sql.Composed:
        """One statement over all tables: it is asked thousands of times, and so prepared once."""
        tables = self.superuser.execute(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND column_name = 'tenant_id' AND NOT table_name = ANY (%s) ORDER BY 1",
            [list(_PROJECTIONS)],
        ).fetchall()
        rows = [
            sql.SQL("SELECT {} || t::text AS row FROM {} t WHERE tenant_id = %(tenant)s").format(
                sql.Literal(f"{table} "), sql.Identifier(table)
            )
            for (table,) in tables
        ]
        whole = sql.SQL("SELECT md5(string_agg(row, ';' ORDER BY row)) FROM ({}) AS every")
        return whole.format(sql.SQL(" UNION ALL ").join(rows))
