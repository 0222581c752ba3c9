"""The permissions that there are, of all services: as the contracts have them that identity comes with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from chassis.context import covers
from identity.roles.domain import GrantReach


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that a role may grant, and the reaches that make a difference for it."""

    name: str
    service: str
    description: str
    reaches: tuple[GrantReach, ...]


def is_known(permission: str) -> bool:
    """Whether a permission, or a pattern of them, means anything.

    What is of a service that the catalogue does not know is believed: that may be newer than identity.
    """
    service = permission.partition(".")[0]
    if service not in {each.service for each in all_permissions()}:
        return True
    return any(covers(permission, each.name) for each in all_permissions())


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
