"""Prints random secrets for a production in a cluster: all that the charts refer to, as one list of manifests.

`python -m deploy.tools.cluster_secrets --smtp-url … | kubectl --namespace rapport create --filename -`, or into
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

    platform: str = "rapport"
    database_host: str = f"{CLUSTER}-rw"
    smtp_url: str | None = None
    services: tuple[ServiceDefinition, ...] = SERVICES
    credentials: dict[str, str] = field(default_factory=dict)
    """Each service's own credential at identity."""

    def __post_init__(self) -> None:
        """Identity knows all credentials, so they are made before the first secret is."""
        self.credentials.update((one.name, random_secret()) for one in self.services)

    def manifests(self) -> Iterator[dict[str, Any]]:
        """All of them."""
        users = {
            name: random_secret()
            for name in (PROVISIONER, OPERATOR, *(one.name for one in self.services))
        }
        yield _manifest(f"{self.platform}-nats-passwords", _as_variables(users))
        for service in self.services:
            yield from self._of_service(service, users)

    def _of_service(
        self, service: ServiceDefinition, users: dict[str, str]
    ) -> Iterator[dict[str, Any]]:
        name = f"{self.platform}-{service.name}"
        yield from self._database(service, f"{name}-database")
        logins = {
            "password": users[service.name],
            "provisioner-password": users[PROVISIONER],
        }
        yield _manifest(f"{name}-nats", logins)
        own = {key.replace("_", "-"): random_secret() for key in service.secrets}
        if service.knows_clients:
            own["service-clients"] = json.dumps(
                {who: sha256(word.encode()).hexdigest() for who, word in self.credentials.items()}
            )
        shared = {
            "signing-secret": random_secret(),
            "client-secret": self.credentials[service.name],
        }
        yield _manifest(f"{name}-service", shared | own)
        if service.sends_mail and self.smtp_url is not None:
            yield _manifest(f"{name}-mail", {"smtp-url": self.smtp_url})

    def _database(self, service: ServiceDefinition, name: str) -> Iterator[dict[str, Any]]:
        logins = ServiceLogins.of(service.database)
        urls: dict[str, str] = {}
        for kind, login in (
            ("owner", logins.owner),
            ("runtime", logins.runtime),
            ("system", logins.system),
        ):
            password = random_secret()
            urls[f"{kind}-url"] = (
                f"postgresql://{login}:{password}@{self.database_host}:5432/{service.database}"
            )
            account = {"username": login, "password": password}
            yield _manifest(login_secret(login), account, "kubernetes.io/basic-auth")
        yield _manifest(name, urls)


def _as_variables(users: dict[str, str]) -> dict[str, str]:
    """Passwords by the names of the variables in helm/nats/files/users.conf."""
    return {f"{name.upper().replace('-', '_')}_PASSWORD": word for name, word in users.items()}


def _manifest(name: str, data: dict[str, str], kind: str = "Opaque") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/part-of": "rapport"}},
        "type": kind,
        "stringData": data,
    }


def as_text(manifests: Iterable[dict[str, Any]]) -> str:
    """Manifests as one YAML text."""
    return yaml.safe_dump_all(manifests, sort_keys=False, explicit_start=True)


@click.command(help=__doc__)
@click.option("--platform", default="rapport", show_default=True, help="What names begin with.")
@click.option("--database-host", default=f"{CLUSTER}-rw", show_default=True)
@click.option("--smtp-url", help="The mail server: smtp+starttls://user:password@host:587.")
def main(platform: str, database_host: str, smtp_url: str | None) -> None:
    """Print the secrets."""
    made = ClusterSecrets(platform, database_host, smtp_url)
    click.echo(as_text(made.manifests()), nl=False)


if __name__ == "__main__":
    main()
