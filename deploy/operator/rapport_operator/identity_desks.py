"""Opens identity's desks: its package knows what tenants and signing keys are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import httpx

from chassis.domain import DomainError
from rapport_operator.deployment import Deployment, ServiceAccess
from rapport_operator.descriptions import module_of
from rapport_operator.errors import OperatorError

IDENTITY = "identity"
_PATIENCE = 5.0
"""Seconds to wait for identity's answer."""


class TenantDesk(Protocol):
    """What `identity.tenants.desk` offers."""

    def listed(self) -> list[dict[str, Any]]:
        """All organisations."""
        ...

    def found(self, slug: str, details: Any, administrator: Any) -> dict[str, Any]:
        """A new one, whose administrator is invited."""
        ...

    def suspend(self, named: str) -> dict[str, Any]:
        """Let nobody of it in."""
        ...

    def resume(self, named: str) -> dict[str, Any]:
        """Serve it again."""
        ...

    def refresh_roles(self) -> Iterator[str]:
        """Bring built-in roles up to date."""
        ...


class KeyDesk(Protocol):
    """What `identity.keys.desk` offers."""

    def listed(self) -> list[dict[str, Any]]:
        """The keys."""
        ...

    def rotate(self, *, at_once: bool = False) -> list[dict[str, Any]]:
        """Publish the next one."""
        ...

    def withdraw(self, kid: str) -> list[dict[str, Any]]:
        """Have refused what one has signed."""
        ...


class LockoutDesk(Protocol):
    """What `identity.lockouts.desk` offers."""

    def shown(self, who: str) -> dict[str, Any]:
        """How long somebody has to wait."""
        ...

    def lift(self, who: str) -> dict[str, Any]:
        """Have them wait no longer."""
        ...


@contextmanager
def tenant_desk(deployment: Deployment, operator: str | None = None) -> Iterator[TenantDesk]:
    """The organisations of a deployment. Raises `OperatorError`, also for what identity refuses."""
    access = deployment.service(IDENTITY)
    with _refused(), module_of(IDENTITY, "tenants.desk").open_desk(_logins(access), operator) as at:
        yield at


@contextmanager
def key_desk(deployment: Deployment, operator: str | None = None) -> Iterator[KeyDesk]:
    """The signing keys of a deployment. Raises `OperatorError`, also for what identity refuses."""
    access = deployment.service(IDENTITY)
    opened = module_of(IDENTITY, "keys.desk").open_desk
    with _refused(), opened(_logins(access), access.key_encryption_secret, operator) as at:
        yield at


@contextmanager
def lockout_desk(deployment: Deployment, operator: str | None = None) -> Iterator[LockoutDesk]:
    """Who has to wait after failed sign-ins. Raises `OperatorError`, also for what identity refuses."""
    access = deployment.service(IDENTITY)
    opened = module_of(IDENTITY, "lockouts.desk").open_desk
    with _refused(), opened(_logins(access), access.signing_secret, operator) as at:
        yield at


def public_address(deployment: Deployment) -> str:
    """Where people find the platform: as identity says, else where the operator finds the gateway."""
    where = f"{deployment.service(IDENTITY).http_url}/.well-known/openid-configuration"
    try:
        issuer = httpx.get(where, timeout=_PATIENCE).raise_for_status().json()["issuer"]
    except (httpx.HTTPError, ValueError, KeyError):
        issuer = deployment.gateway_url
    return str(issuer).rstrip("/")


def _logins(access: ServiceAccess) -> Any:
    return module_of(IDENTITY, "desks").DeskAccess(access.database_url, access.database_system_url)


@contextmanager
def _refused() -> Iterator[None]:
    """What identity refuses, in the operator's words: the message and where it applies."""
    try:
        yield
    except DomainError as error:
        found = [f"{one.pointer.lstrip('/')}: {one.message}" for one in error.violations]
        raise OperatorError("; ".join(found) or error.message) from None
