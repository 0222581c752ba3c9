"""The log of an endpoint's deliveries over REST: test events, attempts, and sending again (NO-8)."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from notifications.transaction import NotificationsTx
from notifications.webhooks import delivering, queries
from notifications.webhooks.api import PREFIX, READ, WRITE
from notifications.webhooks.delivering import Range
from notifications.webhooks.models import (
    DeliveryOut,
    DeliveryWithAttemptsOut,
    ReplayIn,
    ReplayOut,
)

deliveries = Routes(PREFIX, tag="webhooks")


@deliveries.post(
    "/<uuid:webhook_id>/test",
    permission=WRITE,
    returns=DeliveryWithAttemptsOut,
    status=202,
    problems=(409,),
)
def test_webhook(call: Call[NotificationsTx], webhook_id: UUID) -> Response:
    """Send a test event; the delivery that is answered with shows what comes of it."""

    def reply(tx: NotificationsTx, delivery_id: UUID) -> Reply:
        location = f"{PREFIX}/{webhook_id}/deliveries/{delivery_id}"
        return Reply(queries.get_delivery(tx, webhook_id, delivery_id), 202, {"Location": location})

    return call.run(lambda tx: delivering.queue_test(tx, webhook_id), reply)


@deliveries.get(
    "/<uuid:webhook_id>/deliveries",
    permission=READ,
    listing=queries.DELIVERIES,
    returns=DeliveryOut,
)
def list_webhook_deliveries(
    call: Call[NotificationsTx], listing: Listing, webhook_id: UUID
) -> Reply:
    """List what was or will be delivered to an endpoint, 30 days back; the newest first."""
    return Reply(call.read(queries.list_deliveries, webhook_id, listing))


@deliveries.get(
    "/<uuid:webhook_id>/deliveries/<uuid:delivery_id>",
    permission=READ,
    returns=DeliveryWithAttemptsOut,
)
def get_webhook_delivery(call: Call[NotificationsTx], webhook_id: UUID, delivery_id: UUID) -> Reply:
    """Get a delivery with its attempts and what the endpoint answered."""
    return Reply(call.read(queries.get_delivery, webhook_id, delivery_id))


@deliveries.post(
    "/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/replay",
    permission=WRITE,
    returns=DeliveryWithAttemptsOut,
    status=202,
    problems=(409,),
)
def replay_webhook_delivery(
    call: Call[NotificationsTx], webhook_id: UUID, delivery_id: UUID
) -> Response:
    """Send a delivery again, at once, with the same `webhook-id`."""
    return call.run(
        lambda tx: delivering.replay_one(tx, webhook_id, delivery_id),
        lambda tx, _none: Reply(queries.get_delivery(tx, webhook_id, delivery_id), 202),
        about=webhook_id,
    )


@deliveries.post(
    "/<uuid:webhook_id>/replay",
    permission=WRITE,
    body=ReplayIn,
    returns=ReplayOut,
    status=202,
    problems=(409,),
)
def replay_webhook(call: Call[NotificationsTx], body: ReplayIn, webhook_id: UUID) -> Response:
    """Send again what has failed, or a part of the feed: also what was never sent.

    At most 100,000 at a time; of what has failed, ask again for the rest.
    """
    part = Range(body.since, body.until, body.after_position, body.until_position)
    return call.run(
        lambda tx: delivering.replay(tx, webhook_id, part, failed=body.failed),
        lambda _tx, queued: Reply({"queued": queued}, 202),
    )
