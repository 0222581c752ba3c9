"""The service with a fake that knows customers, by the movable clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.clock import MovableClock
from chassis.testing.access import FakeAccessSource
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness, TestDatabase, settings_for
from chassis.testing.tokens import TestTokens
from sales.app import build
from sales.settings import SalesSettings
from services.sales.tests.builders import Sales, lasting_app
from services.sales.tests.sending import FakeRecipients


@pytest.fixture
def recipients() -> FakeRecipients:
    """Whom contacts would know."""
    return FakeRecipients()


@pytest.fixture
def sending(
    database: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    clock: MovableClock,
    recipients: FakeRecipients,
) -> Iterator[Sales]:
    """The service, without broker: the test fires what is due."""
    settings = SalesSettings(**settings_for(database, contacts_grpc="127.0.0.1:1"))
    service = build(
        settings, clock=clock, keys=tokens.key_source(), access=access, recipients=recipients
    )
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def seller(sending: Sales, clock: MovableClock) -> ApiClient:
    """An app of a seller whose token outlives the moved clock."""
    return lasting_app(sending, clock)
