"""Puts together what sends messages."""

from __future__ import annotations

from datetime import timedelta

from chassis.outbound.dialer import Dialer
from chassis.outbound.http import OutboundHttp
from chassis.service import Service
from notifications.delivery.preparing import Preparing
from notifications.delivery.public_links import MessageLinks
from notifications.delivery.queue import MessageQueue
from notifications.delivery.recipients import Recipients
from notifications.delivery.runner import MessageRunner
from notifications.delivery.sending import Sending
from notifications.delivery.wording import Templates
from notifications.providers.adapters.smtp import platform_smtp
from notifications.providers.making import ProviderMaker
from notifications.providers.port import Tools
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from notifications.transaction import NotificationsTx


def provider_maker(settings: NotificationsSettings, secrecy: Secrecy) -> ProviderMaker:
    """What makes providers ready to be called."""
    networks = settings.allowed_networks
    tools = Tools(OutboundHttp(networks), Dialer(networks), settings.public_url)
    url = settings.mail_smtp_url
    mail = None if url is None else platform_smtp(url.get_secret_value(), settings.mail_sender)
    return ProviderMaker(tools, secrecy.sealer, mail)


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
