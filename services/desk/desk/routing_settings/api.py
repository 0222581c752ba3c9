"""Routing settings over REST."""

from __future__ import annotations

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.routing_settings import operations, queries
from desk.routing_settings.models import (
    RoutingSettingsIn,
    RoutingSettingsOut,
    preferences_in,
    shown,
)
from desk.transaction import DeskTx

READ = "desk.routing_settings.read"
WRITE = "desk.routing_settings.write"

routing_settings = Routes("/v1/desk/routing-settings", tag="routing")


@routing_settings.get("", permission=READ, returns=RoutingSettingsOut)
def get_routing_settings(call: Call[DeskTx]) -> Reply:
    """Get who counts as a valuable customer, and what becomes of the tickets of who is away."""
    settings = call.read(queries.get_routing_settings)
    return Reply(settings, version=settings["version"])


@routing_settings.put(
    "", permission=WRITE, body=RoutingSettingsIn, returns=RoutingSettingsOut, conditional=True
)
def change_routing_settings(call: Call[DeskTx], body: RoutingSettingsIn) -> Response:
    """Say so for what comes; tickets that were routed stay as they are."""
    chosen = preferences_in(body)
    return call.run(
        lambda tx: operations.change_routing_settings(tx, chosen),
        lambda _tx, settings: Reply(shown(settings), version=settings.version),
        about=call.caller.tenant_id,
    )
