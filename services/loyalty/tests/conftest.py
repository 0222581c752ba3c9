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
from loyalty.app import build
from loyalty.description import DESCRIPTION
from loyalty.settings import LoyaltySettings
from loyalty.transaction import LoyaltyTx
from services.loyalty.tests.fakes import FakePeople

__all__ = ["access", "postgres", "tokens"]

SECRETS = {
    "sealing_secret": "seals the codes of coupons and gifts",
    "contacts_grpc": "127.0.0.1:1",  # nobody is there: tests say by `people` what contacts knows
}


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """The broker, on which tests speak for other services."""
    with running_bus(tmp_path_factory.mktemp("nats"), DESCRIPTION) as running:
        yield running


@pytest.fixture(scope="session")
def database(postgres: PostgresServer) -> TestDatabase:
    """The migrated database."""
    return migrated_database(postgres, "loyalty", DESCRIPTION.migrations)


@pytest.fixture(scope="session")
def people() -> FakePeople:
    """What contacts knows of people: nothing, but for what tests say."""
    return FakePeople()


@pytest.fixture(scope="session")
def loyalty(
    database: TestDatabase,
    bus: Bus,
    tokens: TestTokens,
    access: FakeAccessSource,
    people: FakePeople,
) -> Iterator[ServiceHarness[LoyaltyTx]]:
    """The service with its relay and consumers at work."""
    settings = LoyaltySettings(**settings_for(database, **SECRETS, **bus.settings))
    service = build(settings, keys=tokens.key_source(), access=access, people=people)
    service.start(["worker"])
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def clock() -> MovableClock:
    """A clock that the test moves; it starts now, since tokens are of now."""
    return MovableClock(datetime.now(UTC))


@pytest.fixture(scope="session")
def database_apart(postgres: PostgresServer) -> TestDatabase:
    """Another database, in which nobody lives by the real clock."""
    return migrated_database(postgres, "loyalty", DESCRIPTION.migrations, "loyalty_apart")


@pytest.fixture
def timed(
    database_apart: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    clock: MovableClock,
    people: FakePeople,
) -> Iterator[ServiceHarness[LoyaltyTx]]:
    """The service by the movable clock, without broker: the test fires what is due.

    Apart from the one by the real clock, which would hear of facts and fire timers beside the test.
    """
    settings = LoyaltySettings(**settings_for(database_apart, **SECRETS))
    service = build(settings, clock=clock, keys=tokens.key_source(), access=access, people=people)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def app(loyalty: ServiceHarness[LoyaltyTx]) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return loyalty.app_client(loyalty.new_tenant())
