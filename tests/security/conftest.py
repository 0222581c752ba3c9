"""All services in this process, over one real database, without gateway and broker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.embedded.postgres import PostgresServer
from chassis.service import Service
from chassis.testing.access import FakeAccessSource
from chassis.testing.fixtures import access, postgres, tokens
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from contacts.app import build as build_contacts
from contacts.description import DESCRIPTION as CONTACTS
from contacts.settings import ContactsSettings
from identity.app import build as build_identity
from identity.description import DESCRIPTION as IDENTITY
from identity.settings import IdentitySettings
from rapport_local.services import SERVICES

from .estate import Estate, Services, UnderTest, estate

__all__ = ["access", "postgres", "tokens"]


@pytest.fixture(scope="session")
def services(
    postgres: PostgresServer, tokens: TestTokens, access: FakeAccessSource
) -> Iterator[Services]:
    """Every service by name."""
    databases = {
        about.name: migrated_database(postgres, about.name, about.migrations)
        for about in (IDENTITY, CONTACTS)
    }
    more = {
        "key_encryption_secret": "a key of the tests that is long enough",
        "password_memory_kib": 1_024,
        "service_clients": "{}",
    }
    keys = tokens.key_source()
    identity = IdentitySettings(**settings_for(databases["identity"], **more))
    contacts = ContactsSettings(**settings_for(databases["contacts"]))
    built: dict[str, Service[Any]] = {
        "identity": build_identity(identity, keys=keys, access=access),
        "contacts": build_contacts(contacts, keys=keys, access=access),
    }
    assert set(built) == {service.name for service in SERVICES}
    yield {
        name: UnderTest(ServiceHarness(service, tokens, access), databases[name])
        for name, service in built.items()
    }
    for service in built.values():
        service.stop()


@pytest.fixture(scope="session")
def owned(services: Services) -> Estate:
    """A tenant with a record of every kind, which nobody but its own may see."""
    return estate(services)
