"""Desk beside a contacts that shows customers as it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.clock import MovableClock
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from chassis.testing.tokens import TestTokens
from desk.app import build
from desk.peers import Others
from desk.settings import DeskSettings
from services.desk.tests.agent_view.contacts import FakeContacts, fake_contacts
from services.desk.tests.builders import Desk, lasting_app


@pytest.fixture
def contacts() -> Iterator[FakeContacts]:
    """Contacts."""
    with fake_contacts() as running:
        yield running


@pytest.fixture
def viewing(
    database_apart: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    clock: MovableClock,
    own: dict[str, str],
    asked: Others,
    contacts: FakeContacts,
) -> Iterator[Desk]:
    """Desk by the movable clock; contacts has long, for machines on which much is going on."""
    more = {**own, "contacts_grpc": contacts.address, "agent_view_seconds": "5"}
    settings = DeskSettings(**settings_for(database_apart, **more))
    service = build(settings, clock=clock, keys=tokens.key_source(), access=access, asked=asked)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def agent(viewing: Desk, clock: MovableClock) -> ApiClient:
    """An app that may do everything, in a tenant of its own."""
    return lasting_app(viewing, clock)
