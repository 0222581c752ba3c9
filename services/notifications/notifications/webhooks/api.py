"""Webhook endpoints over REST (NO-8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from flask import Response

from chassis.context import Caller
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.outbound.http import OutboundHttp
from chassis.storage.listing import Listing
from notifications.feed.rights import require_all, require_well_formed
from notifications.transaction import NotificationsTx
from notifications.webhooks import operations, queries
from notifications.webhooks.domain import EndpointDetails, WebhookEndpoint
from notifications.webhooks.flows import require_address
from notifications.webhooks.models import (
    RotationIn,
    WebhookIn,
    WebhookOut,
    WebhookPatch,
    WebhookWithSecretOut,
    change_in,
    details_in,
)
from notifications.webhooks.operations import Shown

READ = "notifications.webhooks.read"
WRITE = "notifications.webhooks.write"
PREFIX = "/v1/notifications/webhooks"


endpoints = Routes(PREFIX, tag="webhooks")
"""What is done with endpoints that there are."""


def webhook_routes(outbound: OutboundHttp) -> Routes:
    """The routes by which addresses are given; `outbound` says which may be called."""
    webhooks = Routes(PREFIX, tag="webhooks")

    @webhooks.post(
        "",
        permission=WRITE,
        body=WebhookIn,
        returns=WebhookWithSecretOut,
        status=201,
        problems=(409,),
    )
    def register_webhook(call: Call[NotificationsTx], body: WebhookIn) -> Response:
        """Register an endpoint, to which facts are delivered from now on.

        Each of its types needs its own permission, with reach over all records, now and whenever
        something is delivered. The secret is shown this once.
        """
        details = details_in(body)
        _check_types(call.caller)(details)
        require_address(outbound, details.url)

        def reply(_tx: NotificationsTx, made: Shown) -> Reply:
            location = f"{PREFIX}/{made.endpoint.id}"
            return _with_secret(made, 201, {"Location": location})

        return call.run(lambda tx: operations.register_endpoint(tx, details), reply)

    @webhooks.patch("/<uuid:webhook_id>", permission=WRITE, body=WebhookPatch, returns=WebhookOut)
    def change_webhook(
        call: Call[NotificationsTx], body: WebhookPatch, webhook_id: UUID
    ) -> Response:
        """Change an endpoint; from then on it gets facts in the name of whoever changed it."""
        if "url" in body.model_fields_set:
            require_address(outbound, body.url)
        change, check = change_in(body), _check_types(call.caller)
        return call.run(
            lambda tx: operations.change_endpoint(tx, webhook_id, change, check), _shown
        )

    return webhooks


@endpoints.get("", permission=READ, listing=queries.ENDPOINTS, returns=WebhookOut)
def list_webhooks(call: Call[NotificationsTx], listing: Listing) -> Reply:
    """List webhook endpoints."""
    return Reply(call.read(queries.list_endpoints, listing))


@endpoints.get("/<uuid:webhook_id>", permission=READ, returns=WebhookOut)
def get_webhook(call: Call[NotificationsTx], webhook_id: UUID) -> Reply:
    """Get an endpoint."""
    endpoint = call.read(queries.get_endpoint, webhook_id)
    return Reply(endpoint, version=endpoint["version"])


@endpoints.delete("/<uuid:webhook_id>", permission=WRITE)
def remove_webhook(call: Call[NotificationsTx], webhook_id: UUID) -> Response:
    """Remove an endpoint; what waits for it is never sent."""
    return call.run(
        lambda tx: operations.remove_endpoint(tx, webhook_id),
        lambda _tx, _none: Reply.nothing(),
    )


@endpoints.post("/<uuid:webhook_id>/enable", permission=WRITE, returns=WebhookOut)
def enable_webhook(call: Call[NotificationsTx], webhook_id: UUID) -> Response:
    """Deliver to an endpoint again, in the name of whoever enables it."""
    check = _check_types(call.caller)
    return call.run(lambda tx: operations.enable_endpoint(tx, webhook_id, check), _shown)


@endpoints.post("/<uuid:webhook_id>/disable", permission=WRITE, returns=WebhookOut)
def disable_webhook(call: Call[NotificationsTx], webhook_id: UUID) -> Response:
    """Deliver nothing to an endpoint until it is enabled again; what waits goes on waiting."""
    return call.run(lambda tx: operations.disable_endpoint(tx, webhook_id), _shown)


@endpoints.post(
    "/<uuid:webhook_id>/rotate-secret",
    permission=WRITE,
    body=RotationIn,
    returns=WebhookWithSecretOut,
    problems=(409,),
)
def rotate_webhook_secret(
    call: Call[NotificationsTx], body: RotationIn, webhook_id: UUID
) -> Response:
    """Sign with a new secret, for a while beside the old one. It is shown this once."""
    keep_old = timedelta(hours=body.keep_old_hours)
    return call.run(
        lambda tx: operations.rotate_secret(tx, webhook_id, keep_old),
        lambda _tx, made: _with_secret(made, 200, {}),
    )


def _shown(_tx: NotificationsTx, endpoint: WebhookEndpoint) -> Reply:
    return Reply(queries.shown(endpoint), version=endpoint.version)


def _with_secret(made: Shown, status: int, headers: dict[str, str]) -> Reply:
    body = {**queries.shown(made.endpoint), "secret": made.secret}
    return Reply(body, status, headers, made.endpoint.version, secrets=("secret",))


def _check_types(caller: Caller) -> Callable[[EndpointDetails], None]:
    """Refuses details with types that mean nothing, or that the caller may not read."""

    def check(details: EndpointDetails) -> None:
        for place, pattern in enumerate(details.types):
            require_well_formed(pattern, f"/types/{place}")
        require_all(caller, details.types, "/types")

    return check
