"""Identity as far as signing keys go: a database without any key, and replicas that share it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import MovableClock, TimeOrderedIds
from chassis.context import PLATFORM
from chassis.embedded.postgres import PostgresServer
from chassis.sealing import Sealer
from chassis.storage.database import Database
from chassis.testing.harness import TestDatabase, migrated_database, settings_for
from identity.callers import operator_at_work
from identity.description import DESCRIPTION
from identity.facts import ENCODER
from identity.keys.operations import KeyCare
from identity.keys.ring import KeyRing
from identity.keys.storage import signing_keys
from identity.platform_facts import PlatformFacts
from identity.settings import IdentitySettings

SECRET, NEWER = "the first secret that keys are sealed under", "the second secret, for a while both"
PERIOD = timedelta(days=30)
OPERATOR = operator_at_work(PLATFORM, "ada")


@pytest.fixture(scope="session")
def own_database(postgres: PostgresServer) -> TestDatabase:
    """For these tests alone: keys are the platform's, not a tenant's."""
    return migrated_database(postgres, "identity", DESCRIPTION.migrations, "identity_keys")


@pytest.fixture(scope="session")
def own_settings(own_database: TestDatabase) -> IdentitySettings:
    """Settings with which identity uses that database."""
    more = {"key_encryption_secret": SECRET, "password_memory_kib": 1_024, "service_clients": "{}"}
    return IdentitySettings(**settings_for(own_database, **more))


@pytest.fixture
def key_database(own_settings: IdentitySettings) -> Iterator[Database]:
    """Without any key."""
    found = Database(own_settings, "identity")
    with found.system_transaction() as connection:
        connection.execute(signing_keys.delete())
    yield found
    found.close()


@pytest.fixture
def moved() -> MovableClock:
    """A clock for the keys alone."""
    return MovableClock(datetime(2024, 1, 1, tzinfo=UTC))


class World:
    """One replica of identity, as far as keys go."""

    def __init__(self, database: Database, clock: MovableClock, *secrets: str) -> None:
        self.clock = clock
        sealer = Sealer(secrets or (SECRET,))
        facts = PlatformFacts(ENCODER, clock, TimeOrderedIds())
        self.care = KeyCare(database, sealer, clock, PERIOD, facts)
        self.ring = KeyRing(database, self.care, sealer, clock, lambda: clock.now().timestamp())

    def signed(self) -> str:
        """A token of this moment."""
        return self.ring.sign("at+jwt", {"sub": "somebody"})

    def kids(self) -> list[str]:
        """The keys that are published."""
        return [key["kid"] for key in self.ring.document()["keys"]]

    def states(self) -> list[str]:
        """The states of all keys, newest first."""
        return [key["state"].value for key in self.ring.listed()]


@pytest.fixture
def world(key_database: Database, moved: MovableClock) -> World:
    """Identity without any key as yet."""
    return World(key_database, moved)
