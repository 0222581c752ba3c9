"""Reads endpoints and the log of what was delivered to them, straight to the response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.storage.listing import (
    Listing,
    ListSpec,
    choice_filter,
    integer_filter,
    text_filter,
    time_filter,
)
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.webhooks.delivery_storage import webhook_attempts, webhook_deliveries
from notifications.webhooks.domain import DeliveryState, EndpointState, WebhookEndpoint
from notifications.webhooks.storage import secret_of, webhook_endpoints, webhook_health

_endpoint = webhook_endpoints.c
_health = webhook_health.c
_delivery = webhook_deliveries.c
_attempt = webhook_attempts.c

ENDPOINTS = ListSpec(
    key=_endpoint.id,
    sorts={"created_at": _endpoint.created_at},
    default_sort="created_at",
    filters={"state": choice_filter(_endpoint.state, *EndpointState)},
)
# The ids of facts sort by the time they were made at.
DELIVERIES = ListSpec(
    key=_delivery.id,
    sorts={"id": _delivery.id},
    default_sort="-id",
    filters={
        "state": choice_filter(_delivery.state, *DeliveryState),
        "type": text_filter(_delivery.type),
        "position": integer_filter(_delivery.position),
        "created_at": time_filter(_delivery.created_at),
    },
)

_endpoints = sa.select(webhook_endpoints, _health.failing_since, _health.paused_until).outerjoin(
    webhook_health,
    sa.and_(_health.tenant_id == _endpoint.tenant_id, _health.endpoint_id == _endpoint.id),
)
_deliveries = sa.select(
    _delivery.id,
    _delivery.position,
    _delivery.type,
    _delivery.state,
    _delivery.reason,
    _delivery.attempts,
    sa.case((_delivery.state == DeliveryState.WAITING, _delivery.due_at)).label("due_at"),
    _delivery.last_status,
    _delivery.created_at,
    _delivery.finished_at,
)
_attempts = sa.select(
    _attempt.number,
    _attempt.at,
    _attempt.duration_ms,
    _attempt.status,
    _attempt.headers,
    _attempt.body,
    _attempt.error,
).order_by(_attempt.number)


def get_endpoint(reading: Reading | UnitOfWork, endpoint_id: UUID) -> dict[str, Any]:
    """The endpoint as the API shows one. Raises `NotFound`."""
    tenant_id = reading.caller.tenant_id
    statement = _endpoints.where(_endpoint.tenant_id == tenant_id, _endpoint.id == endpoint_id)
    narrowed = reading.scope.narrow(statement, _endpoint.owner_user_id)
    row = reading.connection.execute(narrowed).mappings().first()
    if row is None:
        raise NotFound.of("webhook", endpoint_id)
    return _present(row)


def list_endpoints(reading: Reading, listing: Listing) -> dict[str, Any]:
    """A page of endpoints."""
    statement = _endpoints.where(_endpoint.tenant_id == reading.caller.tenant_id)
    narrowed = reading.scope.narrow(statement, _endpoint.owner_user_id)
    return listing.fetch(reading.connection, narrowed, lambda row: _present(row._mapping))


def list_deliveries(reading: Reading, endpoint_id: UUID, listing: Listing) -> dict[str, Any]:
    """A page of an endpoint's deliveries. Raises `NotFound`."""
    get_endpoint(reading, endpoint_id)
    statement = _deliveries.where(
        _delivery.tenant_id == reading.caller.tenant_id, _delivery.endpoint_id == endpoint_id
    )
    return listing.fetch(reading.connection, statement)


def get_delivery(
    reading: Reading | UnitOfWork, endpoint_id: UUID, delivery_id: UUID
) -> dict[str, Any]:
    """One delivery with all its attempts, the first first. Raises `NotFound`."""
    get_endpoint(reading, endpoint_id)
    tenant_id = reading.caller.tenant_id
    statement = _deliveries.where(
        _delivery.tenant_id == tenant_id,
        _delivery.endpoint_id == endpoint_id,
        _delivery.id == delivery_id,
    )
    row = reading.connection.execute(statement).mappings().first()
    if row is None:
        raise NotFound.of("delivery", delivery_id)
    tried = _attempts.where(
        _attempt.tenant_id == tenant_id,
        _attempt.endpoint_id == endpoint_id,
        _attempt.delivery_id == delivery_id,
    )
    log = [dict(one) for one in reading.connection.execute(tried).mappings()]
    return {**row, "attempt_log": log}


def shown(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """An endpoint as the API shows one, right after a change."""
    details = endpoint.details
    return {
        "id": endpoint.id,
        "version": endpoint.version,
        "url": details.url,
        "description": details.description,
        "types": details.types,
        "ordered": details.ordered,
        "state": endpoint.state,
        "disabled_reason": endpoint.disabled_reason,
        "disabled_at": endpoint.disabled_at,
        "secrets": [
            {"created_at": one.created_at, "expires_at": one.expires_at} for one in endpoint.secrets
        ],
        "owner_user_id": endpoint.owner_user_id,
        "created_by": endpoint.created_by,
        "created_at": endpoint.created_at,
        "updated_at": endpoint.updated_at,
    }


def _present(row: Mapping[Any, Any]) -> dict[str, Any]:
    left_out = ("tenant_id", "secrets")
    return {
        **{name: value for name, value in row.items() if name not in left_out},
        "secrets": [
            {"created_at": one.created_at, "expires_at": one.expires_at}
            for one in map(secret_of, row["secrets"])
        ],
    }
