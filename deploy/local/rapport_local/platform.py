"""The whole platform on one machine: starts what does not run, waits until it is ready, stops it in reverse."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from chassis.embedded.errors import EmbeddedServerError
from chassis.embedded.nats import NatsServer, nats_binary
from chassis.embedded.nats_permissions import (
    operator_permissions,
    provisioner_permissions,
    service_permissions,
)
from chassis.embedded.postgres import PostgresServer, postgres_binaries
from chassis.embedded.processes import ProcessRecord
from rapport_local.clashes import refuse_taken_ports
from rapport_local.environment import Environments
from rapport_local.errors import PlatformError
from rapport_local.operating import write_deployment
from rapport_local.parts import (
    Part,
    require_module,
    require_program,
    why_not_ok,
    why_unreachable,
)
from rapport_local.passwords import load_secrets
from rapport_local.ports import PlatformPorts, remembered_ports
from rapport_local.preparation import FirstTenant, known_first_tenant
from rapport_local.processes import (
    gateway_part,
    jobs_part,
    mail_part,
    portal_part,
    service_part,
    stream_part,
    write_gateway_configuration,
)
from rapport_local.servers import ServerPart
from rapport_local.services import SERVICES, ServiceDefinition
from rapport_local.start import Starters, StartPlan
from rapport_local.state import StateFolder

CHECKOUT = Path(__file__).resolve().parents[3]
_READY_SECONDS = 90.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class UpReport:
    """What `up` did."""

    seconds: float
    started: tuple[str, ...]
    first_tenant: FirstTenant | None
    """With its password only if it was created just now."""


@dataclass
class Platform:
    """One platform with its state folder; another object with the same folder finds what runs."""

    state_dir: Path
    ports_from: int | None = None
    services: Sequence[ServiceDefinition] = SERVICES
    gateway_source: Path = CHECKOUT / "gateway"
    portal_module: str = "portal"
    gateway_program: str = "traefik"
    tell: Callable[[str], None] = field(default=lambda _: None, repr=False)
    report: UpReport | None = None
    """What the last `up` did."""

    @cached_property
    def state(self) -> StateFolder:
        """Where everything is kept."""
        return StateFolder(self.state_dir.absolute())

    @cached_property
    def ports(self) -> PlatformPorts:
        """Where everything listens."""
        return remembered_ports(
            self.state.ports, self.ports_from, self.services, self._anything_runs
        )

    @cached_property
    def environments(self) -> Environments:
        """The environments of all processes; the first use makes the secrets."""
        secrets = load_secrets(self.state.secrets, self.services)
        return Environments(self.ports, secrets, self.services, self.state)

    @property
    def gateway_url(self) -> str:
        """The one public address."""
        return self.environments.public_url

    def service_url(self, service: str) -> str:
        """A service's own HTTP address, for its health and metrics."""
        return self.environments.http_url(service)

    @cached_property
    def postgres(self) -> PostgresServer:
        """The database server, for its superuser's address among others."""
        password, log = self.environments.secrets.postgres, self.state.log("postgres")
        return PostgresServer(self.state.postgres, self.ports.postgres, password, log_path=log)

    @cached_property
    def nats(self) -> NatsServer:
        """The broker."""
        secrets, ports = self.environments.secrets, self.ports
        users = [
            service_permissions(s.name, secrets.services[s.name].nats, s.consumes)
            for s in self.services
        ]
        users.append(provisioner_permissions(secrets.provisioner))
        users.append(operator_permissions(secrets.operator))
        log = self.state.log("nats")
        return NatsServer(self.state.nats, ports.nats, ports.nats_monitor, users, log_path=log)

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Every part by name, in the order in which they are shown; stopping goes the other way."""
        servers: list[Part] = [
            ServerPart("postgres", f"127.0.0.1:{self.ports.postgres}", self.postgres, self.state),
            ServerPart("nats", self.nats.url, self.nats, self.state),
        ]
        processes = [
            service_part(service, self.environments, self.state) for service in self.services
        ]
        processes += [
            stream_part(service, self.environments, self.state)
            for service in self.services
            if service.streams
        ]
        processes += [
            jobs_part(service, self.environments, self.state)
            for service in self.services
            if service.jobs
        ]
        processes += [
            mail_part(self.environments, self.state),
            portal_part(self.portal_module, self.environments, self.state),
            gateway_part(self.gateway_program, self.gateway_source, self.environments, self.state),
        ]
        return {part.name: part for part in (*servers, *processes)}

    @property
    def exists(self) -> bool:
        """Whether there is a platform in the state folder."""
        return self.state.ports.exists()

    def up(self) -> UpReport:
        """Start what does not run, and wait until all is ready; raises `PlatformError` that says what to do."""
        began = time.monotonic()
        self._require_tools()
        with self.state.locked():
            self.state.prepare()
            missing = [name for name, part in self.parts.items() if part.process() is None]
            for name in missing:
                self.parts[name].clear_away()
            refuse_taken_ports(self.ports, missing)
            write_deployment(self.state.operator, self.environments)
            try:
                tenant = self._start_plan(missing).run()
            except EmbeddedServerError as error:
                raise PlatformError(str(error)) from None
            self._wait_until_ready()
        known = tenant or known_first_tenant(self.state)
        self.report = UpReport(time.monotonic() - began, tuple(missing), known)
        return self.report

    def down(self) -> list[str]:
        """Stop everything in reverse order, services at the same time; gives the names of what ran."""
        if not self.exists:
            return []
        with self.state.locked():
            running = [name for name, part in self.parts.items() if part.process() is not None]
            services = [part for service in self.services for part in service.parts]
            for together in (["gateway"], ["portal"], services, ["mail"], ["nats"], ["postgres"]):
                self._stop([name for name in together if name in running])
        return running

    def reset(self) -> None:
        """Stop everything and delete the data, the secrets too."""
        if not self.state.root.exists():
            return
        if not self.exists:
            raise PlatformError(f"{self.state.root} holds no platform; nothing was deleted")
        self.down()
        shutil.rmtree(self.state.root)

    def _stop(self, names: Sequence[str]) -> None:
        if not names:
            return
        self.tell(f"stopping {', '.join(names)}")
        with ThreadPoolExecutor(max_workers=len(names)) as pool:
            list(pool.map(lambda name: self.parts[name].stop(), names))

    def _start_plan(self, missing: Sequence[str]) -> StartPlan:
        starters = Starters(
            postgres=self._starter("postgres"),
            nats=self._starter("nats"),
            process=lambda name: self._starter(name)(),
            admin_dsn=self.postgres.admin_dsn,
        )
        if "gateway" in missing:
            write_gateway_configuration(self.gateway_source, self.environments, self.state)
        return StartPlan(missing, self.services, self.environments, self.state, starters)

    def _starter(self, name: str) -> Callable[[], None]:
        part = self.parts[name]

        def start() -> None:
            if part.process() is None:
                self.tell(f"starting {name}")
            part.start()

        return start

    def _anything_runs(self) -> bool:
        names = ["mail", "portal", "gateway"]
        names += [part for service in self.services for part in service.parts]
        records = [self.state.record(name) for name in names]
        records += [folder / "process.json" for folder in (self.state.postgres, self.state.nats)]
        return any(record and record.is_running() for record in map(ProcessRecord.read, records))

    def _require_tools(self) -> None:
        for module in (*(service.module for service in self.services), self.portal_module):
            require_module(module)
        require_program(self.gateway_program)
        try:
            nats_binary()
            postgres_binaries()
        except EmbeddedServerError as error:
            raise PlatformError(str(error)) from None

    def _wait_until_ready(self) -> None:
        self._wait({name: part.not_ready_because for name, part in self.parts.items()})
        # Gateway and portal look after the services from time to time, so they may be a moment behind.
        names = [service.name for service in self.services]
        through_the_gateway = {
            f"{name} through the gateway": partial(
                why_unreachable, f"{self.gateway_url}/v1/{name}/"
            )
            for name in names
        }
        documented = {
            f"the documentation of {name}": partial(
                why_not_ok, f"{self.gateway_url}/openapi/{name}.json"
            )
            for name in names
        }
        self._wait(through_the_gateway | documented)

    def _wait(self, reasons_against: Mapping[str, Callable[[], str | None]]) -> None:
        """Wait until nothing speaks against any of them; raises `PlatformError` if that takes too long."""
        deadline = time.monotonic() + _READY_SECONDS
        waiting = dict(reasons_against)
        while waiting:
            reasons = {name: ask() for name, ask in waiting.items()}
            for name, reason in reasons.items():
                if reason is None:
                    self.tell(f"{name} is ready")
                    del waiting[name]
            if waiting and time.monotonic() > deadline:
                lines = "; ".join(f"{name}: {reasons[name]}" for name in waiting)
                raise PlatformError(f"not ready after {_READY_SECONDS:.0f} s: {lines}")
            if waiting:
                time.sleep(_POLL_SECONDS)
