"""One real platform for all journeys: database, broker, services, gateway, each its own process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport_local import running_platform

from .world import ALL_SERVICES, Organisation, World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A running platform with the probe as one more service."""
    with pytest.MonkeyPatch.context() as patch:
        # The probe's process finds its package among the tests.
        patch.setenv("PYTHONPATH", str(ROOT))
        with running_platform(tmp_path_factory.mktemp("journeys"), ALL_SERVICES) as platform:
            yield World(platform)


@pytest.fixture
def acme(world: World) -> Organisation:
    """A tenant of the test's own."""
    return world.organisation()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here goes through the gateway with real processes."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.journey)
