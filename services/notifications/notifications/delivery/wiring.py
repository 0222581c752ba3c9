"""Puts together what sends messages, and what speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chassis.domain import Conflict
from chassis.http.pages import Pages
from chassis.http.routes import Routes
from chassis.outbound.dialer import Dialer
from chassis.outbound.http import OutboundHttp
from chassis.service import Service
from chassis.storage.unit_of_work import Operations
from chassis.work.periodic import PeriodicWork
from notifications.bounces.api import bounces
from notifications.delivery.preparing import Preparing
from notifications.delivery.pruning import message_pruning
from notifications.delivery.public_links import MessageLinks
from notifications.delivery.queue import MessageQueue
from notifications.delivery.recipients import Recipients
from notifications.delivery.runner import MessageRunner
from notifications.delivery.sending import Sending
from notifications.delivery.wording import Templates
from notifications.inbox.provider import InboxProvider
from notifications.letters.api import letters
from notifications.letters.keeping import StoredLetters
from notifications.messages.api import messages
from notifications.pages.wiring import public_pages
from notifications.policies.api import policies
from notifications.providers.adapters.smtp import platform_smtp
from notifications.providers.api import provider_kind_routes, provider_routes
from notifications.providers.making import ProviderMaker
from notifications.providers.port import Tools
from notifications.push.directory import StoredDevices
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from notifications.suppressions.api import suppression_routes
from notifications.transaction import NotificationsTx


def provider_maker(
    settings: NotificationsSettings,
    secrecy: Secrecy,
    operations: Operations[NotificationsTx],
) -> ProviderMaker:
    """What makes providers ready to be called."""
    networks = settings.allowed_networks
    devices = StoredDevices(operations, secrecy)
    stored = StoredLetters(operations)
    tools = Tools(OutboundHttp(networks), Dialer(networks), settings.public_url, devices, stored)
    url = settings.mail_smtp_url
    mail = None if url is None else platform_smtp(url.get_secret_value(), settings.mail_sender)
    return ProviderMaker(tools, secrecy.sealer, mail, InboxProvider(operations))


def message_runner(
    service: Service[NotificationsTx],
    settings: NotificationsSettings,
    secrecy: Secrecy,
    providers: ProviderMaker,
    recipients: Recipients,
    templates: Templates,
) -> MessageRunner:
    """The workers that empty the queue."""
    lease = timedelta(seconds=settings.sending_lease_seconds)
    links = MessageLinks(secrecy.links, settings.public_url)
    preparing = Preparing(recipients, templates, links, secrecy, lease, providers.has_platform_mail)
    sending = Sending(service.operations, preparing, providers, links, lease)
    queue = MessageQueue(service.database, service.clock, lease)
    return MessageRunner(queue, sending, service.clock, settings.sending_threads)


POLICY_CONFLICTS = {
    "delivery_policies_unique": Conflict(
        "There is a policy for this channel and purpose already.", code="policy_exists"
    )
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """The parts of a service that sends messages."""

    routes: Sequence[Routes]
    pages: tuple[Pages, ...]
    runner: MessageRunner
    works: Sequence[PeriodicWork]


def wire_delivery(
    service: Service[NotificationsTx],
    settings: NotificationsSettings,
    secrecy: Secrecy,
    recipients: Recipients,
    templates: Templates,
) -> Delivery:
    """All that has to do with messages, ready to be served and set to work."""
    providers = provider_maker(settings, secrecy, service.operations)
    return Delivery(
        routes=(
            messages,
            bounces,
            letters,
            policies,
            provider_kind_routes,
            provider_routes(providers, secrecy, service.clock),
            suppression_routes(secrecy.fingerprints),
        ),
        pages=public_pages(service.operations, secrecy, recipients, settings.public_url),
        runner=message_runner(service, settings, secrecy, providers, recipients, templates),
        works=message_pruning(
            service.database, service.clock, timedelta(days=settings.body_kept_days)
        ),
    )
