"""What a role is: permissions, each with a reach."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from identity.domain import checked_name

MOST_GRANTS = 200
_WORD = r"[a-z][a-z0-9_-]{0,40}"
_PERMISSION = re.compile(rf"\*|{_WORD}\.\*|{_WORD}\.{_WORD}\.(?:\*|{_WORD})")


class GrantReach(StrEnum):
    """How far a permission goes."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission or pattern of permissions, within a reach."""

    permission: str
    reach: GrantReach


def is_permission(text: str) -> bool:
    """Whether this is a permission like `sales.quotes.read`, or a pattern like `sales.*` or `*`."""
    return _PERMISSION.fullmatch(text) is not None


def checked_grants(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The grants in the order of their permissions.

    Raises `Invalid` for a malformed permission, one that comes twice, or too many.
    """
    listed = list(grants)
    if len(listed) > MOST_GRANTS:
        raise Invalid.at("/grants", "too_many", f"A role has at most {MOST_GRANTS} grants.")
    seen: set[str] = set()
    for index, grant in enumerate(listed):
        where = f"/grants/{index}/permission"
        if not is_permission(grant.permission):
            wanted = "service.records.verb, a pattern like sales.* or sales.quotes.*, or *"
            raise Invalid.at(where, "permission_malformed", f"A permission is {wanted}.")
        if grant.permission in seen:
            raise Invalid.at(where, "permission_repeated", "This permission is there already.")
        seen.add(grant.permission)
    return tuple(sorted(listed, key=lambda grant: grant.permission))


@dataclass(frozen=True, slots=True)
class RoleDefined(Fact):
    """A role is what this says from now on."""

    role_id: UUID
    name: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class RoleRemoved(Fact):
    """A role is gone."""

    role_id: UUID


@dataclass(kw_only=True)
class Role(Aggregate):
    """What users with this role may do. Built-in ones have a `key`, the same in every tenant."""

    name: str
    grants: tuple[Grant, ...]
    key: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def define(
        cls,
        role_id: UUID,
        name: str,
        grants: Iterable[Grant],
        now: datetime,
        *,
        key: str | None = None,
    ) -> Role:
        """A new role. Raises `Invalid`."""
        role = cls(
            id=role_id,
            name=checked_name(name),
            grants=checked_grants(grants),
            key=key,
            created_at=now,
            updated_at=now,
        )
        role.record(RoleDefined(role_id, role.name, role.grants))
        return role

    @property
    def is_built_in(self) -> bool:
        """Whether it comes with the platform."""
        return self.key is not None

    def redefine(self, name: str, grants: Iterable[Grant], now: datetime) -> None:
        """Give it another name or other grants. Raises `Conflict` for a built-in role."""
        self._require_own()
        self._become(checked_name(name), checked_grants(grants), now)

    def renew(self, name: str, grants: Iterable[Grant], now: datetime) -> None:
        """Bring a built-in role to what this version of the platform says it is."""
        self._become(name, checked_grants(grants), now)

    def remove(self) -> None:
        """Say that it is gone. Raises `Conflict` for a built-in role."""
        self._require_own()
        self.record(RoleRemoved(self.id))

    def _become(self, name: str, grants: tuple[Grant, ...], now: datetime) -> None:
        if (name, grants) != (self.name, self.grants):
            self.name, self.grants, self.updated_at = name, grants, now
            self.record(RoleDefined(self.id, name, grants))

    def _require_own(self) -> None:
        if self.is_built_in:
            raise Conflict(
                "A built-in role stays as it is; define one of your own.", code="role_built_in"
            )
