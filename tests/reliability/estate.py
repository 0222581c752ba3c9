"""The platform of a run, with wires between its parts, and ways to look behind them."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
from nats.js import JetStreamContext

from chassis.embedded.processes import port_is_taken
from rapport_local.environment import Environments
from rapport_local.passwords import load_secrets
from rapport_local.platform import Platform
from rapport_local.services import SERVICES, ServiceDefinition
from rapport_local.trial import stopped_if_this_process_ends
from tests import at_broker
from tests.reliability.wires import Wire, Wires, laid_wires

R = TypeVar("R")

ROOT = Path(__file__).resolve().parents[2]
WITNESS = ServiceDefinition(
    "witness",
    consumes=tuple(service.name for service in SERVICES),
    asks=("identity",),
    program="tests.reliability.witness",
)
DATABASE, BROKER = "database", "broker"


def python_path() -> str:
    """Where the processes of services find the packages of the harness, as an environment has it."""
    given = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(ROOT), *([given] if given else [])])


def lasting_ports() -> int:
    """From where on the ports of a platform are free that stops and starts again meanwhile.

    They are below those that systems give to whoever asks for any, a wire or a client, so that
    nobody takes one by chance.
    """
    # Test processes side by side keep out of each other's way.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    blocks = range(20_000 + 250 * worker, 26_000, 1_000)  # above, single ports are drawn
    for first in random.SystemRandom().sample(blocks, len(blocks)):
        if not any(port_is_taken(port) for port in range(first, first + 250)):
            return first
    raise AssertionError("no 250 ports on end are free between 20000 and 26000")


@dataclass(frozen=True)
class WiredEnvironments(Environments):
    """Has every service reach the database, the broker and its peers over wires of its own."""

    wires: Wires

    def serving(self, service: ServiceDefinition) -> dict[str, str]:
        """For `serve`."""
        variables = super().serving(service)
        targets = {
            "RAPPORT_DATABASE_URL": (DATABASE, self.ports.postgres),
            "RAPPORT_DATABASE_SYSTEM_URL": (DATABASE, self.ports.postgres),
            "RAPPORT_NATS_URL": (BROKER, self.ports.nats),
        }
        for peer in service.asks:
            targets[f"RAPPORT_{peer.upper()}_GRPC"] = (peer, self.ports.services[peer].grpc)
        for variable, (target, port) in targets.items():
            wire = self.wires.lay(f"{service.name}-{target}", port)
            direct, over = f"127.0.0.1:{port}", f"127.0.0.1:{wire.port}"
            variables[variable] = variables[variable].replace(direct, over)
        if service.name == "notifications":
            # What a killed process was about to send waits for this long.
            variables["RAPPORT_SENDING_LEASE_SECONDS"] = "5"
        return variables


@dataclass
class WiredPlatform(Platform):
    """A platform whose services find each other over wires."""

    wires: Wires | None = None

    @cached_property
    def environments(self) -> Environments:
        """The environments of all processes."""
        assert self.wires is not None
        secrets = load_secrets(self.state.secrets, self.services)
        return WiredEnvironments(self.ports, secrets, self.services, self.state, self.wires)


class Estate:
    """A running platform, as the harness has it."""

    def __init__(self, platform: WiredPlatform, wires: Wires) -> None:
        self.platform = platform
        self.wires = wires
        self.gateway = platform.gateway_url

    @property
    def services(self) -> list[str]:
        """All services by name, the witness too."""
        return [service.name for service in self.platform.services]

    @property
    def public(self) -> list[str]:
        """The services that the gateway leads to."""
        return [name for name in self.services if name != WITNESS.name]

    def wire(self, service: str, target: str) -> Wire:
        """The wire from a service to `DATABASE`, `BROKER` or a peer."""
        return self.wires[f"{service}-{target}"]

    def is_ready(self, service: str) -> bool:
        """Whether all of a service says that it is ready: requests, relay and consumers."""
        try:
            answer = httpx.get(f"{self.platform.service_url(service)}/readyz", timeout=2)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def query(self, service: str, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a service's database, as the superuser sees them: of all tenants."""
        dsn = self.platform.postgres.admin_dsn(service)
        with psycopg.connect(dsn, autocommit=True) as connection:
            return connection.execute(statement.encode(), parameters).fetchall()

    def has_table(self, service: str, table: str) -> bool:
        """Whether a service keeps this."""
        [(found,)] = self.query(service, "SELECT to_regclass(%s) IS NOT NULL", table)
        return bool(found)

    def manage(self, work: Callable[[JetStreamContext], Awaitable[R]]) -> R:
        """Do something with streams, as the provisioner may."""
        return at_broker.manage(self.platform, work)

    def speak_as(self, service: str, work: Callable[[JetStreamContext], Awaitable[R]]) -> R:
        """Publish something as a service may."""
        return at_broker.speak_as(self.platform, service, work)


@contextmanager
def running_estate(folder: Path, programs: Mapping[str, str] | None = None) -> Iterator[Estate]:
    """A platform of its own below `folder`, stopped and its wires taken down afterwards.

    `programs` names other modules that are to run in the place of services.
    """
    other = programs or {}
    services = [
        replace(service, program=other.get(service.name, service.program))
        for service in (*SERVICES, WITNESS)
    ]
    with laid_wires() as wires:
        platform = WiredPlatform(folder / "rapport", ports_from=0, services=services, wires=wires)
        with stopped_if_this_process_ends(platform.state.root):
            try:
                platform.up()
                yield Estate(platform, wires)
            finally:
                wires.mend()
                platform.down()


Start = Callable[..., Estate]
"""Starts a platform: `start(contacts="another.module")`."""
