"""What happens to a service before it serves: its database, its tables, its streams; and the first tenant."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chassis.embedded.databases import ServicePasswords, provision_service_database
from chassis.embedded.errors import last_lines
from rapport_local.environment import Environments
from rapport_local.errors import PlatformError
from rapport_local.services import ServiceDefinition
from rapport_local.state import StateFolder

_COMMAND_SECONDS = 120.0
_FIRST_TENANT = ("--name", "Demo", "--slug", "demo", "--admin-email", "admin@demo.example")


@dataclass(frozen=True)
class FirstTenant:
    """The tenant that a new platform starts with; the password is known only right after its creation."""

    tenant_id: str
    admin_email: str
    password: str | None = None


def provision_database(
    admin_dsn: str, service: ServiceDefinition, environments: Environments
) -> None:
    """The service's database and its three logins."""
    secrets = environments.secrets.services[service.name]
    passwords = ServicePasswords(
        owner=secrets.owner, runtime=secrets.runtime, system=secrets.system
    )
    provision_service_database(admin_dsn, service.database, passwords)


def prepare(service: ServiceDefinition, environments: Environments, state: StateFolder) -> None:
    """The service's tables, streams and consumers."""
    _run(service, ["prepare"], environments.preparing(service), state)


def create_first_tenant(
    service: ServiceDefinition, environments: Environments, state: StateFolder
) -> FirstTenant | None:
    """Let identity create a tenant with an administrator and a random password; None if that was done before."""
    if state.first_tenant.exists():
        return None
    words = ["tenants", "create", *_FIRST_TENANT, "--output", "json"]
    answer = _run(service, words, environments.serving(service), state)
    try:
        created = json.loads(answer)
        tenant = FirstTenant(created["tenant_id"], created["admin_email"], created["password"])
    except (ValueError, KeyError, TypeError):
        raise PlatformError(
            "`identity tenants create` did not answer with tenant_id, admin_email and password"
        ) from None
    kept = {"tenant_id": tenant.tenant_id, "admin_email": tenant.admin_email}
    state.first_tenant.write_text(json.dumps(kept), encoding="utf-8")
    return tenant


def known_first_tenant(state: StateFolder) -> FirstTenant | None:
    """The first tenant as it was remembered, without the password."""
    try:
        return FirstTenant(**json.loads(state.first_tenant.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _run(
    service: ServiceDefinition,
    words: Sequence[str],
    environment: Mapping[str, str],
    state: StateFolder,
) -> str:
    """Run a command of a service to its end; what it says on the error stream goes to the service's log."""
    log = state.log(service.name)
    command = [sys.executable, "-m", service.module, *words]
    with log.open("ab") as errors:
        try:
            answer = subprocess.run(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                timeout=_COMMAND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _failure(
                service, words, f"did not end within {_COMMAND_SECONDS:.0f} s", log
            ) from None
    if answer.returncode != 0:
        raise _failure(service, words, f"ended with exit code {answer.returncode}", log)
    return answer.stdout.decode("utf-8", "replace")


def _failure(
    service: ServiceDefinition, words: Sequence[str], how: str, log: Path
) -> PlatformError:
    command = f"python -m {service.module} {' '.join(words[:2])}"
    return PlatformError(f"`{command}` {how}; {log} ends:\n{last_lines(log)}")
