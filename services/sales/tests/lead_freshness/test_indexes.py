"""What lists of leads are read by, as the runtime login may (SA-2, SA-4)."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from chassis.testing.harness import TestDatabase

OPEN = "SELECT id FROM leads WHERE tenant_id = %s AND state = 'open'"
OTHERS = "SELECT indexname FROM pg_indexes WHERE tablename = 'leads' AND indexname NOT IN (%s, 'leads_pkey')"


@pytest.mark.parametrize(
    ("query", "index", "condition"),
    [
        (f"{OPEN} AND stale_at <= now() ORDER BY stale_at, id", "leads_going_stale", "stale_at <="),
        (f"{OPEN} AND score >= 20 ORDER BY score DESC, id DESC", "leads_scored", "score >="),
        (
            f"{OPEN} AND freshness = 'warm' ORDER BY captured_at DESC, id DESC",
            "leads_fresh",
            "freshness =",
        ),
        (
            f"{OPEN} AND owner_id IS NULL ORDER BY score DESC, id DESC",
            "leads_pooled",
            "tenant_id =",
        ),
    ],
    ids=["going stale", "score", "freshness", "pool"],
)
def test_a_list_reads_its_index_in_order(
    database: TestDatabase, query: str, index: str, condition: str
) -> None:
    tenant = uuid4()
    with psycopg.connect(database.admin_url) as connection:
        # In a table of a few rows the planner takes whichever index, and would rather sort than read
        # in order; the others come back with the end.
        connection.execute("SET enable_seqscan = off; SET enable_sort = off")
        others = connection.execute(OTHERS, [index]).fetchall()
        for (other,) in others:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(other)))
        connection.execute("SET ROLE sales_runtime")
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
        rows = connection.execute(f"EXPLAIN {query}", [tenant]).fetchall()
        connection.rollback()
    plan = [line for (line,) in rows]
    assert any(f"using {index} on leads" in line for line in plan), plan
    assert any("Index Cond" in line and condition in line for line in plan), plan
    assert not any("Sort" in line for line in plan), plan
