"""Who leads which team, as identity tells it, for a service that has the table `team_managers`.

What a service asks of it is its own: who is told, or whose step it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Led:
    """A team as identity has it, at a version: the one above it, and who leads it."""

    team_id: UUID
    version: int
    parent_team_id: UUID | None
    manager_id: UUID | None


def follow_leaders(
    reactions: Reactions, placed: type[Message], removed: type[Message]
) -> Reactions:
    """React to all that identity says of who leads whom; gives the same.

    The generated facts are handed in by the service: `TeamPlaced` and `TeamRemoved`.
    """
    reactions.on(placed, on_team_placed, "projection")
    reactions.on(removed, on_team_removed, "projection")
    return reactions


def on_team_placed(tx: UnitOfWork, fact: Any, envelope: Envelope) -> None:
    """Keep who leads a team and which is above it, unless something later was said before."""
    keep_leaders(tx, [led_of(fact, envelope.aggregate_version)])


def on_team_removed(tx: UnitOfWork, fact: Any, envelope: Envelope) -> None:
    """Have nobody lead a team that is gone; the row stays, so that what comes late is known."""
    keep_leaders(tx, [Led(UUID(fact.team_id), envelope.aggregate_version, None, None)])


def led_of(team: Any, version: int) -> Led:
    """A team as a fact or a snapshot of identity's has it. Raises `ValueError` for what is no id."""
    above = UUID(team.parent_team_id) if team.HasField("parent_team_id") else None
    manager_id = UUID(team.manager_id) if team.HasField("manager_id") else None
    return Led(UUID(team.team_id), version, above, manager_id)


def keep_leaders(tx: UnitOfWork, teams: Sequence[Led]) -> None:
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
