"""The inbox: which facts have had their effect, noted in the transaction of the effect itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

import sqlalchemy as sa

from chassis.events.reactions import Kind
from chassis.storage.driver import Driver

# Straight to the driver, and one text for any number of rows: every reaction passes here.
_RECEIVE = """
INSERT INTO inbox (consumer, event_id, tenant_id, received_at)
SELECT consumer, event_id, %(tenant_id)s, %(now)s
FROM unnest(%(consumers)s::text::text[], %(event_ids)s::text::uuid[]) AS new (consumer, event_id)
ON CONFLICT DO NOTHING
RETURNING consumer, event_id::text
"""


Key = tuple[str, str]
"""What the inbox knows a fact by: the inbox name, and the event id as PostgreSQL writes it. Text is compared and sent
several times quicker than `UUID`, and every fact is compared with others of its transaction."""


@cache
def inbox_name(consumer: str, kind: Kind) -> str:
    """Under which name a consumer's inbox rows are kept.

    Effects and projections have separate rows, so that a projection can be reset and rebuilt
    without any effect happening again.
    """
    return f"{consumer}/{kind}"


def receive(
    connection: sa.Connection, tenant_id: UUID, keys: Iterable[Key], now: datetime
) -> set[Key]:
    """Note facts as received; gives those that are new."""
    # In one order, so that two that receive the same facts do not wait for each other in turn.
    ordered = sorted(set(keys))
    values = {
        "tenant_id": tenant_id,
        "now": now,
        # Neither names of consumers nor ids hold anything that an array would have to quote.
        "consumers": "{" + ",".join([consumer for consumer, _ in ordered]) + "}",
        "event_ids": "{" + ",".join([event_id for _, event_id in ordered]) + "}",
    }
    rows = Driver.of(connection).fetch_unless_all(len(ordered), _RECEIVE, values)
    if rows is None:
        return set(ordered)
    return {(row["consumer"], row["event_id"]) for row in rows}
