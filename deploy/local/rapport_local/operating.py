"""What the command `rapport` needs to know of this platform: where everything is, and how to sign in."""

import json
import os
from pathlib import Path
from typing import Any

from chassis.embedded.databases import ServiceLogins
from rapport_local.environment import Environments
from rapport_local.services import ServiceDefinition


def write_deployment(path: Path, environments: Environments) -> None:
    """Write the description of the deployment, readable by its owner only."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(deployment(environments), file, indent=2)
    draft.replace(path)


def deployment(environments: Environments) -> dict[str, Any]:
    """The description, as `rapport --deployment` reads it."""
    ports, secrets = environments.ports, environments.secrets
    return {
        "gateway_url": environments.public_url,
        "jwks_url": f"{environments.http_url('identity')}/.well-known/jwks.json",
        "nats": {
            "url": f"nats://127.0.0.1:{ports.nats}",
            "monitor_url": f"http://127.0.0.1:{ports.nats_monitor}",
            "operator_password": secrets.operator,
            "provisioner_password": secrets.provisioner,
        },
        "services": {
            service.name: _service(service, environments) for service in environments.services
        },
    }


def _service(service: ServiceDefinition, environments: Environments) -> dict[str, Any]:
    logins = ServiceLogins.of(service.database)
    secrets = environments.secrets.services[service.name]
    is_asked = any(service.name in other.asks for other in environments.services)
    return {
        "http_url": environments.http_url(service.name),
        "processes": environments.further_urls(service),
        "grpc": f"127.0.0.1:{environments.ports.services[service.name].grpc}" if is_asked else None,
        "database_url": environments.database_url(service, logins.runtime, secrets.runtime),
        "database_system_url": environments.database_url(service, logins.system, secrets.system),
        "database_owner_url": environments.database_url(service, logins.owner, secrets.owner),
        "folders": {name: str(environments.state.folder(name)) for name in service.folders},
        "client_secret": secrets.client,
        "key_encryption_secret": secrets.own.get("key_encryption_secret"),
        "signing_secret": secrets.signing if service.knows_clients else None,
    }
