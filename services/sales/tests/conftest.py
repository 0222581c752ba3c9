"""The service under test: a migrated database, a broker, and the service at work on both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chassis.clock import MovableClock
from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.bus import Bus, running_bus
from chassis.testing.client import ApiClient
from chassis.testing.fixtures import access, postgres, tokens
from chassis.testing.harness import (
    ServiceHarness,
    TestDatabase,
    migrated_database,
    settings_for,
)
from chassis.testing.tokens import TestTokens
from sales.app import build
from sales.description import DESCRIPTION
from sales.settings import SalesSettings
from sales.transaction import SalesTx

NOBODY = "127.0.0.1:1"
"""Where no peer answers."""

__all__ = ["access", "postgres", "tokens"]


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """The broker, on which tests speak for contacts and identity."""
    with running_bus(tmp_path_factory.mktemp("nats"), DESCRIPTION) as running:
        yield running


@pytest.fixture(scope="session")
def database(postgres: PostgresServer) -> TestDatabase:
    """The migrated database."""
    return migrated_database(postgres, "sales", DESCRIPTION.migrations)


@pytest.fixture(scope="session")
def sales(
    database: TestDatabase, bus: Bus, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[ServiceHarness[SalesTx]]:
    """The service with its relay and consumers at work."""
    settings = SalesSettings(**settings_for(database, **bus.settings, contacts_grpc=NOBODY))
    service = build(settings, keys=tokens.key_source(), access=access)
    service.start(["worker"])
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def clock() -> MovableClock:
    """A clock that the test moves; it starts now, since tokens are of now."""
    return MovableClock(datetime.now(UTC))


@pytest.fixture
def timed(
    database: TestDatabase, tokens: TestTokens, access: FakeAccessSource, clock: MovableClock
) -> Iterator[ServiceHarness[SalesTx]]:
    """The service by the movable clock, without broker: the test fires what is due."""
    settings = SalesSettings(**settings_for(database, contacts_grpc=NOBODY))
    service = build(settings, clock=clock, keys=tokens.key_source(), access=access)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def app(sales: ServiceHarness[SalesTx]) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return sales.app_client(sales.new_tenant())
