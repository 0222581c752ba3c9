"""Prints random secrets for a production in a cluster: all that the charts refer to, as one list of manifests.

`python -m deploy.tools.cluster_secrets --public-url … | kubectl --namespace rapport create --filename -`, or into
whatever keeps secrets. Nothing is remembered: run it once, since a second run makes others.
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import yaml

from chassis.embedded.databases import ServiceLogins
from chassis.embedded.nats_permissions import OPERATOR, PROVISIONER
from deploy.tools.cluster_databases import CLUSTER, login_secret
from rapport_local.services import SERVICES, ServiceDefinition

ROOT = Path(__file__).resolve().parents[2]


def random_secret() -> str:
    """240 bits. It begins with a letter, since the broker takes some words with a digit first for numbers."""
    return f"p{secrets.token_hex(30)}"


@dataclass(frozen=True)
class ClusterSecrets:
    """The secrets of a platform's services."""

    public_url: str
    platform: str = "rapport"
    database_host: str = f"{CLUSTER}-rw"
    smtp_url: str | None = None
    database_options: str = ""
    """What stands behind the `?` of the databases' addresses."""
    folders_in: Path | None = None
    """Where the operator's pod has the folders of services, if it has."""
    services: tuple[ServiceDefinition, ...] = SERVICES
    credentials: dict[str, str] = field(default_factory=dict)
    """Each service's own credential at identity."""
    signing: dict[str, str] = field(default_factory=dict)
    """What each service signs and counts under."""

    def __post_init__(self) -> None:
        """Identity knows all credentials, so they are made before the first secret is."""
        self.credentials.update((one.name, random_secret()) for one in self.services)
        self.signing.update((one.name, random_secret()) for one in self.services)

    def manifests(self) -> Iterator[dict[str, Any]]:
        """All of them."""
        users = {
            name: random_secret()
            for name in (PROVISIONER, OPERATOR, *(one.name for one in self.services))
        }
        yield _manifest(f"{self.platform}-nats-passwords", _as_variables(users))
        databases, own = {}, {}
        for service in self.services:
            databases[service.name], logins = self._database(service)
            own[service.name] = {key: random_secret() for key in service.secrets}
            yield from logins
            yield from self._of_service(service, users, own[service.name])
        described = json.dumps(self._deployment(users, databases, own))
        yield _manifest(f"{self.platform}-operator", {"deployment.json": described})

    def _of_service(
        self, service: ServiceDefinition, users: dict[str, str], made: dict[str, str]
    ) -> Iterator[dict[str, Any]]:
        name = f"{self.platform}-{service.name}"
        logins = {
            "password": users[service.name],
            "provisioner-password": users[PROVISIONER],
        }
        yield _manifest(f"{name}-nats", logins)
        own = {key.replace("_", "-"): word for key, word in made.items()}
        if service.knows_clients:
            own["service-clients"] = json.dumps(
                {who: sha256(word.encode()).hexdigest() for who, word in self.credentials.items()}
            )
        shared = {
            "signing-secret": self.signing[service.name],
            "client-secret": self.credentials[service.name],
        }
        yield _manifest(f"{name}-service", shared | own)
        if service.sends_mail and self.smtp_url is not None:
            yield _manifest(f"{name}-mail", {"smtp-url": self.smtp_url})

    def _database(self, service: ServiceDefinition) -> tuple[dict[str, str], list[dict[str, Any]]]:
        """The addresses of a service's database, and the secrets with them and with the logins."""
        logins = ServiceLogins.of(service.database)
        urls: dict[str, str] = {}
        accounts = []
        for kind, login in (
            ("owner", logins.owner),
            ("runtime", logins.runtime),
            ("system", logins.system),
        ):
            password = random_secret()
            asked = f"?{self.database_options}" if self.database_options else ""
            urls[f"{kind}-url"] = (
                f"postgresql://{login}:{password}@{self.database_host}:5432/{service.database}{asked}"
            )
            account = {"username": login, "password": password}
            accounts.append(_manifest(login_secret(login), account, "kubernetes.io/basic-auth"))
        return urls, [*accounts, _manifest(f"{self.platform}-{service.name}-database", urls)]

    def _deployment(
        self,
        users: dict[str, str],
        databases: dict[str, dict[str, str]],
        own: dict[str, dict[str, str]],
    ) -> dict[str, Any]:
        """What the command `rapport` has to know (rapport_operator/deployment.py)."""
        asked = {peer for one in self.services for peer in one.asks}
        return {
            "gateway_url": self.public_url,
            "jwks_url": f"http://{self.platform}-identity:8080/.well-known/jwks.json",
            "nats": {
                "url": f"nats://{self.platform}-nats:4222",
                "monitor_url": f"http://{self.platform}-nats-headless:8222",
                "operator_password": users[OPERATOR],
                "provisioner_password": users[PROVISIONER],
            },
            "services": {
                one.name: {
                    "http_url": f"http://{self.platform}-{one.name}:8080",
                    "processes": self._processes(one),
                    "grpc": f"{self.platform}-{one.name}-grpc:8081" if one.name in asked else None,
                    "database_url": databases[one.name]["runtime-url"],
                    "database_system_url": databases[one.name]["system-url"],
                    "database_owner_url": databases[one.name]["owner-url"],
                    "client_secret": self.credentials[one.name],
                    "key_encryption_secret": own[one.name].get("key_encryption_secret"),
                    "signing_secret": self.signing[one.name] if one.knows_clients else None,
                    "folders": self._folders(one),
                }
                for one in self.services
            },
        }

    def _processes(self, service: ServiceDefinition) -> dict[str, str]:
        """Those with an address of their own: what does jobs has none, and is watched by its probes."""
        part = service.stream_part
        return {part: f"http://{self.platform}-{part}:8080"} if service.streams else {}

    def _folders(self, service: ServiceDefinition) -> dict[str, str]:
        """The folders that are backed up with the databases."""
        if self.folders_in is None:
            return {}
        return {name: str(self.folders_in / name) for name in service.folders}


def _as_variables(users: dict[str, str]) -> dict[str, str]:
    """Passwords by the names of the variables in helm/nats/files/users.conf."""
    return {f"{name.upper().replace('-', '_')}_PASSWORD": word for name, word in users.items()}


def _manifest(name: str, data: dict[str, str], kind: str = "Opaque") -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "rapport"}
    if kind == "kubernetes.io/basic-auth":
        # So that CloudNativePG sees when a login's password is changed.
        labels["cnpg.io/reload"] = "true"
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": labels},
        "type": kind,
        "stringData": data,
    }


def as_text(manifests: Iterable[dict[str, Any]]) -> str:
    """Manifests as one YAML text."""
    return yaml.safe_dump_all(manifests, sort_keys=False, explicit_start=True)


@click.command(help=__doc__)
@click.option("--public-url", required=True, help="Where people find it: https://crm.example.com.")
@click.option("--platform", default="rapport", show_default=True, help="What names begin with.")
@click.option("--database-host", default=f"{CLUSTER}-rw", show_default=True)
@click.option(
    "--database-options",
    default="",
    help="Ends the databases' addresses: sslmode=verify-full&sslrootcert=/etc/database/ca.crt.",
)
@click.option(
    "--folders-in",
    type=click.Path(path_type=Path),
    help="Where the operator's pod has the folders that services keep files in: /var/lib/rapport.",
)
@click.option("--smtp-url", help="The mail server: smtp+starttls://user:password@host:587.")
def main(
    public_url: str,
    platform: str,
    database_host: str,
    database_options: str,
    folders_in: Path | None,
    smtp_url: str | None,
) -> None:
    """Print the secrets."""
    made = ClusterSecrets(
        public_url, platform, database_host, smtp_url, database_options, folders_in
    )
    click.echo(as_text(made.manifests()), nl=False)


if __name__ == "__main__":
    main()
