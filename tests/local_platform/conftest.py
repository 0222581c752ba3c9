"""A local platform with the real database, broker and gateway, and stand-ins for the services."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Ground:
    """A folder in which one platform of stand-ins may be made, and what they were asked to do."""

    folder: Path

    def platform(self) -> Platform:
        """Another object for the same platform, as another command would have it."""
        return Platform(
            self.folder / "state",
            ports_from=0,
            services=SERVICES,
            gateway_source=DUMMIES / "gateway",
            portal_module="dummy_service",
        )

    def let_fail(self, service: str, reason: str) -> None:
        """Let a stand-in end as soon as it is to serve."""
        (self.folder / f"fatal-{service}").write_text(reason, encoding="utf-8")

    def document_late(self, service: str) -> Path:
        """Let the portal not know the service's document when it is first asked for it; gone once it was."""
        late = self.folder / f"late-openapi-{service}.json"
        late.touch()
        return late

    def calls(self) -> list[str]:
        """What the stand-ins were asked to do since last time."""
        path = self.folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines


@contextmanager
def ground_below(folder: Path) -> Iterator[Ground]:
    """Let the stand-ins be found; whatever runs afterwards is stopped."""
    with pytest.MonkeyPatch.context() as patch:
        # For the stand-ins' processes, and for the check that their module can be found.
        patch.setenv("PYTHONPATH", str(DUMMIES))
        patch.syspath_prepend(str(DUMMIES))
        patch.setenv("DUMMY_CALLS", str(folder))
        ground = Ground(folder)
        try:
            yield ground
        finally:
            ground.platform().down()


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Ground for a platform that a test starts itself."""
    with ground_below(tmp_path) as prepared:
        yield prepared


@pytest.fixture(scope="module")
def running_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Ground with a platform that was started; a test that stops parts starts them again."""
    with ground_below(tmp_path_factory.mktemp("platform")) as prepared:
        prepared.platform().up()
        yield prepared
