"""What administrators do to the tree of teams; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from chassis.domain import Invalid
from identity.authority import require_full_reach
from identity.teams.domain import Team, TeamDetails
from identity.users.queries import missing_users

if TYPE_CHECKING:
    from identity.transaction import IdentityTx


def place_team(tx: IdentityTx, details: TeamDetails, member_ids: Iterable[UUID]) -> Team:
    """Make a team. Raises `Invalid` for a place that cannot be, or people who do not exist."""
    require_full_reach(tx.scope)
    members = frozenset(member_ids)
    _require_manager(tx, details)
    _require_members(tx, members)
    team = Team.place(tx.ids.new(), details, tx.teams.tree(), tx.clock.now())
    team.set_members(members, tx.clock.now())
    tx.teams.add(team)
    return team


def change_team(
    tx: IdentityTx,
    team_id: UUID,
    change: Callable[[TeamDetails], TeamDetails],
    member_ids: Iterable[UUID] | None = None,
) -> Team:
    """Rename or move a team, give it another manager or other members; None leaves them.

    Raises `NotFound`, `Invalid` for a place that cannot be, or people who do not exist.
    """
    require_full_reach(tx.scope)
    tree = tx.teams.tree()
    team = tx.teams.get(team_id)
    details = change(team.details)
    if details.manager_id != team.details.manager_id:
        _require_manager(tx, details)
    team.change(details, tree, tx.clock.now())
    if member_ids is not None:
        members = frozenset(member_ids)
        _require_members(tx, members - team.member_ids)
        team.set_members(members, tx.clock.now())
    return team


def add_member(tx: IdentityTx, team_id: UUID, user_id: UUID) -> Team:
    """Have a user in a team. Raises `NotFound`, `Invalid` when there is no such user."""
    require_full_reach(tx.scope)
    team = tx.teams.get(team_id)
    _require_members(tx, frozenset({user_id}))
    team.set_members(team.member_ids | {user_id}, tx.clock.now())
    return team


def remove_member(tx: IdentityTx, team_id: UUID, user_id: UUID) -> Team:
    """Have a user in a team no more. Raises `NotFound`."""
    require_full_reach(tx.scope)
    team = tx.teams.get(team_id)
    team.set_members(team.member_ids - {user_id}, tx.clock.now())
    return team


def remove_team(tx: IdentityTx, team_id: UUID) -> Team:
    """Remove a team. Raises `NotFound`, `Conflict` while it has members or teams below."""
    require_full_reach(tx.scope)
    tree = tx.teams.tree()
    team = tx.teams.get(team_id)
    team.remove(tree)
    tx.teams.remove(team)
    return team


def _require_manager(tx: IdentityTx, details: TeamDetails) -> None:
    if details.manager_id is not None and missing_users(tx, [details.manager_id]):
        raise Invalid.at("/manager_id", "user_unknown", f"There is no user {details.manager_id}.")


def _require_members(tx: IdentityTx, member_ids: frozenset[UUID]) -> None:
    for user_id in missing_users(tx, member_ids):
        raise Invalid.at("/member_ids", "user_unknown", f"There is no user {user_id}.")
