"""How a fact from the outbox looks on the bus: subject, headers and content."""

from __future__ import annotations

from chassis.events.delivery import BULK_LANE, LANE
from chassis.events.outbox import BULK
from chassis.events.publisher import Outgoing
from chassis.events.unpublished import Row


def source_of(service: str) -> str:
    """What a service calls itself as the source of its facts."""
    return f"rapport.{service}"


def outgoing(row: Row, source: str) -> Outgoing:
    """The message of a row: its envelope as headers, its content as it was stored."""
    headers = {
        "Nats-Msg-Id": row.id,
        "ce-id": row.id,
        "ce-type": row.type,
        "ce-source": source,
        "ce-subject": row.aggregate_id,
        "ce-time": row.occurred_at,
        "tenant-id": row.tenant_id,
        "aggregate-version": row.aggregate_version,
        "actor": row.actor,
    }
    if_known = {
        "traceparent": row.traceparent,
        "actor-client": row.client_id,
        "actor-session": row.session_id,
        "actor-address": row.address,
        "cause": row.cause,
        LANE: BULK_LANE if row.lane == BULK else None,
    }
    headers |= {name: value for name, value in if_known.items() if value is not None}
    return Outgoing(row.seq, row.aggregate_id, row.type, row.payload, headers)
