"""Which people count for which team: its own members, and those of the teams below it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from chassis.access.directory import load
from chassis.storage.database import OpenSession
from chassis.storage.scope import Scope
from chassis.storage.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Teams:
    """The people of each team, as identity has told."""

    people: Mapping[UUID, frozenset[UUID]]

    def of(self, user_id: UUID | None) -> tuple[UUID, ...]:
        """The teams that somebody counts for, those above their own included; sorted."""
        return tuple(sorted(team for team, people in self.people.items() if user_id in people))

    def within(self, scope: Scope) -> Mapping[UUID, frozenset[UUID]]:
        """The teams all of whose people are within reach: of others a sum would tell too much."""
        return {
            team: people
            for team, people in self.people.items()
            if people and all(scope.allows(one) for one in people)
        }

    def everybody(self) -> Iterable[UUID]:
        """All who are in a team."""
        return frozenset[UUID]().union(*self.people.values())


def teams_of(reading: Reading | UnitOfWork) -> Teams:
    """The tenant's teams as they are now; none while identity has told of none."""
    if reading.caller.tenant_id is None:
        return Teams({})
    snapshot = load(OpenSession(reading.connection), reading.caller.tenant_id, None)
    if snapshot is None:
        return Teams({})
    above = set(snapshot.members).union(snapshot.children)
    return Teams({team: snapshot.below([team]) for team in sorted(above)})
