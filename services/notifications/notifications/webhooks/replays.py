"""The statements that have deliveries sent again."""

from __future__ import annotations

from typing import Final

from chassis.storage.statements import Statement

MOST_AT_ONCE: Final = 100_000

SUBSCRIBERS = Statement(
    "SELECT id, types, ordered FROM webhook_endpoints"
    " WHERE tenant_id = %(tenant_id)s AND state = 'enabled' ORDER BY id"
)
_HERE = "w.tenant_id = %(tenant_id)s AND w.endpoint_id = %(endpoint_id)s"
STATE_OF = Statement(
    "SELECT w.state, w.content IS NOT NULL OR EXISTS (SELECT FROM feed_facts f"  # noqa: S608
    " WHERE f.tenant_id = w.tenant_id AND f.position = w.position) AS is_kept"
    f" FROM webhook_deliveries w WHERE {_HERE} AND w.id = %(id)s"
)
# One that is under way keeps its claim, and is not sent a second time at once.
_ANEW = "state = 'waiting', reason = NULL, tries = 0, due_at = %(now)s, finished_at = NULL"
AGAIN = Statement(
    f"UPDATE webhook_deliveries w SET {_ANEW}"  # noqa: S608 - our own text
    f" WHERE {_HERE} AND w.id = %(id)s AND w.claim IS NULL"
)
FAILED_AGAIN = Statement(
    "WITH again AS (UPDATE webhook_deliveries w"  # noqa: S608 - our own text
    f" SET {_ANEW} WHERE {_HERE} AND w.id IN (SELECT w.id FROM webhook_deliveries w"
    f" WHERE {_HERE} AND w.state = 'failed' ORDER BY w.id LIMIT %(limit)s) RETURNING 1)"
    " SELECT count(*) AS queued FROM again"
)
_PART = (
    " FROM feed_facts f WHERE f.tenant_id = %(tenant_id)s AND f.type = ANY(%(types)s)"
    " AND f.position > coalesce(%(after_position)s::bigint, 0)"
    " AND f.position <= coalesce(%(until_position)s::bigint, 9223372036854775807)"
    " AND f.occurred_at >= coalesce(%(since)s::timestamptz, '-infinity')"
    " AND f.occurred_at < coalesce(%(until)s::timestamptz, 'infinity')"
)
RANGE_COUNT = Statement(
    f"SELECT count(*) AS facts FROM (SELECT 1{_PART} LIMIT %(limit)s) counted"  # noqa: S608
)
RANGE_AGAIN = Statement(
    "WITH again AS (INSERT INTO webhook_deliveries AS w (tenant_id, endpoint_id, id, position,"  # noqa: S608
    " type, line, state, attempts, tries, due_at, created_at)"
    " SELECT f.tenant_id, %(endpoint_id)s::uuid, f.id, f.position, f.type,"
    " CASE WHEN %(ordered)s::boolean THEN f.aggregate_id END, 'waiting', 0, 0, %(now)s, %(now)s"
    f"{_PART} ORDER BY f.position"
    f" ON CONFLICT (tenant_id, endpoint_id, id) DO UPDATE SET {_ANEW}, line = excluded.line"
    " WHERE w.claim IS NULL RETURNING 1)"
    " SELECT count(*) AS queued FROM again"
)
