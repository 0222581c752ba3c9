"""What waits and what everybody has is read by an index, as the runtime login may read it (DE-5)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from chassis.storage.statements import Statement
from chassis.testing.harness import TestDatabase
from desk.routing.storage import WAITING
from desk.routing.workforce import OPEN_BY_QUEUE

_ROWS = (
    (
        "INSERT INTO tickets SELECT %(t)s, gen_random_uuid(), 1, n, 'T', '', NULL, NULL, '',"
        " 'question', 'normal', CASE WHEN n %% 10 = 0 THEN 'open' ELSE 'closed' END, %(q)s, NULL,"
        " CASE WHEN n %% 20 = 0 THEN NULL WHEN n %% 50 = 10 THEN %(a)s ELSE gen_random_uuid() END, '', NULL, '{}', '{}', '', 'api',"
        " '[]', NULL, NULL, now() + n * interval '1 second', now(), NULL, NULL, NULL, NULL, NULL,"
        " NULL, 0, NULL FROM generate_series(1, 20000) n"
    ),
    (
        "INSERT INTO ticket_routings (tenant_id, ticket_id, round, purpose)"
        " SELECT %(t)s, id, 1, 'appraise' FROM tickets WHERE tenant_id = %(t)s"
    ),
)


@pytest.mark.parametrize(
    ("statement", "index", "condition"),
    [(WAITING, "tickets_unclaimed", "priority ="), (OPEN_BY_QUEUE, "tickets_assigned", "status =")],
    ids=["what waits", "what agents have"],
)
def test_routing_reads_by_an_index(
    database: TestDatabase, statement: Statement, index: str, condition: str
) -> None:
    plan = _plan(database, statement)
    assert any(index in line for line in plan), plan
    assert any("Index Cond" in line and condition in line for line in plan), plan
    assert not any("Seq Scan" in line for line in plan), plan


def _plan(database: TestDatabase, statement: Statement) -> list[str]:
    tenant, queue, agent = uuid4(), uuid4(), uuid4()
    about: dict[str, Any] = {"t": tenant, "q": queue, "a": agent}
    asked: dict[str, Any] = {
        "tenant_id": tenant,
        "queue_ids": [queue],
        "agent_ids": [agent, UUID(int=1)],
        "most": 50,
        "undecided": False,
        "besides": [],
    }
    with psycopg.connect(database.admin_url) as connection:
        # Enough rows for the planner to choose as it would at work.
        connection.execute("SET session_replication_role = replica")
        for rows in _ROWS:
            connection.execute(rows, about)
        connection.execute("ANALYZE tickets, ticket_routings")
        connection.execute("SET ROLE desk_runtime")
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
        plan = connection.execute(f"EXPLAIN {statement.sql}", asked).fetchall()
        connection.rollback()
    return [line for (line,) in plan]
