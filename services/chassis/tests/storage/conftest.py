"""A database of its own for the tests of storage, on the shared server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.embedded.postgres import PostgresServer

from ..ground import Ground, make_ground


@pytest.fixture(scope="session")
def ground(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A database with the chassis' tables and a table of notes."""
    with make_ground(postgres, "storage_tests", tmp_path_factory.mktemp("storage")) as made:
        yield made
