"""Tells whoever an endpoint belongs to that it was disabled without anybody having asked for it."""

from __future__ import annotations

from notifications.messages.domain import Order, Recipient
from notifications.messages.operations import queue_message
from notifications.transaction import NotificationsTx
from notifications.webhooks.domain import DisabledReason, WebhookEndpoint

_TEMPLATE = "webhook_disabled"


def disable_with_notice(
    tx: NotificationsTx, endpoint: WebhookEndpoint, reason: DisabledReason
) -> None:
    """Disable an endpoint, and write to its user. An app has no address: it finds the fact."""
    if not endpoint.is_enabled:
        return
    endpoint.disable(reason, tx.clock.now())
    if endpoint.owner_user_id is None:
        return
    order = Order(
        Recipient(user_id=endpoint.owner_user_id),
        "email",
        template=_TEMPLATE,
        variables={"url": endpoint.details.url, "reason": reason.value},
        request_id=f"{_TEMPLATE}/{endpoint.id}/{endpoint.version}",
    )
    queue_message(tx, order)
