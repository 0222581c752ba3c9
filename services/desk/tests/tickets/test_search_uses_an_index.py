"""What tickets are found by is read by an index, as the runtime login may read it (DE-1)."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest

from chassis.testing.harness import TestDatabase

WORD = (
    "SELECT id FROM tickets WHERE tenant_id = %(t)s AND id IN (SELECT ticket_id FROM ticket_terms"
    " WHERE tenant_id = %(t)s AND term >= 'leak7' AND term < 'leak7' || chr(1114111))"
    " ORDER BY opened_at DESC, id DESC LIMIT 51"
)
TAG = (
    "SELECT id FROM tickets WHERE tenant_id = %(t)s AND id IN (SELECT ticket_id FROM ticket_tags"
    " WHERE tenant_id = %(t)s AND tag IN ('tag7'))"
)
VALUE = (
    "SELECT id FROM tickets WHERE tenant_id = %(t)s AND id IN (SELECT ticket_id FROM ticket_values"
    " WHERE tenant_id = %(t)s AND key = 'colour' AND value = '7')"
)
MINE = (
    "SELECT id FROM tickets WHERE tenant_id = %(t)s AND assignee_id = %(t)s AND status = 'open'"
    " ORDER BY updated_at LIMIT 51"
)
NOBODYS = (
    "SELECT id FROM tickets WHERE tenant_id = %(t)s AND assignee_id IS NULL AND status = 'open'"
    " ORDER BY opened_at DESC, id DESC LIMIT 51"
)
MESSAGES = (
    "SELECT id FROM messages WHERE tenant_id = %(t)s AND ticket_id = %(t)s"
    " ORDER BY said_at, id LIMIT 51"
)

ROWS = (
    (
        "INSERT INTO tickets SELECT %(t)s, gen_random_uuid(), 1, n, 'T', '', NULL, NULL, '',"
        " 'question', 'normal', 'open', NULL, NULL, gen_random_uuid(), '', NULL, '{}', '{}', '', 'api',"
        " '[]', NULL, NULL, now(), now(), NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL"
        " FROM generate_series(1, 5000) n"
    ),
    (
        "INSERT INTO ticket_terms SELECT %(t)s, 'leak' || number, id FROM tickets"
        " WHERE tenant_id = %(t)s"
    ),
    (
        "INSERT INTO ticket_tags SELECT %(t)s, 'tag' || number, id FROM tickets"
        " WHERE tenant_id = %(t)s"
    ),
    (
        "INSERT INTO ticket_values SELECT %(t)s, 'colour', number::text, id FROM tickets"
        " WHERE tenant_id = %(t)s"
    ),
    (
        "INSERT INTO messages SELECT %(t)s, gen_random_uuid(), 1, id, id, 'note', 'api', '', NULL, NULL,"
        " '', '', '', '', '', false, '{}', '{}', NULL, '', NULL, now() FROM tickets"
        " WHERE tenant_id = %(t)s"
    ),
)


@pytest.mark.parametrize(
    ("query", "index", "condition"),
    [
        (WORD, "ticket_terms_pkey", "term >="),
        (TAG, "ticket_tags_pkey", "tag ="),
        (VALUE, "ticket_values_pkey", "value ="),
        (MINE, "tickets_assigned", "status ="),
        (NOBODYS, "tickets_unclaimed", "tenant_id ="),
        (MESSAGES, "messages_of_ticket", "ticket_id ="),
    ],
    ids=["word", "tag", "custom value", "what is mine", "what is nobody's", "conversation"],
)
def test_a_list_is_read_by_its_index(
    database: TestDatabase, query: str, index: str, condition: str
) -> None:
    tenant = uuid4()
    with psycopg.connect(database.admin_url) as connection:
        # Enough rows, of nothing in particular, for the planner to choose as it would at work.
        connection.execute("SET session_replication_role = replica")
        for statement in ROWS:
            connection.execute(statement, {"t": tenant})
        connection.execute("ANALYZE tickets, ticket_terms, ticket_tags, ticket_values, messages")
        connection.execute("SET ROLE desk_runtime")
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
        rows = connection.execute(f"EXPLAIN {query}", {"t": tenant}).fetchall()
        connection.rollback()
    plan = [line for (line,) in rows]
    assert any(index in line for line in plan), plan
    assert any("Index Cond" in line and condition in line for line in plan), plan
