"""Devices that take pushed messages, over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.domain import Forbidden
from chassis.http.body import Body
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from notifications.push import operations, queries
from notifications.push.devices import Device
from notifications.push.domain import DeviceOwner, PushSubscription
from notifications.push.keys import PushKeys
from notifications.transaction import NotificationsTx

READ = "notifications.push_subscriptions.read"
WRITE = "notifications.push_subscriptions.write"

_Encoded = Annotated[str, Field(min_length=1, max_length=200)]


class PushKeysIn(Body):
    """A browser's `keys`: its public key and the shared secret, both in base64url."""

    p256dh: _Encoded
    auth: _Encoded


class PushSubscriptionIn(Body):
    """What a browser's `PushSubscription.toJSON()` gives, and whose device it is.

    Without `person_id` it is the device of the user who asks.
    """

    endpoint: Annotated[str, Field(min_length=8, max_length=2000)]
    keys: PushKeysIn
    person_id: UUID | None = None
    label: Annotated[str, Field(max_length=100)] = ""


class PushSubscriptionOut(BaseModel):
    """A device, without its address and keys."""

    id: UUID
    version: int
    person_id: UUID | None
    user_id: UUID | None
    label: str
    created_at: datetime


class PushKeyOut(BaseModel):
    """What a browser needs as `applicationServerKey` to subscribe."""

    public_key: str


def push_routes(keys: PushKeys) -> Routes:
    """The routes; `keys` knows the tenant's key."""
    routes = Routes("/v1/notifications/push-subscriptions", tag="push-subscriptions")

    @routes.get("/key", permission=SIGNED_IN, returns=PushKeyOut, problems=(404,))
    def get_push_key(call: Call[NotificationsTx]) -> Reply:
        """Get the key that browsers subscribe with (VAPID, RFC 8292).

        404 while the tenant has no provider of kind `web_push`.
        """
        return Reply({"public_key": call.read(keys.public_key)})

    @routes.get(
        "", permission=READ, listing=queries.PUSH_SUBSCRIPTIONS, returns=PushSubscriptionOut
    )
    def list_push_subscriptions(call: Call[NotificationsTx], listing: Listing) -> Reply:
        """List devices, the latest first unless asked otherwise."""
        return Reply(call.read(queries.list_subscriptions, listing))

    @routes.post(
        "", permission=SIGNED_IN, body=PushSubscriptionIn, returns=PushSubscriptionOut, status=201
    )
    def subscribe_device(call: Call[NotificationsTx], body: PushSubscriptionIn) -> Response:
        """Push to a device from now on; a known one gets the new keys and owner.

        For a person's device it needs `notifications.push_subscriptions.write`; one's own needs nothing.
        """
        owner = _owner(call, body)
        device = Device.read(body.endpoint, body.keys.p256dh, body.keys.auth)

        def reply(tx: NotificationsTx, made: PushSubscription) -> Reply:
            shown = queries.get_subscription(tx, made.id)
            return Reply.created(f"{routes.prefix}/{made.id}", shown, made.version)

        return call.run(
            lambda tx: operations.subscribe_device(tx, owner, device, body.label), reply
        )

    @routes.delete("/<uuid:push_subscription_id>", permission=SIGNED_IN)
    def unsubscribe_device(call: Call[NotificationsTx], push_subscription_id: UUID) -> Response:
        """Push to a device no longer; without the permission to write only one's own."""
        any_owner = call.caller.reach(WRITE) is not None
        own = None if any_owner else DeviceOwner(user_id=call.caller.user_id)
        return call.run(
            lambda tx: operations.unsubscribe_device(tx, push_subscription_id, own),
            lambda _tx, _nothing: Reply.nothing(),
        )

    return routes


def _owner(call: Call[NotificationsTx], body: PushSubscriptionIn) -> DeviceOwner:
    if body.person_id is not None:
        if call.caller.reach(WRITE) is None:
            raise Forbidden(f"For a person's device this needs the permission {WRITE}.")
        return DeviceOwner(person_id=body.person_id)
    if call.caller.user_id is None:
        raise Forbidden("An app has no device of its own: name the person with person_id.")
    return DeviceOwner(user_id=call.caller.user_id)
