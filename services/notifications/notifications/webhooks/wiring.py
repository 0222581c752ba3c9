"""Puts the parts of webhooks together: what `app.build` takes over into the service."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.http.routes import Routes
from chassis.outbound.http import OutboundHttp
from chassis.service import Service
from chassis.work.periodic import PeriodicWork
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from notifications.signals import Signals
from notifications.transaction import NotificationsTx
from notifications.webhooks.api import endpoints, webhook_routes
from notifications.webhooks.delivery_api import deliveries
from notifications.webhooks.notices import Administrators, notice_work
from notifications.webhooks.owner_rights import OwnerRights, UserRoles
from notifications.webhooks.pruning import webhook_pruning
from notifications.webhooks.sender import WebhookSender
from notifications.webhooks.sending import Sending


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Routes for the API, and what works in the background."""

    routes: tuple[Routes, ...]
    sender: WebhookSender
    works: list[PeriodicWork]


def wire_webhooks(
    service: Service[NotificationsTx],
    settings: NotificationsSettings,
    signals: Signals,
    secrecy: Secrecy,
    users: UserRoles,
    administrators: Administrators,
) -> Webhooks:
    """All of it, over the service's own storage."""
    name, operations, clock = service.description.name, service.operations, service.clock
    outbound = OutboundHttp(settings.allowed_networks)
    rights = OwnerRights(name, operations, service.directory, users)
    sending = Sending(
        name,
        operations,
        outbound,
        rights,
        secrecy.sealer,
        clock,
        seconds=settings.webhook_seconds,
    )
    sender = WebhookSender(service.database, sending, clock, threads=settings.webhook_threads)
    signals.when_deliveries_wait(sender.wake)
    return Webhooks(
        (webhook_routes(outbound), endpoints, deliveries),
        sender,
        [
            *webhook_pruning(service.database, clock),
            notice_work(service.database, operations, administrators, name),
        ],
    )
