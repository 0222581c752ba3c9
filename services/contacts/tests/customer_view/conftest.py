"""Contacts among four services that do as they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from chassis.testing.tokens import TestTokens
from contacts.app import build
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from services.contacts.tests.customer_view.peers import FakePeers, fake_peers
from services.contacts.tests.fakes import FakeUsers

Contacts = ServiceHarness[ContactsTx]
Building = Callable[..., Contacts]


@pytest.fixture
def peers() -> Iterator[FakePeers]:
    """The four services."""
    with fake_peers() as running:
        yield running


@pytest.fixture
def building(
    database: TestDatabase, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[Building]:
    """Builds contacts with these settings."""
    built = []

    def start(**settings: object) -> Contacts:
        service = build(
            ContactsSettings(**settings_for(database, **settings)),
            keys=tokens.key_source(),
            access=access,
            users=FakeUsers(),
        )
        built.append(service)
        return ServiceHarness(service, tokens, access)

    yield start
    for service in built:
        service.stop()


@pytest.fixture
def viewing(building: Building, peers: FakePeers) -> Contacts:
    """Contacts that asks the four; they have long, for machines on which much is going on."""
    return building(**peers.settings(), customer_view_seconds=5)


@pytest.fixture
def app(viewing: Contacts) -> ApiClient:
    """An app that may do everything, in a tenant of its own."""
    return viewing.app_client(viewing.new_tenant())
