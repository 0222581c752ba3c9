"""A shop and an office on real servers, the deployment's description of them, and the command `rapport`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chassis.embedded.nats import NatsServer, throwaway_nats
from chassis.embedded.nats_permissions import operator_permissions
from chassis.embedded.postgres import PostgresServer
from chassis.testing.fixtures import postgres
from rapport_operator.cli import cli
from services.chassis.tests.events.facts import SOLD
from services.chassis.tests.events.world import USERS, World, make_databases, make_world

__all__ = ["postgres"]

Rapport = Callable[..., Result]

_DESCRIPTION = '''"""What {name} is."""
from pathlib import Path
from chassis.description import Description
DESCRIPTION = Description(
    name="{name}", version="0.1.0", summary="For tests.", migrations=Path({migrations!r}),
    subscriptions={subscriptions!r}, projections={projections!r},
    files={files!r},
)
'''
_REACTIONS = f'''"""What the office reacts to."""
from types import SimpleNamespace
SUBSCRIPTIONS = [SimpleNamespace(producer="shop", types=({SOLD!r},))]
'''


@pytest.fixture(scope="session")
def estate(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgresServer]:
    """A server with the migrated databases of both services, whose packages are installed."""
    folder = tmp_path_factory.mktemp("packages")
    migrations = tmp_path_factory.mktemp("migrations")
    make_databases(postgres, migrations)
    for name, subscriptions in (("shop", ""), ("office", "office.reactions:SUBSCRIPTIONS")):
        (folder / name).mkdir()
        (folder / name / "__init__.py").touch()
        text = _DESCRIPTION.format(
            name=name,
            migrations=str(migrations),
            subscriptions=subscriptions,
            projections={"shop": ("ledger",)} if subscriptions else {},
            files={"papers": "SELECT 'kept/' || number FROM ledger"} if subscriptions else {},
        )
        (folder / name / "description.py").write_text(text, encoding="utf-8")
    (folder / "office" / "reactions.py").write_text(_REACTIONS, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield postgres
    sys.path.remove(str(folder))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NatsServer]:
    """A broker of the test's own, which knows the operator."""
    users = (*USERS, operator_permissions("operator-password"))
    with throwaway_nats(tmp_path / "nats", users) as server:
        yield server


@pytest.fixture
def world(estate: PostgresServer, broker: NatsServer) -> Iterator[World]:
    """Both services with empty databases."""
    with make_world(estate, broker) as made:
        yield made


@pytest.fixture
def described(world: World, tmp_path: Path) -> Path:
    """The file that describes the deployment."""
    services: dict[str, Any] = {}
    for site in (world.shop, world.office):
        settings = site.settings
        services[site.name] = {
            "http_url": "http://127.0.0.1:1",
            "database_url": settings.database_url.get_secret_value(),
            "database_system_url": settings.database_system_url.get_secret_value(),
            "database_owner_url": settings.database_url.get_secret_value().replace(
                "_runtime:runtime", "_owner:owner"
            ),
        }
    path = tmp_path / "deployment.json"
    content = {
        "gateway_url": "http://127.0.0.1:1",
        "jwks_url": "http://127.0.0.1:1/jwks.json",
        "nats": {
            "url": world.broker.url,
            "monitor_url": world.broker.monitor_url,
            "operator_password": "operator-password",
            "provisioner_password": "provisioner-password",
        },
        "services": services,
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def rapport(described: Path) -> Rapport:
    """Runs the command; `exit_code` is what it has to end with."""

    def run(*words: str, exit_code: int = 0, answers: str | None = None) -> Result:
        result = CliRunner().invoke(cli, ["--deployment", str(described), *words], input=answers)
        assert result.exit_code == exit_code, result.output
        return result

    return run
