"""Sales with a stand-in for contacts, by a clock that the test moves."""

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
from services.sales.tests.conftest import NOBODY
from services.sales.tests.fakes import FakeCustomers


@pytest.fixture
def customers() -> FakeCustomers:
    """Whom contacts knows."""
    return FakeCustomers()


@pytest.fixture
def asking(
    database: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    clock: MovableClock,
    customers: FakeCustomers,
) -> Iterator[Sales]:
    """The service, without broker: the test fires what is due."""
    settings = SalesSettings(**settings_for(database, contacts_grpc=NOBODY))
    service = build(
        settings, clock=clock, keys=tokens.key_source(), access=access, customers=customers
    )
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def app(asking: Sales, clock: MovableClock) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return lasting_app(asking, clock)
