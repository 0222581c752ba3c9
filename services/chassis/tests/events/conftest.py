"""Fixtures of the event tests: two services with a broker of their own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.embedded.nats import NatsServer, throwaway_nats
from chassis.embedded.postgres import PostgresServer
from services.chassis.tests.events.world import USERS, World, make_databases, make_world


@pytest.fixture(scope="session")
def prepared_postgres(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> PostgresServer:
    """A server with the migrated databases of both services."""
    make_databases(postgres, tmp_path_factory.mktemp("migrations"))
    return postgres


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    """A broker of the test's own, which it may stop and start."""
    with throwaway_nats(tmp_path / "nats", USERS) as server:
        yield server


@pytest.fixture
def world(prepared_postgres: PostgresServer, broker: NatsServer) -> Iterator[World]:
    """Two services with empty databases and a broker of the test's own."""
    with make_world(prepared_postgres, broker) as made:
        yield made
