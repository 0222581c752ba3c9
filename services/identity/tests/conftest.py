"""Identity under test: a migrated database and the service built on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
from identity.app import build
from identity.description import DESCRIPTION
from identity.settings import IdentitySettings
from identity.transaction import IdentityTx

from .builders import Organisation, organisation
from .fakes import FakeMailer

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


@pytest.fixture
def acme(identity: ServiceHarness[IdentityTx]) -> Organisation:
    """A tenant of the test's own."""
    return organisation(identity)
