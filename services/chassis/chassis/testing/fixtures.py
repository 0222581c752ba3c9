"""Pytest fixtures: real PostgreSQL and NATS, one of each for a test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.embedded.postgres import PostgresServer, throwaway_postgres
from chassis.testing.access import FakeAccessSource
from chassis.testing.tokens import TestTokens


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL server for this test process."""
    with throwaway_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def tokens() -> TestTokens:
    """What signs the tokens of the tests."""
    return TestTokens()


@pytest.fixture(scope="session")
def access() -> FakeAccessSource:
    """Who answers for identity in the tests."""
    return FakeAccessSource()
