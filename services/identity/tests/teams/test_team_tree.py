"""The tree of teams: whatever is tried, it stays a tree of bounded depth."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Invalid
from identity.teams.domain import DEEPEST, Team, TeamDetails, TeamMembersChanged, TeamTree

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEAMS = [UUID(int=number) for number in range(1, 15)]
moves = st.lists(st.tuples(st.sampled_from(TEAMS), st.none() | st.sampled_from(TEAMS)), max_size=80)


@given(moves)
def test_moves_leave_a_tree_of_bounded_depth(tried: list[tuple[UUID, UUID | None]]) -> None:
    tree = TeamTree(dict.fromkeys(TEAMS))
    for team_id, parent_id in tried:
        try:
            tree.check_place(team_id, parent_id)
        except Invalid:
            continue
        tree.parents[team_id] = parent_id
    for team_id in TEAMS:
        above: list[UUID] = []
        current: UUID | None = team_id
        while current is not None:
            assert current not in above
            above.append(current)
            current = tree.parents[current]
        assert len(above) == tree.depth(team_id) <= DEEPEST


def test_a_refused_move_leaves_the_team_where_it_is() -> None:
    one, two = TEAMS[:2]
    tree = TeamTree({one: None, two: one})
    team = Team(
        id=one,
        version=3,
        details=TeamDetails("One"),
        member_ids=frozenset(),
        created_at=NOW,
        updated_at=NOW,
    )
    with pytest.raises(Invalid) as refused:
        team.change(TeamDetails("One", two), tree, NOW)
    assert refused.value.violations[0].code == "team_cycle"
    assert (team.details.parent_id, team.version, team.recorded) == (None, 3, [])


def test_members_are_told_sorted_and_only_when_they_changed() -> None:
    team = Team.place(TEAMS[0], TeamDetails("One"), TeamTree({}), NOW)
    team.recorded.clear()
    team.set_members(TEAMS[3:1:-1], NOW)
    team.set_members(TEAMS[2:4], NOW)
    (recorded,) = team.recorded
    assert recorded.fact == TeamMembersChanged(TEAMS[0], (TEAMS[2], TEAMS[3]))
