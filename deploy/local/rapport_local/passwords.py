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
    operator: str
    services: dict[str, ServiceSecrets] = field(default_factory=dict)


def load_secrets(path: Path, services: Sequence[ServiceDefinition]) -> PlatformSecrets:
    """The secrets of the file; those that are missing, for a new service say, are made and kept."""
    known = _read(path) or PlatformSecrets(_random(), _random(), _random())
    before = path.read_text(encoding="utf-8") if path.exists() else None
    for service in services:
        entry = known.services.setdefault(service.name, _new_service_secrets())
        for name in service.secrets:
            entry.own.setdefault(name, _random())
    if _text(known) != before:
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
        # A platform from before there was an operator gets the password now.
        return PlatformSecrets(services=services, **{"operator": _random(), **content})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise PlatformError(
            f"{path} is damaged; bring it back, or start anew with `make reset`"
        ) from None


def _text(known: PlatformSecrets) -> str:
    return json.dumps(asdict(known), indent=2)


def _write(path: Path, known: PlatformSecrets) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(_text(known))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
