"""Contacts under test: a migrated database and the service built on it."""

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
from contacts.app import build
from contacts.description import DESCRIPTION
from contacts.settings import ContactsSettings
from contacts.transaction import ContactsTx
from services.contacts.tests.fakes import FakeUsers

__all__ = ["access", "contacts", "postgres", "tokens"]


@pytest.fixture(scope="session")
def database(postgres: PostgresServer) -> TestDatabase:
    """The migrated database."""
    return migrated_database(postgres, "contacts", DESCRIPTION.migrations)


@pytest.fixture(scope="session")
def contacts(
    database: TestDatabase, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[ServiceHarness[ContactsTx]]:
    """The service, without the parts that need a broker."""
    settings = ContactsSettings(**settings_for(database, import_max_bytes=40 * 2**20))
    service = build(settings, keys=tokens.key_source(), access=access, users=FakeUsers())
    yield ServiceHarness(service, tokens, access)
    service.stop()
