"""One platform on its way from the version before to this one: both run, and the gateway leads to either or both."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from chassis.embedded.guard import Guard
from chassis.testing.waiting import eventually
from deploy.tools.releases import ROOT
from rapport_local.parts import ProcessPart
from rapport_local.preparation import provision_database
from rapport_local.processes import write_gateway_configuration
from rapport_local.services import ServiceDefinition
from tests.reliability.estate import Estate, WiredPlatform, lasting_ports
from tests.reliability.wires import Wires
from tests.upgrade.previous import PreviousVersion

BEFORE, NOW = "before", "now"
_REQUESTS = "http_server_request_duration_seconds"
_PORTS_BEFORE = 230
"""Where those of the version before begin, behind those of a platform."""
_STILL_SECONDS = 2.0
"""Readers come several times a second."""
_OWN = ("/readyz", "/healthz", "/metrics", "/openapi")


class Passage:
    """Starts, prepares and stops both versions, and says which of them is asked.

    The services of today ask their peers over wires; those of the version before have wires of
    their own, so that each may ask either version.
    """

    def __init__(self, folder: Path, previous: PreviousVersion, wires: Wires) -> None:
        self._folder = folder
        self._previous = previous
        self._gateway = folder / "gateway"
        shutil.copytree(ROOT / "gateway", self._gateway, ignore=shutil.ignore_patterns("tests"))
        first = lasting_ports()
        self.platform = WiredPlatform(
            folder / "rapport", ports_from=first, gateway_source=self._gateway, wires=wires
        )
        self.platform.state.prepare()
        self.estate = Estate(self.platform, wires)
        self._wires = wires
        definitions = {service.name: service for service in self.platform.services}
        self._services = [definitions[name] for name in previous.release.services]
        ports = iter(range(first + _PORTS_BEFORE, first + 250))
        self._ports = {one.name: (next(ports), next(ports)) for one in self._services}
        self._parts: dict[str, ProcessPart] = {}
        self._guards: list[Guard] = []

    def start_before(self) -> None:
        """A platform of the version before: servers, gateway and its services, ready to be asked."""
        platform = self.platform
        for name in ("postgres", "nats", "mail", "portal"):
            platform.parts[name].start()
        for service in self._services:
            admin = platform.postgres.admin_dsn()
            provision_database(admin, service, platform.environments)
            self._parts[service.name] = self._part(service)
            self._previous.command(service.name, ["prepare"], self._preparing(service))
        self.ask_over_grpc(of=BEFORE, whom=BEFORE)
        self.ask_over_grpc(of=NOW, whom=BEFORE)
        for part in self._parts.values():
            part.start()
            record = part.process()
            assert record is not None
            self._guards.append(Guard(record, signal.SIGTERM))
        for part in self._parts.values():
            eventually(partial(_is_ready, part), seconds=60)
        self.lead({one.name: [BEFORE] for one in self._services})
        environments = platform.environments
        write_gateway_configuration(self._gateway, environments, platform.state)
        platform.parts["gateway"].start()
        for service in self._services:
            url = f"{platform.gateway_url}/v1/{service.name}/nothing"
            eventually(partial(_answers, url, {401, 404}), seconds=60)

    def operator_token(self) -> str:
        """An operator's token, made by the version before."""
        words = ["operators", "token", "--name", "upgrade", "--minutes", "60"]
        service = next(one for one in self._services if one.name == "identity")
        answer = self._previous.command("identity", words, self._serving(service))
        return str(httpx.Response(200, text=answer).json()["access_token"])

    def stop_before(self) -> None:
        """End the version before, gently, as it is ended in a roll-out."""
        for part in self._parts.values():
            part.stop()
        for guard in self._guards:
            guard.release()
        self._guards.clear()

    def lead(self, backends: dict[str, list[str]]) -> None:
        """Have the gateway lead the requests for each service to these versions of it, by turns."""
        for service, versions in backends.items():
            source = (ROOT / "gateway" / "routes" / f"{service}.yml").read_text(encoding="utf-8")
            line = f'          - url: {{{{ env "RAPPORT_{service.upper()}_HTTP" | quote }}}}\n'
            assert source.count(line) == 1, f"the routes of {service} have changed"
            urls = [f'          - url: "{self._url(service, version)}"\n' for version in versions]
            # The version before has no /readyz/api yet.
            changed = source.replace(line, "".join(urls)).replace("/readyz/api", "/readyz")
            draft = self._folder / f"{service}.yml"
            draft.write_text(changed, encoding="utf-8")
            draft.replace(self._gateway / "routes" / f"{service}.yml")

    def ask_over_grpc(self, *, of: str, whom: str) -> None:
        """Have the services of one version ask that version of identity."""
        now = self.platform.environments.ports.services["identity"].grpc
        port = self._ports["identity"][1] if whom == BEFORE else now
        if of == BEFORE:
            self._wires.lay("before-identity", port).lead_to(port)
            return
        for service in self.platform.services:
            self.platform.environments.serving(service)  # lays its wires
            self.estate.wire(service.name, "identity").lead_to(port)

    def until_asked(self, service: str, version: str) -> None:
        """Wait until requests reach that version of a service."""
        begun = self._served(service, version)
        eventually(lambda: self._served(service, version) > begun, seconds=30)

    def until_left_alone(self, service: str, version: str) -> None:
        """Wait until the gateway sends that version of a service nothing any more."""
        count, since = self._served(service, version), time.monotonic()

        def still() -> bool:
            nonlocal count, since
            now = self._served(service, version)
            if now != count:
                count, since = now, time.monotonic()
            return time.monotonic() - since > _STILL_SECONDS

        eventually(still, seconds=60)

    def _served(self, service: str, version: str) -> float:
        """How many requests of others a process has answered."""
        text = httpx.get(f"{self._url(service, version)}/metrics", timeout=10).text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == f"{_REQUESTS}_count" and not _is_own(sample.labels.values())
        )

    def _url(self, service: str, version: str) -> str:
        if version == NOW:
            return self.platform.service_url(service)
        return f"http://127.0.0.1:{self._ports[service][0]}"

    def _part(self, service: ServiceDefinition) -> ProcessPart:
        url = self._url(service.name, BEFORE)
        python = str(self._previous.python)
        return ProcessPart(
            name=f"{service.name}-{BEFORE}",
            address=url,
            command=[python, "-m", service.module, "serve", "--roles", "api,worker"],
            environment=self._serving(service),
            state=self.platform.state,
            ready_urls=[f"{url}/readyz"],
        )

    def _serving(self, service: ServiceDefinition) -> dict[str, str]:
        """The settings of a service of the version before, as far as it knows them."""
        http, grpc = self._ports[service.name]
        environment = self.platform.environments.serving(service)
        wire = self._wires.lay("before-identity", self._ports["identity"][1])
        environment |= {
            "RAPPORT_HTTP_PORT": str(http),
            "RAPPORT_GRPC_PORT": str(grpc),
            "RAPPORT_IDENTITY_GRPC": f"127.0.0.1:{wire.port}",
            "RAPPORT_JWKS_URL": f"{self._url('identity', BEFORE)}/.well-known/jwks.json",
        }
        return self._previous.environment(service.name, environment)

    def _preparing(self, service: ServiceDefinition) -> dict[str, str]:
        added = self.platform.environments.preparing(service)
        wanted = ("RAPPORT_DATABASE_OWNER_URL", "RAPPORT_PROVISIONER_")
        extra = {name: value for name, value in added.items() if name.startswith(wanted)}
        return self._serving(service) | extra


def _is_ready(part: ProcessPart) -> bool:
    return part.not_ready_because() is None


def _answers(url: str, statuses: set[int]) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code in statuses
    except httpx.TransportError:
        return False


def _is_own(labels: Iterable[str]) -> bool:
    return any(value.startswith(_OWN) for value in labels)
