"""Who leads the people of which team, as identity tells it: whom a manager's step waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from rapport.identity.events.v1.access_events_pb2 import TeamPlaced, TeamRemoved


@dataclass(frozen=True, slots=True)
class Led:
    """A team as identity has it, at a version: the one above it, and who leads it."""

    team_id: UUID
    version: int
    parent_team_id: UUID | None
    manager_id: UUID | None


def on_team_placed(tx: UnitOfWork, fact: TeamPlaced, envelope: Envelope) -> None:
    """Keep who leads a team and which is above it, unless something later was said before."""
    above = UUID(fact.parent_team_id) if fact.HasField("parent_team_id") else None
    manager_id = UUID(fact.manager_id) if fact.HasField("manager_id") else None
    team_id, version = UUID(fact.team_id), envelope.aggregate_version
    keep_managers(tx, [Led(team_id, version, above, manager_id)])


def on_team_removed(tx: UnitOfWork, fact: TeamRemoved, envelope: Envelope) -> None:
    """Have nobody lead a team that is gone; the row stays, so that what comes late is known."""
    keep_managers(tx, [Led(UUID(fact.team_id), envelope.aggregate_version, None, None)])


def follow_managers(reactions: Reactions) -> Reactions:
    """React to all that identity says of who leads whom; gives the same."""
    reactions.on(TeamPlaced, on_team_placed, "projection")
    reactions.on(TeamRemoved, on_team_removed, "projection")
    return reactions


def manager_of(tx: UnitOfWork) -> UUID | None:
    """Who leads the caller: the nearest manager of their teams, or above, who is not themselves."""
    about = {
        "tenant_id": tx.tenant_id,
        "team_ids": sorted(tx.caller.team_ids),
        "user_id": tx.caller.user_id,
    }
    row = tx.fetch_one(_NEAREST, about)
    return None if row is None else UUID(str(row["manager_id"]))


def keep_managers(tx: UnitOfWork, teams: Sequence[Led]) -> None:
    """Keep who leads teams, but for those of which something later was said before."""
    for one in sorted(teams, key=lambda team: team.team_id):
        about = {
            "tenant_id": tx.tenant_id,
            "team_id": one.team_id,
            "version": one.version,
            "parent_team_id": one.parent_team_id,
            "manager_id": one.manager_id,
        }
        tx.write(_KEEP, about)


_KEEP = Statement(
    "INSERT INTO team_managers (tenant_id, team_id, version, parent_team_id, manager_id)"
    " VALUES (%(tenant_id)s, %(team_id)s, %(version)s, %(parent_team_id)s, %(manager_id)s)"
    " ON CONFLICT (tenant_id, team_id) DO UPDATE SET version = excluded.version,"
    " parent_team_id = excluded.parent_team_id, manager_id = excluded.manager_id"
    " WHERE team_managers.version < excluded.version"
)
_NEAREST = Statement(
    """
    WITH RECURSIVE above AS (
        SELECT team_id, parent_team_id, manager_id, 1 AS steps FROM team_managers
        WHERE tenant_id = %(tenant_id)s AND team_id = ANY(%(team_ids)s)
        UNION ALL
        SELECT m.team_id, m.parent_team_id, m.manager_id, above.steps + 1
        FROM above JOIN team_managers m ON m.tenant_id = %(tenant_id)s
            AND m.team_id = above.parent_team_id
        WHERE above.steps < 50
    )
    SELECT manager_id FROM above WHERE manager_id IS NOT NULL AND manager_id <> %(user_id)s
    ORDER BY steps, team_id LIMIT 1
    """
)
