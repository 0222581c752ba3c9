"""A local platform with the real database, broker and gateway, and stand-ins for the services."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rapport_local.platform import Platform
from rapport_local.services import ServiceDefinition

DUMMIES = Path(__file__).with_name("dummies")
SERVICES = (
    ServiceDefinition("identity", asks=("identity",), knows_clients=True, program="dummy_service"),
    ServiceDefinition(
        "contacts", consumes=("identity",), asks=("identity",), program="dummy_service"
    ),
)

MakePlatform = Callable[[], Platform]


@pytest.fixture
def make_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePlatform]:
    """Makes objects for one platform on free ports; whatever runs afterwards is stopped."""
    # For the dummies' processes, and for the check that their module can be found.
    monkeypatch.setenv("PYTHONPATH", str(DUMMIES))
    monkeypatch.syspath_prepend(str(DUMMIES))
    monkeypatch.setenv("DUMMY_CALLS", str(tmp_path))

    def make() -> Platform:
        return Platform(
            tmp_path / "state",
            ports_from=0,
            services=SERVICES,
            gateway_source=DUMMIES / "gateway",
            portal_module="dummy_service",
        )

    yield make
    make().down()
