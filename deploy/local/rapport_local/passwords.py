"""The platform's random passwords and keys: made once, readable by their owner only."""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rapport_local.errors import PlatformError
from rapport_local.services import ServiceDefinition


@dataclass
class ServiceSecrets:
    """What one service signs in with, everywhere."""

    owner: str
    runtime: str
    system: str
    nats: str
    signing: str
    client: str
    own: dict[str, str] = field(default_factory=dict)


@dataclass
class PlatformSecrets:
    """All secrets of the platform."""

    postgres: str
    provisioner: str
    services: dict[str, ServiceSecrets] = field(default_factory=dict)


def load_secrets(path: Path, services: Sequence[ServiceDefinition]) -> PlatformSecrets:
    """The secrets of the file; those that are missing, for a new service say, are made and kept."""
    known = _read(path) or PlatformSecrets(postgres=_random(), provisioner=_random())
    before = json.dumps(asdict(known))
    for service in services:
        entry = known.services.setdefault(service.name, _new_service_secrets())
        for name in service.secrets:
            entry.own.setdefault(name, _random())
    if not path.exists() or json.dumps(asdict(known)) != before:
        _write(path, known)
    return known


def _new_service_secrets() -> ServiceSecrets:
    return ServiceSecrets(
        owner=_random(),
        runtime=_random(),
        system=_random(),
        nats=_random(),
        signing=_random(),
        client=_random(),
    )


def _random() -> str:
    # 256 bits; safe in a URL without quoting.
    return secrets.token_urlsafe(32)


def _read(path: Path) -> PlatformSecrets | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        services = {
            name: ServiceSecrets(**entry) for name, entry in content.pop("services").items()
        }
        return PlatformSecrets(services=services, **content)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise PlatformError(
            f"{path} is damaged; bring it back, or start anew with `make reset`"
        ) from None


def _write(path: Path, known: PlatformSecrets) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(asdict(known), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
