"""What is done with webhook endpoints, by people, by apps, and because of what identity says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.context import Caller
from chassis.domain import Conflict
from notifications.transaction import NotificationsTx
from notifications.webhooks.domain import (
    MOST_ENDPOINTS,
    Authority,
    DisabledReason,
    EndpointDetails,
    WebhookEndpoint,
    WebhookSecret,
    registered,
)
from notifications.webhooks.signing import new_secret


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint with its new secret, which nobody gets to see again."""

    endpoint: WebhookEndpoint
    secret: str


def register_endpoint(tx: NotificationsTx, details: EndpointDetails) -> Shown:
    """Deliver facts to an address from now on. Raises `Conflict` when there are too many.

    The address and the right to the facts were looked at before.
    """
    if tx.webhooks.count() >= MOST_ENDPOINTS:
        raise Conflict(f"There are {MOST_ENDPOINTS} endpoints already.", code="too_many_webhooks")
    endpoint_id, secret = tx.ids.new(), new_secret()
    authority = authority_of(tx.caller)
    endpoint = registered(
        endpoint_id,
        details,
        WebhookSecret(sealed(tx, endpoint_id, secret), tx.clock.now()),
        authority.user_id,
        tx.caller.actor,
    )
    tx.webhooks.add(endpoint)
    tx.webhooks.authorise(endpoint_id, authority)
    return Shown(endpoint, secret)


def change_endpoint(
    tx: NotificationsTx,
    endpoint_id: UUID,
    change: Callable[[EndpointDetails], EndpointDetails],
    check: Callable[[EndpointDetails], object],
) -> WebhookEndpoint:
    """Change an endpoint, which then belongs to whoever changed it. Raises what `check` raises."""
    endpoint = tx.webhooks.get(endpoint_id)
    details = change(endpoint.details)
    check(details)
    authority = authority_of(tx.caller)
    endpoint.change(details, authority.user_id, tx.clock.now())
    tx.webhooks.authorise(endpoint_id, authority)
    return endpoint


def enable_endpoint(
    tx: NotificationsTx, endpoint_id: UUID, check: Callable[[EndpointDetails], object]
) -> WebhookEndpoint:
    """Deliver again, in the name of whoever enables it. Raises what `check` raises."""
    endpoint = tx.webhooks.get(endpoint_id)
    check(endpoint.details)
    if not endpoint.is_enabled:
        authority = authority_of(tx.caller)
        endpoint.enable(authority.user_id, tx.clock.now())
        tx.webhooks.authorise(endpoint_id, authority)
        tx.webhooks.consider_well(endpoint_id)
        tx.once_committed(tx.signals.deliveries_queued)
    return endpoint


def disable_endpoint(
    tx: NotificationsTx, endpoint_id: UUID, reason: DisabledReason = DisabledReason.BY_REQUEST
) -> WebhookEndpoint:
    """Deliver nothing any more; what waits goes on waiting."""
    endpoint = tx.webhooks.get(endpoint_id)
    endpoint.disable(reason, tx.clock.now())
    return endpoint


def remove_endpoint(tx: NotificationsTx, endpoint_id: UUID) -> None:
    """Remove an endpoint. What waits for it is never sent."""
    endpoint = tx.webhooks.get(endpoint_id)
    endpoint.remove()
    tx.webhooks.remove(endpoint)
    tx.webhooks.forget_all_about(endpoint_id)


def rotate_secret(tx: NotificationsTx, endpoint_id: UUID, keep_old: timedelta) -> Shown:
    """Sign with a new secret, and with the old one too for some time. Raises `Conflict`."""
    endpoint, secret = tx.webhooks.get(endpoint_id), new_secret()
    endpoint.rotate(sealed(tx, endpoint_id, secret), keep_old, tx.clock.now())
    return Shown(endpoint, secret)


def stop_endpoints_of_user(tx: NotificationsTx, user_id: UUID) -> None:
    """Deliver nothing any more in the name of a user who is not let in."""
    _stop(tx, tx.webhooks.of_user(user_id))


def stop_endpoints_of_client(tx: NotificationsTx, client_id: str) -> None:
    """Deliver nothing any more in the name of an app that is deactivated."""
    _stop(tx, tx.webhooks.of_client(client_id))


def _stop(tx: NotificationsTx, endpoint_ids: list[UUID]) -> None:
    for endpoint in tx.webhooks.get_many(endpoint_ids):
        endpoint.disable(DisabledReason.OWNER_DEACTIVATED, tx.clock.now())


def note_roles(tx: NotificationsTx, user_id: UUID, role_ids: list[UUID], version: int) -> None:
    """Keep which roles a user has, as identity has told."""
    tx.webhooks.note_roles(user_id, role_ids, version)


def authority_of(caller: Caller) -> Authority:
    """In whose name an endpoint gets facts that this caller makes or changes."""
    user_id = caller.user_id
    return Authority(user_id, caller.client_id, caller.grants.scopes, caller.role_ids)


def sealed(tx: NotificationsTx, endpoint_id: UUID, secret: str) -> str:
    """A secret as it is kept."""
    return tx.secrecy.sealer.seal(secret.encode(), context_of(endpoint_id)).hex()


def context_of(endpoint_id: UUID) -> str:
    """What a secret is sealed for: no other endpoint's row can hold it."""
    return f"webhook {endpoint_id}"
