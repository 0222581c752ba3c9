"""Opens identity's audit logs: its package knows how they are read, written down and verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from chassis.domain import DomainError
from rapport_operator.deployment import Deployment
from rapport_operator.descriptions import module_of
from rapport_operator.errors import OperatorError

IDENTITY = "identity"


class Desk(Protocol):
    """What `identity.audit.desk` offers."""

    def tenant(self, named: str) -> UUID:
        """A tenant by its slug or id, or `-` for what belongs to none."""
        ...

    def tenants(self) -> list[UUID]:
        """All that have a log."""
        ...

    def entries(
        self, tenant_id: UUID, filters: Mapping[str, str], most: int
    ) -> Iterator[dict[str, Any]]:
        """The latest entries."""
        ...

    def export(
        self, tenant_id: UUID, written_in: Any, filters: Mapping[str, str]
    ) -> Iterator[bytes]:
        """The entries as a file."""
        ...

    def verify(self, tenant_id: UUID, noted: Mapping[int, bytes]) -> Any:
        """Whether any entry was changed."""
        ...


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found of one log."""

    tenant_id: UUID
    entries: int
    head: str
    broken_at: int | None
    damage: str | None
    message: str | None

    @property
    def is_intact(self) -> bool:
        """Whether all entries are as they were written."""
        return self.broken_at is None

    def line(self) -> str:
        """For people, and to note the head from."""
        if not self.is_intact:
            return f"{self.tenant_id}  BROKEN at entry {self.broken_at}: {self.message}"
        return f"{self.tenant_id}  intact, {self.entries} entries, head {self.head}"

    def as_json(self) -> dict[str, Any]:
        """For programs, as `python -m identity audit verify --json` says it."""
        about: dict[str, Any] = {
            "tenant_id": str(self.tenant_id),
            "intact": self.is_intact,
            "entries": self.entries,
            "head": self.head,
        }
        if self.is_intact:
            return about
        broken = {"number": self.broken_at, "damage": self.damage, "message": self.message}
        return {**about, "broken": broken}


@contextmanager
def audit_desk(deployment: Deployment, operator: str | None = None) -> Iterator[Desk]:
    """The logs of a deployment. Raises `OperatorError`, also for what identity refuses meanwhile."""
    access = deployment.service(IDENTITY)
    open_desk = module_of(IDENTITY, "audit.desk").open_desk
    try:
        with open_desk(access.database_url, access.database_system_url, operator) as desk:
            yield desk
    except DomainError as error:
        raise OperatorError(error.message) from None


def verified(desk: Desk, tenant_id: UUID, expected: list[str]) -> Verified:
    """Verify one log; `expected` are heads that were noted before. Raises `OperatorError`."""
    head = module_of(IDENTITY, "audit.domain").Head
    try:
        noted = {one.number: one.hash for one in map(head.read, expected)}
    except ValueError as error:
        raise OperatorError(str(error)) from None
    found = desk.verify(tenant_id, noted)
    broken = found.broken
    return Verified(
        tenant_id,
        found.head.number,
        str(found.head),
        None if broken is None else broken.number,
        None if broken is None else str(broken.damage),
        None if broken is None else broken.message,
    )
