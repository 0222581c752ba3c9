"""The service under test: a migrated database, a broker, and the service at work on both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.bus import Bus, running_bus
from chassis.testing.fixtures import access, postgres, tokens
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from notifications.app import build
from notifications.description import DESCRIPTION
from notifications.settings import NotificationsSettings
from notifications.transaction import NotificationsTx

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
