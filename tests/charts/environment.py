"""What processes in a rendered release are started with: variables from config maps, values and, made up, from secrets."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .rendering import Object, Rendered

SECRETS = {
    "runtime-url": "postgresql://{name}_runtime:word@127.0.0.1:1/{name}",
    "system-url": "postgresql://{name}_system:word@127.0.0.1:1/{name}",
    "owner-url": "postgresql://{name}_owner:word@127.0.0.1:1/{name}",
    "admin-url": "postgresql://postgres:word@127.0.0.1:1/postgres",
    "smtp-url": "smtp+starttls://crm:word@mail.example:587",
    "service-clients": json.dumps({"contacts": hashlib.sha256(b"word").hexdigest()}),
}
"""Keys of secrets whose content has a form; every other is some random word."""
ANY_SECRET = "0123456789abcdef" * 4


def variables_of(rendered: Rendered, container: Object, name: str) -> dict[str, str]:
    """The variables of a container of the service `name`, later ones over earlier ones."""
    found: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        found |= rendered.named("ConfigMap", source["configMapRef"]["name"])["data"]
    for entry in container.get("env", ()):
        found[entry["name"]] = entry["value"] if "value" in entry else _secret(entry, name)
    return found


def _secret(entry: dict[str, Any], name: str) -> str:
    key = entry["valueFrom"]["secretKeyRef"]["key"]
    return SECRETS[key].replace("{name}", name) if key in SECRETS else ANY_SECRET
