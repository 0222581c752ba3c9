"""Writes each service's database and logins into the manifest of the PostgreSQL cluster.

Run it as `python -m deploy.tools.cluster_databases` after the list of services has changed.
"""

from collections.abc import Iterable
from pathlib import Path

from chassis.embedded.databases import ServiceLogins
from rapport_local.services import SERVICES, ServiceDefinition

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "deploy/environments/manifests/postgres.yaml"
CLUSTER = "rapport-database"


class NoPlace(Exception):
    """The manifest lacks the marks between which something is to stand; the message says which."""


def with_databases(manifest: str, services: Iterable[ServiceDefinition] = SERVICES) -> str:
    """The manifest with the logins and databases of these services. Raises `NoPlace`."""
    known = list(services)
    roles = "".join(_role(service, login) for service in known for login in logins_of(service))
    databases = "".join(map(_database, known))
    return _between(_between(manifest, "roles", roles), "databases", databases)


def logins_of(service: ServiceDefinition) -> tuple[str, str, str]:
    """The names of a service's three logins."""
    logins = ServiceLogins.of(service.database)
    return logins.owner, logins.runtime, logins.system


def login_secret(login: str) -> str:
    """The secret with a login's name and password."""
    return f"rapport-login-{login.replace('_', '-')}"


def _role(service: ServiceDefinition, login: str) -> str:
    return (
        f"      - name: {login}\n"
        f"        comment: {service.name}\n"
        "        ensure: present\n"
        "        login: true\n"
        "        inherit: true\n"
        f"        passwordSecret: {{name: {login_secret(login)}}}\n"
    )


def _database(service: ServiceDefinition) -> str:
    return (
        "---\n"
        "apiVersion: postgresql.cnpg.io/v1\n"
        "kind: Database\n"
        "metadata:\n"
        f"  name: rapport-{service.name}\n"
        "spec:\n"
        f"  name: {service.database}\n"
        f"  owner: {ServiceLogins.of(service.database).owner}\n"
        f"  cluster: {{name: {CLUSTER}}}\n"
        "  databaseReclaimPolicy: retain\n"
    )


def _between(text: str, what: str, content: str) -> str:
    lines = text.splitlines(keepends=True)
    marks = [
        number
        for word in ("begin", "end")
        for number, line in enumerate(lines)
        if line.strip() == f"# {word} of {what}"
    ]
    if len(marks) != 2 or marks[0] > marks[1]:
        raise NoPlace(f"no lines `# begin of {what}` and `# end of {what}`")
    return "".join([*lines[: marks[0] + 1], content, *lines[marks[1] :]])


if __name__ == "__main__":
    TARGET.write_text(with_databases(TARGET.read_text(encoding="utf-8")), encoding="utf-8")
