"""Identity under test: a migrated database and the service built on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chassis.clock import MovableClock
from chassis.embedded.postgres import PostgresServer
from chassis.testing.access import FakeAccessSource
from chassis.testing.fixtures import access, postgres, tokens
from chassis.testing.harness import (
    ServiceHarness,
    TestDatabase,
    migrated_database,
    settings_for,
)
from chassis.testing.tokens import TestTokens
from identity.app import build, wire
from identity.description import DESCRIPTION
from identity.settings import IdentitySettings
from identity.transaction import IdentityTx

from .builders import Organisation, organisation
from .fakes import FakeMailer
from .provider import SERVICE_SECRET, Provider

__all__ = ["access", "postgres", "tokens"]


@pytest.fixture(scope="session")
def database(postgres: PostgresServer) -> TestDatabase:
    """Identity's migrated database."""
    return migrated_database(postgres, "identity", DESCRIPTION.migrations)


@pytest.fixture(scope="session")
def settings(database: TestDatabase) -> IdentitySettings:
    """Settings of a test: password hashes that cost little."""
    more = {
        "key_encryption_secret": "a key of the tests that is long enough",
        "password_memory_kib": 1_024,
        "service_clients": "{}",
    }
    return IdentitySettings(**settings_for(database, **more))


@pytest.fixture(scope="session")
def mailer() -> FakeMailer:
    """Where mail ends."""
    return FakeMailer()


@pytest.fixture(scope="session")
def identity(
    settings: IdentitySettings,
    tokens: TestTokens,
    access: FakeAccessSource,
    mailer: FakeMailer,
) -> Iterator[ServiceHarness[IdentityTx]]:
    """The service, without the parts that need a broker."""
    service = build(settings, keys=tokens.key_source(), access=access, mailer=mailer)
    yield ServiceHarness(service, tokens, access)
    service.stop()


@pytest.fixture(scope="session")
def clock() -> MovableClock:
    """The provider's clock; it only ever moves forwards, and stays behind the machine's."""
    return MovableClock(datetime(2024, 2, 1, 8, 30, tzinfo=UTC))


@pytest.fixture(scope="session")
def provider(
    settings: IdentitySettings, clock: MovableClock, mailer: FakeMailer
) -> Iterator[Provider]:
    """The service as users and apps meet it: with its own keys and its own roles."""
    secret = hashlib.sha256(SERVICE_SECRET.encode()).hexdigest()
    known = settings.model_copy(update={"service_clients": {"contacts": secret}})
    service, parts = wire(known, clock=clock, mailer=mailer)
    yield Provider(service, parts, clock, mailer)
    service.stop()


@pytest.fixture
def acme(identity: ServiceHarness[IdentityTx]) -> Organisation:
    """A tenant of the test's own."""
    return organisation(identity)
