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
from desk.app import build
from desk.description import DESCRIPTION
from desk.peers import Others
from desk.settings import DeskSettings
from desk.transaction import DeskTx
from services.desk.tests.fakes import FakeErasedPeople, FakeLeads, FakeRequesters
from services.desk.tests.routing_fakes import FakeMemberships, FakeOwners

__all__ = ["access", "postgres", "tokens"]

SECRETS = {
    "sealing_secret": "seals what only desk may read, and signs links",
    "intake_secret": "what mail servers of the platform show to desk",
    # Nobody is there: tests hand in what peers know.
    "contacts_grpc": "127.0.0.1:1",
    "loyalty_grpc": "127.0.0.1:1",
}


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings that only desk has."""
    return {**SECRETS, "attachments": str(tmp_path_factory.mktemp("attachments"))}


@pytest.fixture(scope="session")
def asked() -> Others:
    """Whom the service asks: nobody who answers by himself, but for what tests say."""
    return Others(
        requesters=FakeRequesters(),
        memberships=FakeMemberships(),
        owners=FakeOwners(),
        leads=FakeLeads(),
        erased=FakeErasedPeople(),
    )


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """The broker, on which tests speak for other services."""
    with running_bus(tmp_path_factory.mktemp("nats"), DESCRIPTION) as running:
        yield running


@pytest.fixture(scope="session")
def database(postgres: PostgresServer) -> TestDatabase:
    """The migrated database."""
    return migrated_database(postgres, "desk", DESCRIPTION.migrations)


@pytest.fixture(scope="session")
def desk(
    database: TestDatabase,
    bus: Bus,
    tokens: TestTokens,
    access: FakeAccessSource,
    own: dict[str, str],
    asked: Others,
) -> Iterator[ServiceHarness[DeskTx]]:
    """The service with its relay and consumers at work."""
    settings = DeskSettings(**settings_for(database, **own, **bus.settings))
    service = build(settings, keys=tokens.key_source(), access=access, asked=asked)
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
    return migrated_database(postgres, "desk", DESCRIPTION.migrations, "desk_apart")


@pytest.fixture
def timed(
    database_apart: TestDatabase,
    tokens: TestTokens,
    access: FakeAccessSource,
    clock: MovableClock,
    own: dict[str, str],
    asked: Others,
) -> Iterator[ServiceHarness[DeskTx]]:
    """The service by the movable clock, without broker: the test fires what is due.

    Apart from the one by the real clock, which would hear of facts and fire timers beside the test.
    """
    settings = DeskSettings(**settings_for(database_apart, **own))
    service = build(settings, clock=clock, keys=tokens.key_source(), access=access, asked=asked)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture
def app(desk: ServiceHarness[DeskTx]) -> ApiClient:
    """An external app with every permission, in a tenant of its own."""
    return desk.app_client(desk.new_tenant())
