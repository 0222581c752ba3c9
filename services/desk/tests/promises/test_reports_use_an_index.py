"""How well targets and promises were kept is read by an index, as the runtime login may read it (DE-3, DE-4)."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from chassis.testing.harness import TestDatabase

ATTAINMENT = (
    "SELECT target, count(*) FILTER (WHERE breached_at IS NOT NULL) FROM clocks"
    " WHERE tenant_id = %(t)s AND service_level_id IS NOT NULL"
    " AND settled_at >= now() - interval '2 days' AND settled_at < now() GROUP BY target"
)
KEPT = (
    "SELECT user_id, count(*) FILTER (WHERE broken_at IS NOT NULL) FROM promises"
    " WHERE tenant_id = %(t)s AND settled_at >= now() - interval '2 days' AND settled_at < now()"
    " GROUP BY user_id"
)
DUE = (
    "SELECT id FROM promises WHERE tenant_id = %(t)s AND due_at >= now() - interval '2 days'"
    " ORDER BY due_at, id LIMIT 51"
)
PENDING = (
    "SELECT id FROM promises WHERE tenant_id = %(t)s AND ticket_id = %(t)s"
    " AND status = ANY('{open,broken}')"
)

ROWS = (
    (
        "INSERT INTO clocks (tenant_id, id, version, ticket_id, target, round, state, started_at,"
        " service_level_id, settled_at, met_at, met_told, type, priority)"
        " SELECT %(t)s, gen_random_uuid(), 1, gen_random_uuid(), 'resolution', 1, 'met', now(),"
        " gen_random_uuid(), now() - n * interval '1 hour', now(), true, 'question', 'normal'"
        " FROM generate_series(1, 5000) n"
    ),
    (
        "INSERT INTO promises (tenant_id, id, version, ticket_id, status, due_at, contact_by, note,"
        " kept_by_reply, made_by, made_at, rescheduled, settled_at)"
        " SELECT %(t)s, gen_random_uuid(), 1, gen_random_uuid(), 'kept', now() - n * interval '1 hour',"
        " 'any', '', true, '', now(), 0, now() - n * interval '1 hour'"
        " FROM generate_series(1, 5000) n"
    ),
)


@pytest.mark.parametrize(
    ("query", "index", "condition"),
    [
        (ATTAINMENT, "clocks_settled", "settled_at >="),
        (KEPT, "promises_settled", "settled_at >="),
        (DUE, "promises_due", "due_at >="),
        (PENDING, "promises_of_ticket", "ticket_id ="),
    ],
    ids=["attainment", "promises kept", "due soonest", "pending of a ticket"],
)
def test_a_report_is_read_by_its_index(
    database: TestDatabase, query: str, index: str, condition: str
) -> None:
    tenant = uuid4()
    with psycopg.connect(database.admin_url) as connection:
        # Enough rows, of nothing in particular, for the planner to choose as it would at work.
        connection.execute("SET session_replication_role = replica")
        for statement in ROWS:
            connection.execute(statement, {"t": tenant})
        connection.execute("ANALYZE clocks, promises")
        connection.execute("SET ROLE desk_runtime")
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
        rows = connection.execute(f"EXPLAIN {query}", {"t": tenant}).fetchall()
        connection.rollback()
    plan = [line for (line,) in rows]
    assert any(index in line for line in plan), plan
    assert any("Index Cond" in line and condition in line for line in plan), plan
