"""The environment variables with which each part of the platform is started."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from chassis.embedded.databases import ServiceLogins
from chassis.embedded.nats_permissions import PROVISIONER
from rapport_local.passwords import PlatformSecrets
from rapport_local.ports import PlatformPorts
from rapport_local.services import ServiceDefinition
from rapport_local.state import StateFolder

# What whoever runs `make up` may set for all services; everything else with the prefix would be a mistake.
_PASSED_ON = (
    "RAPPORT_OTLP_ENDPOINT",
    "RAPPORT_TRACE_SAMPLE_RATIO",
    "RAPPORT_LOG_LEVEL",
    "RAPPORT_RATE_LIMIT_PER_CLIENT",
    "RAPPORT_RATE_LIMIT_PER_ADDRESS",
)
_GATEWAY_PREFIX = "RAPPORT_GATEWAY_"


@dataclass(frozen=True)
class Environments:
    """Makes the environment of each process from ports and secrets."""

    ports: PlatformPorts
    secrets: PlatformSecrets
    services: Sequence[ServiceDefinition]
    state: StateFolder

    @property
    def public_url(self) -> str:
        """The gateway's address."""
        return f"http://127.0.0.1:{self.ports.gateway}"

    def http_url(self, service: str) -> str:
        """A service's own HTTP address, behind the gateway."""
        return f"http://127.0.0.1:{self.ports.services[service].http}"

    def database_url(self, service: ServiceDefinition, login: str, password: str) -> str:
        """The address of a service's database for one of its logins."""
        return f"postgresql://{login}:{password}@127.0.0.1:{self.ports.postgres}/{service.database}"

    def serving(self, service: ServiceDefinition) -> dict[str, str]:
        """For `serve`, and for the service's own commands."""
        ports, secrets = self.ports.services[service.name], self.secrets.services[service.name]
        logins = ServiceLogins.of(service.database)
        variables = {
            "RAPPORT_HTTP_PORT": str(ports.http),
            "RAPPORT_GRPC_PORT": str(ports.grpc),
            "RAPPORT_DATABASE_URL": self.database_url(service, logins.runtime, secrets.runtime),
            "RAPPORT_DATABASE_SYSTEM_URL": self.database_url(
                service, logins.system, secrets.system
            ),
            "RAPPORT_NATS_URL": f"nats://127.0.0.1:{self.ports.nats}",
            "RAPPORT_NATS_USER": service.name,
            "RAPPORT_NATS_PASSWORD": secrets.nats,
            "RAPPORT_NATS_MONITOR_URL": f"http://127.0.0.1:{self.ports.nats_monitor}",
            "RAPPORT_PUBLIC_URL": self.public_url,
            "RAPPORT_JWKS_URL": f"{self.http_url('identity')}/.well-known/jwks.json",
            "RAPPORT_SIGNING_SECRET": secrets.signing,
            "RAPPORT_SERVICE_CLIENT_SECRET": secrets.client,
        }
        for peer in service.asks:
            variables[f"RAPPORT_{_variable(peer)}_GRPC"] = (
                f"127.0.0.1:{self.ports.services[peer].grpc}"
            )
        for name in service.folders:
            variables[f"RAPPORT_{_variable(name)}"] = str(self.state.folder(name))
        for name in service.secrets:
            variables[f"RAPPORT_{_variable(name)}"] = secrets.own[name]
        if service.sends_mail:
            variables["RAPPORT_MAIL_SMTP_URL"] = self.mail_url
            variables["RAPPORT_MAIL_SENDER"] = "Rapport <no-reply@rapport.example>"
        if service.calls_outside:
            variables["RAPPORT_OUTBOUND_NETWORKS"] = "127.0.0.0/8,::1/128"
        if service.knows_clients:
            clients = {
                name: sha256(entry.client.encode()).hexdigest()
                for name, entry in self.secrets.services.items()
            }
            variables["RAPPORT_SERVICE_CLIENTS"] = json.dumps(clients)
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return inherited() | passed_on | variables

    def stream_url(self, service: str) -> str:
        """Where the role `stream` of a service is, behind the gateway."""
        return f"http://127.0.0.1:{self.ports.services[service].stream}"

    def streaming(self, service: ServiceDefinition) -> dict[str, str]:
        """For `serve --roles stream`: the same with a port of its own."""
        port = self.ports.services[service.name].stream
        return self.serving(service) | {"RAPPORT_HTTP_PORT": str(port)}

    def jobs_url(self, service: str) -> str:
        """Where the role `jobs` of a service says how it is doing."""
        return f"http://127.0.0.1:{self.ports.services[service].jobs}"

    def doing_jobs(self, service: ServiceDefinition) -> dict[str, str]:
        """For `serve --roles jobs`, likewise."""
        port = self.ports.services[service.name].jobs
        return self.serving(service) | {"RAPPORT_HTTP_PORT": str(port)}

    def further_urls(self, service: ServiceDefinition) -> dict[str, str]:
        """Where the processes of its roles apart say how they are doing, by what they are called."""
        apart = [
            (service.streams, service.stream_part, self.stream_url),
            (service.jobs, service.jobs_part, self.jobs_url),
        ]
        return {part: url(service.name) for is_there, part, url in apart if is_there}

    def preparing(self, service: ServiceDefinition) -> dict[str, str]:
        """For `prepare`: the logins of the database's owner and of the broker's provisioner besides."""
        owner = ServiceLogins.of(service.database).owner
        url = self.database_url(service, owner, self.secrets.services[service.name].owner)
        return self.serving(service) | {
            "RAPPORT_DATABASE_OWNER_URL": url,
            "RAPPORT_PROVISIONER_USER": PROVISIONER,
            "RAPPORT_PROVISIONER_PASSWORD": self.secrets.provisioner,
        }

    @property
    def mail_url(self) -> str:
        """The mail server's address, as services are told it."""
        return f"smtp://127.0.0.1:{self.ports.mail}"

    def mail(self) -> dict[str, str]:
        """For the mail server, which gives mail for mailboxes to the service that knows them."""
        taking = {
            name: value
            for service in self.services
            if service.takes_mail
            for name, value in (
                ("RAPPORT_MAIL_INTAKE_URL", f"{self.http_url(service.name)}/p/{service.name}/mail"),
                (
                    "RAPPORT_MAIL_INTAKE_SECRET",
                    self.secrets.services[service.name].own["intake_secret"],
                ),
            )
        }
        return (
            inherited()
            | taking
            | {
                "RAPPORT_SMTP_PORT": str(self.ports.mail),
                "RAPPORT_MAIL_FOLDER": str(self.state.folder("mail")),
            }
        )

    def portal(self) -> dict[str, str]:
        """For the portal: which documents to merge."""
        addresses = [f"{service.name}={self.http_url(service.name)}" for service in self.services]
        return inherited() | {
            "RAPPORT_HTTP_PORT": str(self.ports.portal),
            "RAPPORT_PUBLIC_URL": self.public_url,
            "RAPPORT_SERVICES": ",".join(addresses),
            "RAPPORT_MAIL_FOLDER": str(self.state.folder("mail")),
        }

    def gateway(self, routes: Path) -> dict[str, str]:
        """For the gateway's own file and for the routes, which read the addresses from here."""
        given = {
            name: value for name, value in os.environ.items() if name.startswith(_GATEWAY_PREFIX)
        }
        addresses = {
            f"RAPPORT_{_variable(service.name)}_HTTP": self.http_url(service.name)
            for service in self.services
        }
        addresses |= {
            f"RAPPORT_{_variable(service.name)}_STREAM_HTTP": self.stream_url(service.name)
            for service in self.services
            if service.streams
        }
        return (
            # The heap is small; collecting it at five times what is in use saves a tenth of the work.
            {"GOGC": "400"}
            | inherited()
            | given
            | addresses
            | {
                "RAPPORT_PORTAL_HTTP": f"http://127.0.0.1:{self.ports.portal}",
                "RAPPORT_GATEWAY_PORT": str(self.ports.gateway),
                "RAPPORT_GATEWAY_METRICS_PORT": str(self.ports.gateway_metrics),
                "RAPPORT_ROUTES_DIR": str(routes.resolve()),
            }
        )


def inherited() -> dict[str, str]:
    """The caller's environment without what configures services, the gateway or database clients."""
    strange = ("RAPPORT_", "TRAEFIK_", "PG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(strange)}
    # One line of a log is one event: nothing waits in a buffer when a process dies. And modules come
    # from what is installed, never from the folder in which somebody happens to be.
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1"}


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")
