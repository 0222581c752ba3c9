"""The inbox: which facts have had their effect, noted in the transaction of the effect itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from chassis.events.reactions import Kind
from chassis.storage.driver import Driver

# Straight to the driver, and one text for any number of rows: every reaction passes here.
_RECEIVE = """
INSERT INTO inbox (consumer, event_id, tenant_id, received_at)
SELECT consumer, event_id, %(tenant_id)s, %(now)s
FROM unnest(%(consumers)s::text[], %(event_ids)s::uuid[]) AS new (consumer, event_id)
ON CONFLICT DO NOTHING
RETURNING consumer, event_id
"""


def inbox_name(consumer: str, kind: Kind) -> str:
    """Under which name a consumer's inbox rows are kept.

    Effects and projections have separate rows, so that a projection can be reset and rebuilt
    without any effect happening again.
    """
    return f"{consumer}/{kind}"


def receive(
    connection: sa.Connection, tenant_id: UUID, keys: Iterable[tuple[str, UUID]], now: datetime
) -> set[tuple[str, UUID]]:
    """Note facts as received, by inbox name and event id; gives those that are new."""
    # In one order, so that two that receive the same facts do not wait for each other in turn.
    ordered = sorted(set(keys))
    values = {
        "tenant_id": tenant_id,
        "now": now,
        "consumers": [key[0] for key in ordered],
        "event_ids": [key[1] for key in ordered],
    }
    rows = Driver.of(connection).fetch_unless_all(len(ordered), _RECEIVE, values)
    if rows is None:
        return set(ordered)
    return {(row["consumer"], row["event_id"]) for row in rows}
