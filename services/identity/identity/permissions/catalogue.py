"""The permissions that there are, of all services: as the contracts have them that identity comes with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from identity.roles.domain import GrantReach


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that a role may grant, and the reaches that make a difference for it."""

    name: str
    service: str
    description: str
    reaches: tuple[GrantReach, ...]


@cache
def all_permissions() -> Sequence[Permission]:
    """What roles may grant, by name; what is for operators alone is left out."""
    text = (resources.files("rapport") / "permissions.json").read_text(encoding="utf-8")
    return tuple(
        Permission(
            entry["name"],
            entry["service"],
            entry["description"],
            tuple(GrantReach(reach) for reach in entry["reaches"]),
        )
        for entry in json.loads(text)["permissions"]
        if entry["reaches"]
    )
