"""An access source that tests fill by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID, uuid4

from chassis.access.directory import AccessEntry


class FakeAccessSource:
    """Knows what the test told it; stands in for identity."""

    def __init__(self) -> None:
        self._entries: dict[UUID, list[AccessEntry]] = {}

    def fetch(self, tenant_id: UUID) -> Iterable[AccessEntry]:
        """What was told of this tenant."""
        return list(self._entries.get(tenant_id, ()))

    def tell(self, tenant_id: UUID, entry: AccessEntry) -> None:
        """Make an entry known."""
        self._entries.setdefault(tenant_id, []).append(entry)

    def role(self, tenant_id: UUID, grants: Mapping[str, str]) -> UUID:
        """A new role with these grants (permission to `own`, `team` or `all`); gives its id."""
        role_id = uuid4()
        self.tell(tenant_id, AccessEntry("role", str(role_id), 1, {"grants": dict(grants)}))
        return role_id

    def team(self, tenant_id: UUID, users: Iterable[UUID] = (), parent: UUID | None = None) -> UUID:
        """A new team with these members; gives its id."""
        team_id = uuid4()
        about = {"parent": str(parent) if parent else None}
        self.tell(tenant_id, AccessEntry("team", str(team_id), 1, about))
        members = {"users": [str(user) for user in users]}
        self.tell(tenant_id, AccessEntry("members", str(team_id), 1, members))
        return team_id
