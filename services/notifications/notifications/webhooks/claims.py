"""Takes deliveries that are due, so that no two workers send the same one at the same time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from chassis.domain import Clock
from chassis.storage.database import Database, rows_of
from notifications.webhooks.delivery_storage import DeliveryKey

LEASE = timedelta(seconds=60)
"""How long an attempt belongs to its worker: longer than any takes, so that only death ends it."""
PER_ENDPOINT = 4
"""How many of an endpoint's deliveries are taken at a time."""

# `queues` jumps from one endpoint to the next in the index of what waits, so that a million
# deliveries for one endpoint cost no more than one. Of an endpoint that has failed lately one is
# taken, to see how it does. In a line (an aggregate's facts, for an endpoint that wants them in
# order) the first that waits goes; the rest is not looked at before it is done.
_CLAIM = """
WITH RECURSIVE queues AS (
  (SELECT tenant_id, endpoint_id FROM webhook_deliveries
    WHERE state = 'waiting' ORDER BY tenant_id, endpoint_id LIMIT 1)
  UNION ALL
  SELECT following.tenant_id, following.endpoint_id FROM queues q CROSS JOIN LATERAL (
    SELECT w.tenant_id, w.endpoint_id FROM webhook_deliveries w
     WHERE w.state = 'waiting' AND (w.tenant_id, w.endpoint_id) > (q.tenant_id, q.endpoint_id)
     ORDER BY w.tenant_id, w.endpoint_id LIMIT 1) following
), due AS (
  SELECT d.tenant_id, d.endpoint_id, d.id
    FROM queues q
    JOIN webhook_endpoints e
      ON e.tenant_id = q.tenant_id AND e.id = q.endpoint_id AND e.state = 'enabled'
    LEFT JOIN webhook_health h ON h.tenant_id = e.tenant_id AND h.endpoint_id = e.id
    CROSS JOIN LATERAL (
      SELECT near.* FROM (
        SELECT * FROM webhook_deliveries w
         WHERE w.tenant_id = e.tenant_id AND w.endpoint_id = e.id AND w.state = 'waiting'
           AND w.due_at <= %(now)s
         ORDER BY w.due_at, w.id LIMIT 200) near
       WHERE near.line IS NULL OR NOT EXISTS (
        SELECT FROM webhook_deliveries earlier
         WHERE earlier.tenant_id = near.tenant_id AND earlier.endpoint_id = near.endpoint_id
           AND earlier.line = near.line AND earlier.state = 'waiting'
           AND earlier.position < near.position)
       ORDER BY near.due_at, near.id
       LIMIT CASE WHEN h.failing_since IS NULL THEN %(per_endpoint)s ELSE 1 END) d
   WHERE (h.paused_until IS NULL OR h.paused_until <= %(now)s) AND NOT e.id = ANY(%(busy)s)
   ORDER BY d.due_at
   LIMIT %(room)s
), held AS (
  SELECT w.tenant_id, w.endpoint_id, w.id FROM webhook_deliveries w JOIN due USING (
    tenant_id, endpoint_id, id)
   WHERE w.state = 'waiting' AND w.due_at <= %(now)s
   FOR UPDATE OF w SKIP LOCKED
)
UPDATE webhook_deliveries w
   SET due_at = %(until)s, claim = gen_random_uuid(), attempts = w.attempts + 1
  FROM held
 WHERE w.tenant_id = held.tenant_id AND w.endpoint_id = held.endpoint_id AND w.id = held.id
RETURNING w.tenant_id, w.endpoint_id, w.id, w.claim, w.tries, w.attempts
"""


def claim_due(
    database: Database, clock: Clock, room: int, busy: Collection[UUID]
) -> list[DeliveryKey]:
    """Take up to `room` deliveries that are due, of all tenants, none for a `busy` endpoint.

    Whoever takes one settles it within `LEASE`; otherwise it is taken again.
    """
    now = clock.now()
    about = {
        "now": now,
        "until": now + LEASE,
        "room": room,
        "per_endpoint": PER_ENDPOINT,
        "busy": list(busy),
    }
    with database.system_transaction() as connection:
        rows = rows_of(connection, _CLAIM, about)
    return [
        DeliveryKey(
            row["tenant_id"],
            row["endpoint_id"],
            row["id"],
            row["claim"],
            row["tries"] + 1,
            row["attempts"],
        )
        for row in rows
    ]
