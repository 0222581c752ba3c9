"""Facts as CloudEvents 1.0 in JSON: what the feed, the stream and webhooks hand out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

COLUMNS = (
    "position, id, type, aggregate_id, aggregate_version, actor, traceparent, occurred_at,"
    " data::text AS data"
)
"""What a row has to have to become an event."""


def cloud_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """The event that a row of the feed stands for.

    Its extensions are `aggregateversion` and `actor`, `traceparent` as the CloudEvents extension
    for distributed tracing has it, and `position`: a string, since an integer of CloudEvents has
    32 bits.
    """
    event = {
        "specversion": "1.0",
        "id": str(row["id"]),
        "source": source_of(row["type"]),
        "type": row["type"],
        "subject": str(row["aggregate_id"]),
        "time": row["occurred_at"],
        "datacontenttype": "application/json",
        "aggregateversion": row["aggregate_version"],
        "actor": row["actor"],
        "position": str(row["position"]),
        "data": orjson.Fragment(row["data"]),
    }
    if row["traceparent"] is not None:
        event["traceparent"] = row["traceparent"]
    return event


def source_of(kind: str) -> str:
    """Who says it, as a URI reference: `rapport.contacts`."""
    return ".".join(kind.split(".")[:2])
