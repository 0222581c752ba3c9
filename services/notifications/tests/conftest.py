"""The service under test: a migrated database, a broker, and the service at work on both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.bus import Bus, running_bus
from chassis.testing.fixtures import access, postgres, tokens
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from notifications.app import build
from notifications.delivery.queue import MessageQueue
from notifications.delivery.wiring import message_runner, provider_maker
from notifications.description import DESCRIPTION
from notifications.secrecy import Secrecy
from notifications.settings import NotificationsSettings
from notifications.transaction import NotificationsTx
from services.notifications.tests.delivery.sending import SendingNotifications, TestClock
from services.notifications.tests.fakes import FakeRecipients, FakeTemplates
from services.notifications.tests.mail_sink import MailSink, mail_sink

__all__ = ["access", "postgres", "tokens"]

OWN_SETTINGS = {
    "contacts_grpc": "127.0.0.1:1",
    "sealing_secret": "seals what providers and webhooks keep",
    "fingerprint_secret": "names addresses without keeping them",
    "outbound_networks": "127.0.0.0/8",
}


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """The broker, on which tests speak for contacts and identity."""
    with running_bus(tmp_path_factory.mktemp("nats"), DESCRIPTION) as running:
        yield running


@pytest.fixture(scope="session")
def notifications(
    postgres: PostgresServer, bus: Bus, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[ServiceHarness[NotificationsTx]]:
    """The service with its relay and consumers at work."""
    database = migrated_database(postgres, "notifications", DESCRIPTION.migrations)
    settings = NotificationsSettings(**settings_for(database, **bus.settings, **OWN_SETTINGS))
    service = build(settings, keys=tokens.key_source(), access=access)
    service.start(["worker"])
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture(scope="session")
def sink() -> Iterator[MailSink]:
    """The platform's mail server."""
    with mail_sink() as running:
        yield running


@pytest.fixture(scope="session")
def sending_service(
    postgres: PostgresServer, sink: MailSink, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[SendingNotifications]:
    """Notifications with a worker that works when told to, on a database of its own."""
    database = migrated_database(
        postgres, "notifications", DESCRIPTION.migrations, "notifications_sending"
    )
    more = {**OWN_SETTINGS, "mail_smtp_url": sink.url, "mail_sender": "Shop <shop@example.com>"}
    settings = NotificationsSettings(**settings_for(database, **more))
    clock, recipients, templates = TestClock(), FakeRecipients(), FakeTemplates()
    service = build(
        settings,
        clock=clock,
        keys=tokens.key_source(),
        access=access,
        recipients=recipients,
        templates=templates,
    )
    secrecy = Secrecy(settings)
    providers = provider_maker(settings, secrecy, service.operations)
    runner = message_runner(service, settings, secrecy, providers, recipients, templates)
    queue = MessageQueue(service.database, clock, runner.lease)
    harness = ServiceHarness(service, tokens, access)
    yield SendingNotifications(harness, runner, queue, clock, recipients, sink)
    service.stop()


@pytest.fixture
def sending(sending_service: SendingNotifications) -> SendingNotifications:
    """The same for a tenant that nobody has used before, at the right time."""
    one = replace(sending_service, tenant_id=uuid4())
    one.clock.fixed, one.clock.ahead = None, timedelta()
    one.recipients.away = False
    one.sink.on_recipient = one.sink.on_content = "250 OK"
    one.sink.recipient_gate = one.sink.content_gate = None
    return one
