"""Who is calling and on whose behalf: carried from the edge of a process to its storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from uuid import UUID

PLATFORM = UUID(int=0)
"""Stands for the tenant of what belongs to none; no tenant, nor any record, ever has this id."""


class Reach(IntEnum):
    """How far a permission goes; a higher one includes the lower."""

    OWN = 1
    TEAM = 2
    ALL = 3


def covers(pattern: str, permission: str) -> bool:
    """Whether a pattern means a permission: itself, `contacts.*` all of a service's, `*` all."""
    if pattern in ("*", permission):
        return True
    return pattern.endswith(".*") and permission.startswith(pattern[:-1])


class Grants:
    """What a caller may do: roles say what and how far, scopes say for which purpose.

    `roles` maps permissions or patterns to reach; `scopes` are permissions or patterns and bound
    what the roles give. Without roles (`None`, an external app acting for itself) the scopes
    count, with reach over all.
    """

    __slots__ = ("_known", "_roles", "_scopes")

    def __init__(self, roles: Mapping[str, Reach] | None, scopes: frozenset[str]) -> None:
        self._roles = roles
        self._scopes = scopes
        self._known: dict[str, Reach | None] = {}

    @property
    def scopes(self) -> frozenset[str]:
        """What bounds the roles; all there is without roles."""
        return self._scopes

    def reach(self, permission: str) -> Reach | None:
        """How far the permission goes; None is not at all."""
        if permission not in self._known:
            self._known[permission] = self._find(permission)
        return self._known[permission]

    def _find(self, permission: str) -> Reach | None:
        if not any(covers(scope, permission) for scope in self._scopes):
            return None
        if self._roles is None:
            return Reach.ALL
        found = [reach for pattern, reach in self._roles.items() if covers(pattern, permission)]
        return max(found, default=None)


NO_GRANTS = Grants({}, frozenset())
EVERY_GRANT = Grants(None, frozenset({"*"}))


@dataclass(frozen=True, slots=True)
class Caller:
    """A checked identity.

    `tenant_id` is empty for an operator only, `user_id` for whoever is no user (an external app,
    a service); `members` holds the users of the caller's teams and the teams below, for reach
    `TEAM`. `token` is what came in, to be handed on to peers.
    """

    tenant_id: UUID | None
    subject: str
    user_id: UUID | None = None
    client_id: str | None = None
    session_id: UUID | None = None
    grants: Grants = NO_GRANTS
    team_ids: frozenset[UUID] = frozenset()
    members: frozenset[UUID] = frozenset()
    token: str | None = field(default=None, repr=False)
    is_service: bool = False
    role_ids: tuple[UUID, ...] | None = None
    """The roles that the grants come from; None for who acts without any."""

    def reach(self, permission: str) -> Reach | None:
        """How far the caller may go with this permission; None is not at all."""
        return self.grants.reach(permission)

    @property
    def actor(self) -> str:
        """Who it was, for facts and the audit trail: `user:…`, `client:…` or `service:…`."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        return f"{'service' if self.is_service else 'client'}:{self.subject}"


def service_caller(service: str, tenant_id: UUID) -> Caller:
    """The service itself, at work on a tenant's behalf: reactions, timers, jobs."""
    return Caller(
        tenant_id=tenant_id,
        subject=service,
        client_id=service,
        grants=EVERY_GRANT,
        is_service=True,
    )
