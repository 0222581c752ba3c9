"""Reads what it takes to make one attempt: where to, what, signed with what, and in whose name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.http.reply import dump
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from notifications.feed.cloud_events import cloud_event, source_of
from notifications.webhooks.delivery_storage import DeliveryKey
from notifications.webhooks.domain import Authority, WebhookSecret
from notifications.webhooks.storage import secret_of

_READ = Statement(
    "SELECT e.url, e.secrets, e.created_at AS endpoint_made_at, a.user_id, a.client_id, a.scopes,"
    " a.role_ids, a.roles_wanted > a.roles_version AS roles_outdated, a.client_scopes,"
    " w.id, w.type, w.position, w.created_at, w.content::text AS content,"
    " f.aggregate_id, f.aggregate_version, f.actor, f.traceparent, f.occurred_at,"
    " f.data::text AS data"
    " FROM webhook_deliveries w"
    " JOIN webhook_endpoints e ON e.tenant_id = w.tenant_id AND e.id = w.endpoint_id"
    " JOIN webhook_authorities a ON a.tenant_id = w.tenant_id AND a.endpoint_id = w.endpoint_id"
    " LEFT JOIN feed_facts f ON f.tenant_id = w.tenant_id AND f.position = w.position"
    " WHERE w.tenant_id = %(tenant_id)s AND w.endpoint_id = %(endpoint_id)s AND w.id = %(id)s"
)


@dataclass(frozen=True, slots=True)
class Sendable:
    """A delivery that can be sent. `fact_type` is None for what needs no permission: a test."""

    url: str
    secrets: tuple[WebhookSecret, ...]
    body: bytes | None
    """None when the fact is kept no longer."""
    fact_type: str | None
    authority: Authority
    client_scopes: frozenset[str] | None
    """What the app may ask for at all, as far as identity has told."""
    roles_outdated: bool


def sendable(reading: Reading, key: DeliveryKey) -> Sendable | None:
    """What to send; None when the endpoint is there no more."""
    about = {"tenant_id": key.tenant_id, "endpoint_id": key.endpoint_id, "id": key.id}
    row = reading.fetch_one(_READ, about)
    if row is None:
        return None
    client_scopes, roles = row["client_scopes"], row["role_ids"]
    return Sendable(
        url=row["url"],
        secrets=tuple(secret_of(stored) for stored in row["secrets"]),
        body=_body(row),
        fact_type=row["type"] if row["content"] is None else None,
        authority=Authority(
            row["user_id"],
            row["client_id"],
            frozenset(row["scopes"]),
            None if roles is None else tuple(UUID(role) for role in roles),
        ),
        client_scopes=None if client_scopes is None else frozenset(client_scopes),
        roles_outdated=row["roles_outdated"],
    )


def _body(row: Mapping[str, Any]) -> bytes | None:
    if row["content"] is not None:
        return dump(_own_event(row["id"], row["type"], row["created_at"], row["content"]))
    return None if row["data"] is None else dump(cloud_event(row))


def _own_event(event_id: UUID, kind: str, at: datetime, content: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(event_id),
        "source": source_of(kind),
        "type": kind,
        "time": at,
        "datacontenttype": "application/json",
        "data": orjson.Fragment(content),
    }
