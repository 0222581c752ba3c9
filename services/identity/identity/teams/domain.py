"""What a team is: a place in the tree, a manager and members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid
from identity.domain import checked_name

DEEPEST = 10
"""How many teams there may be one below the other."""
MOST_MEMBERS = 1_000


@dataclass(frozen=True, slots=True)
class TeamPlaced(Fact):
    """A team is called this, and stands there in the tree, from now on."""

    team_id: UUID
    parent_id: UUID | None
    name: str
    manager_id: UUID | None


@dataclass(frozen=True, slots=True)
class TeamRemoved(Fact):
    """A team is gone."""

    team_id: UUID


@dataclass(frozen=True, slots=True)
class TeamMembersChanged(Fact):
    """These are the members now."""

    team_id: UUID
    member_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class TeamDetails:
    """What a team is called, which one it belongs to, and who leads it."""

    name: str
    parent_id: UUID | None = None
    manager_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TeamTree:
    """Which team belongs to which, of the whole tenant at one moment."""

    parents: dict[UUID, UUID | None]

    def depth(self, team_id: UUID | None) -> int:
        """How many teams there are from the top to this one, itself included."""
        depth = 0
        while team_id is not None:
            depth += 1
            team_id = self.parents[team_id]
        return depth

    def is_within(self, team_id: UUID, above: UUID) -> bool:
        """Whether a team is `above` itself or somewhere below it."""
        current: UUID | None = team_id
        while current is not None and current != above:
            current = self.parents[current]
        return current is not None

    def height(self, team_id: UUID) -> int:
        """How many teams there are from this one to the lowest below it, itself included."""
        below = [team for team in self.parents if self.is_within(team, team_id)]
        top = self.depth(team_id) - 1
        return max((self.depth(team) - top for team in below), default=1)

    def check_place(self, team_id: UUID, parent_id: UUID | None) -> None:
        """Raises `Invalid` when a team cannot stand below `parent_id`."""
        if parent_id is None:
            return
        where = "/parent_team_id"
        if parent_id not in self.parents:
            raise Invalid.at(where, "team_unknown", f"There is no team {parent_id}.")
        if team_id in self.parents and self.is_within(parent_id, team_id):
            raise Invalid.at(where, "team_cycle", "A team cannot be below itself.")
        height = self.height(team_id) if team_id in self.parents else 1
        if self.depth(parent_id) + height > DEEPEST:
            raise Invalid.at(where, "team_too_deep", f"The tree has at most {DEEPEST} levels.")


@dataclass(kw_only=True)
class Team(Aggregate):
    """People who work together and see each other's records."""

    details: TeamDetails
    member_ids: frozenset[UUID]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def place(cls, team_id: UUID, details: TeamDetails, tree: TeamTree, now: datetime) -> Team:
        """A new team. Raises `Invalid`."""
        tree.check_place(team_id, details.parent_id)
        details = _tidied(details)
        team = cls(
            id=team_id, details=details, member_ids=frozenset(), created_at=now, updated_at=now
        )
        team._record_place()
        return team

    def change(self, details: TeamDetails, tree: TeamTree, now: datetime) -> None:
        """Rename, move, or give another manager. Raises `Invalid` for a place that cannot be."""
        if details.parent_id != self.details.parent_id:
            tree.check_place(self.id, details.parent_id)
        details = _tidied(details)
        if details != self.details:
            self.details, self.updated_at = details, now
            self._record_place()

    def set_members(self, member_ids: Iterable[UUID], now: datetime) -> None:
        """These and no others. Raises `Invalid` for too many."""
        members = frozenset(member_ids)
        if len(members) > MOST_MEMBERS:
            raise Invalid.at("/member_ids", "too_many", f"A team has up to {MOST_MEMBERS} members.")
        if members != self.member_ids:
            self.member_ids, self.updated_at = members, now
            self.record(TeamMembersChanged(self.id, tuple(sorted(members))))

    def remove(self, tree: TeamTree) -> None:
        """Say that it is gone. Raises `Conflict` while it has members or teams below."""
        if self.member_ids:
            raise Conflict("The team still has members; remove them first.", code="team_not_empty")
        if self.id in tree.parents.values():
            raise Conflict("There are teams below; move them first.", code="team_not_empty")
        self.record(TeamRemoved(self.id))

    def _record_place(self) -> None:
        about = self.details
        self.record(TeamPlaced(self.id, about.parent_id, about.name, about.manager_id))


def _tidied(details: TeamDetails) -> TeamDetails:
    return TeamDetails(checked_name(details.name), details.parent_id, details.manager_id)
