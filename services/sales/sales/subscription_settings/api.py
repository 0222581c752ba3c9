"""Settings of subscriptions over REST."""

from __future__ import annotations

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from sales.subscription_settings import operations, queries
from sales.subscription_settings.models import (
    SubscriptionSettingsIn,
    SubscriptionSettingsOut,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.subscription_settings.read"
WRITE = "sales.subscription_settings.write"

subscription_settings = Routes("/v1/sales/subscription-settings", tag="subscriptions")


@subscription_settings.get("", permission=READ, returns=SubscriptionSettingsOut)
def get_subscription_settings(call: Call[SalesTx]) -> Reply:
    """Get when the tenant is reminded of renewals, and where they are opened."""
    settings = call.read(queries.get_subscription_settings)
    return Reply(settings, version=settings["version"])


@subscription_settings.put(
    "",
    permission=WRITE,
    body=SubscriptionSettingsIn,
    returns=SubscriptionSettingsOut,
    conditional=True,
)
def change_subscription_settings(call: Call[SalesTx], body: SubscriptionSettingsIn) -> Response:
    """Say when the tenant is reminded of renewals; it holds for every term that runs."""
    return call.run(
        lambda tx: operations.change_subscription_settings(
            tx, body.reminder_days, body.pipeline_id
        ),
        lambda _tx, settings: Reply(shown(settings), version=settings.version),
        about=call.caller.tenant_id,
    )
