"""Whether a fact may still be told to an endpoint, by what whoever it belongs to may do now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from chassis.access.directory import AccessDirectory
from chassis.context import Grants, covers, service_caller
from chassis.domain import Unavailable
from chassis.storage.unit_of_work import Operations
from notifications.feed.catalogue import fact_types
from notifications.feed.rights import may_read
from notifications.webhooks.operations import note_roles
from notifications.webhooks.sendable import Sendable

SUSPENDED_FOR = timedelta(minutes=5)
"""How often to look whether a suspended organisation is back."""


class TenantSuspended(Unavailable):
    """The organisation is suspended: nothing of it is told to anybody for the time being."""


class UserRoles(Protocol):
    """Whoever knows which roles a user has."""

    def roles_of(self, tenant_id: UUID, user_id: UUID) -> tuple[list[UUID], int]:
        """The roles, and the version of the user that has them. Raises `Unavailable`."""
        ...


class OwnerRights:
    """Looks at roles, scopes and the organisation at the moment of delivery."""

    def __init__(
        self,
        service: str,
        operations: Operations[Any],
        directory: AccessDirectory,
        users: UserRoles,
    ) -> None:
        self._service = service
        self._operations = operations
        self._directory = directory
        self._users = users

    def allow(self, tenant_id: UUID, what: Sendable) -> bool:
        """Whether it may be sent. Raises `Unavailable` when nobody can say now."""
        roles = what.authority.role_ids
        if roles is not None and what.roles_outdated:
            roles = self._asked_for(tenant_id, what)
        snapshot = self._directory.with_roles(tenant_id, roles or ())
        if snapshot.suspended:
            raise TenantSuspended("The organisation is suspended.")
        if what.fact_type is None:
            return True
        kind = fact_types().get(what.fact_type)
        if kind is None:  # stored by a later version, which ran meanwhile
            raise Unavailable(f"This version knows no fact {what.fact_type}.")
        granted = None if roles is None else snapshot.grants_of(roles)
        within = what.client_scopes
        return may_read(Grants(granted, what.authority.scopes), kind) and (
            within is None or _any_covers(within, kind.read_permission)
        )

    def _asked_for(self, tenant_id: UUID, what: Sendable) -> tuple[UUID, ...]:
        """A user has other roles than when the endpoint was made, and facts do not say which."""
        user_id = what.authority.user_id
        if user_id is None:
            return ()
        roles, version = self._users.roles_of(tenant_id, user_id)
        caller = service_caller(self._service, tenant_id)
        self._operations.run(caller, note_roles, user_id, roles, version)
        return tuple(roles)


def _any_covers(scopes: Iterable[str], permission: str) -> bool:
    return any(covers(scope, permission) for scope in scopes)
