"""The catalogue of all permissions: what each service says of its own in protos/rapport/<service>/permissions.toml."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST = 120
"""Characters of a description: it stands in a list to choose from."""
_NAME = re.compile(r"[a-z]+(\.[a-z_]+){2}|[a-z]+\.tenant\.(read|write)")
_REACHES = {
    "by_owner": ["own", "team", "all"],
    "whole": ["all"],
    "operators": [],
}
"""Which reaches make a difference, by section; what is for operators no role of a tenant grants."""


class WrongPermissions(ValueError):
    """A file says something that cannot be taken; the message names where."""


def permission_catalogue(protos: Path) -> dict[str, Any]:
    """All permissions of all services, by name. Raises `WrongPermissions`."""
    found = [
        entry
        for path in sorted((protos / "rapport").glob("*/permissions.toml"))
        for entry in _of_service(path)
    ]
    return {"permissions": sorted(found, key=lambda entry: str(entry["name"]))}


def as_text(catalogue: dict[str, Any]) -> str:
    """The catalogue as it is kept."""
    return json.dumps(catalogue, indent=1, ensure_ascii=False) + "\n"


def _of_service(path: Path) -> Iterator[dict[str, Any]]:
    service = path.parent.name
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongPermissions(f"{path}: {error}") from None
    seen: set[str] = set()
    for section, listed in sections.items():
        if section not in _REACHES or not isinstance(listed, dict):
            raise WrongPermissions(f"{path}: {section} is none of {', '.join(_REACHES)}")
        for name, description in listed.items():
            where = f"{path}: {section}: {name}"
            if not _NAME.fullmatch(name) or not name.startswith(f"{service}."):
                raise WrongPermissions(f"{where} is no permission of {service}")
            if name in seen:
                raise WrongPermissions(f"{where} is there twice")
            if not isinstance(description, str) or not 0 < len(description) <= LONGEST:
                raise WrongPermissions(f"{where} needs a description of 1 to {LONGEST} characters")
            seen.add(name)
            yield {
                "name": name,
                "service": service,
                "description": description,
                "reaches": _REACHES[section],
            }
