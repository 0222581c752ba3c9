"""All services in this process, over one real database, without gateway and broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import Any, get_type_hints

import psycopg
import pytest

from chassis.description import Description
from chassis.embedded.postgres import PostgresServer
from chassis.service import Service
from chassis.testing.access import FakeAccessSource
from chassis.testing.fixtures import access, postgres, tokens
from chassis.testing.harness import ServiceHarness, migrated_database, settings_for
from chassis.testing.tokens import TestTokens
from rapport_local.services import SERVICES

from .estate import Estate, Services, estate
from .under_test import UnderTest

__all__ = ["access", "postgres", "tokens"]

MORE: dict[str, dict[str, Any]] = {
    "identity": {
        "key_encryption_secret": "a key of the tests that is long enough",
        "password_memory_kib": 1_024,
        "service_clients": "{}",
    },
    "notifications": {
        "contacts_grpc": "127.0.0.1:1",
        "sealing_secret": "a secret of the tests that is long enough",
        "fingerprint_secret": "another secret that is long enough",
        "outbound_networks": "127.0.0.0/8",
    },
    "sales": {"contacts_grpc": "127.0.0.1:1"},
    "loyalty": {
        "contacts_grpc": "127.0.0.1:1",
        "sealing_secret": "a secret of the tests that is long enough",
    },
    "desk": {
        "contacts_grpc": "127.0.0.1:1",
        "loyalty_grpc": "127.0.0.1:1",
        "sealing_secret": "a secret of the tests that is long enough",
    },
}
"""What a service has to be told besides what every service is told."""


@pytest.fixture(scope="session")
def services(
    postgres: PostgresServer,
    tokens: TestTokens,
    access: FakeAccessSource,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Services]:
    """Every service by name."""
    with ExitStack() as opened:
        made: dict[str, UnderTest] = {}
        for one in SERVICES:
            name = one.name
            folders = {each: str(tmp_path_factory.mktemp(each)) for each in one.folders}
            about: Description = import_module(f"{name}.description").DESCRIPTION
            database = migrated_database(postgres, name, about.migrations)
            build = import_module(f"{name}.app").build
            settings_type = get_type_hints(build)["settings"]
            settings = settings_type(**settings_for(database, **MORE.get(name, {}), **folders))
            service: Service[Any] = build(settings, keys=tokens.key_source(), access=access)
            opened.callback(service.stop)
            superuser = opened.enter_context(psycopg.connect(database.admin_url, autocommit=True))
            made[name] = UnderTest(ServiceHarness(service, tokens, access), superuser)
        yield made


@pytest.fixture(scope="session")
def owned(services: Services) -> Estate:
    """A tenant with a record of every kind, which nobody but its own may see."""
    return estate(services)
