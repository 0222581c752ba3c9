"""Teams over REST: a tree that has no cycles, whoever moves what at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.storage.scope import EVERYTHING
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.oauth.grantee import grantee_of_session
from identity.sessions.domain import Device, Lifetime
from identity.sessions.operations import begin_browser_session
from identity.teams.domain import DEEPEST
from identity.transaction import IdentityTx

from ..builders import DAY, Organisation

TEAMS = "/v1/identity/teams"


@pytest.fixture
def boss(acme: Organisation) -> ApiClient:
    """The tenant's administrator."""
    return acme.administrator()


def place(client: ApiClient, name: str = "North", **about: Any) -> dict[str, Any]:
    """Make a team and give the answer."""
    response = client.post(TEAMS, {"name": name, **about})
    assert response.status_code == 201, response.text
    team: dict[str, Any] = response.json
    return team


def below(client: ApiClient, team: dict[str, Any], name: str = "Below") -> dict[str, Any]:
    """Make a team below another."""
    return place(client, name, parent_team_id=team["id"])


def test_listing_teams_needs_a_token(identity: ServiceHarness[IdentityTx]) -> None:
    assert identity.anonymous().get(TEAMS).status_code == 401


def test_another_tenants_teams_are_invisible(
    identity: ServiceHarness[IdentityTx], boss: ApiClient
) -> None:
    team = place(boss)
    stranger = identity.app_client(identity.new_tenant())
    assert stranger.get(TEAMS).json["items"] == []
    for response in (
        stranger.get(f"{TEAMS}/{team['id']}"),
        stranger.patch(f"{TEAMS}/{team['id']}", {"name": "x"}),
        stranger.delete(f"{TEAMS}/{team['id']}"),
        stranger.put(f"{TEAMS}/{team['id']}/members/{uuid4()}"),
    ):
        assert response.status_code == 404
    assert stranger.post(TEAMS, {"name": "x", "parent_team_id": team["id"]}).status_code == 422


def test_a_team_has_a_place_a_manager_and_members(acme: Organisation, boss: ApiClient) -> None:
    manager, one, two = str(acme.member()), str(acme.member()), str(acme.member())
    region = place(boss, "Region")
    team = place(
        boss, "Branch", parent_team_id=region["id"], manager_id=manager, member_ids=[one, two]
    )
    assert (team["parent_team_id"], team["manager_id"]) == (region["id"], manager)
    assert team["member_ids"] == sorted([one, two])
    assert acme.facts()[-3:] == ["TeamPlaced", "TeamPlaced", "TeamMembersChanged"]
    assert [t["id"] for t in boss.get(f"{TEAMS}?member_id={one}").json["items"]] == [team["id"]]
    under = boss.get(f"{TEAMS}?parent_team_id={region['id']}").json["items"]
    assert [t["id"] for t in under] == [team["id"]]


def test_members_come_and_go(acme: Organisation, boss: ApiClient) -> None:
    team, user_id = place(boss), acme.member()
    path = f"{TEAMS}/{team['id']}/members/{user_id}"
    assert boss.put(path).json["member_ids"] == [str(user_id)]
    assert boss.put(path).json["version"] == 2
    assert boss.delete(path).status_code == 204
    assert boss.get(f"{TEAMS}/{team['id']}").json["member_ids"] == []


def test_a_team_is_moved_and_can_go_back_to_the_top(boss: ApiClient) -> None:
    one, two = place(boss, "One"), place(boss, "Two")
    moved = boss.patch(f"{TEAMS}/{two['id']}", {"parent_team_id": one["id"]})
    assert moved.json["parent_team_id"] == one["id"]
    top = boss.patch(f"{TEAMS}/{two['id']}", {"parent_team_id": None, "name": "Zwei"})
    assert (top.json["parent_team_id"], top.json["name"]) == (None, "Zwei")


def test_a_team_cannot_be_below_itself(boss: ApiClient) -> None:
    one = place(boss)
    two = below(boss, one)
    three = below(boss, two)
    for parent in (one, two, three):
        refused = boss.patch(f"{TEAMS}/{one['id']}", {"parent_team_id": parent["id"]})
        assert refused.status_code == 422
        assert refused.json["errors"][0]["code"] == "team_cycle"


def move_each_below_the_other(boss: ApiClient) -> list[int]:
    """Two new teams, moved below each other at the same time: the answers."""
    pair = [place(boss, "One"), place(boss, "Two")]

    def move(at: int) -> int:
        body = {"parent_team_id": pair[1 - at]["id"]}
        return boss.patch(f"{TEAMS}/{pair[at]['id']}", body).status_code

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(move, (0, 1)))


def test_two_moves_at_once_make_no_cycle(boss: ApiClient) -> None:
    for _ in range(5):
        assert sorted(move_each_below_the_other(boss)) == [200, 422]


def test_the_tree_has_a_bound(boss: ApiClient) -> None:
    chain = [place(boss)]
    while len(chain) < DEEPEST:
        chain.append(below(boss, chain[-1]))
    refused = boss.post(TEAMS, {"name": "x", "parent_team_id": chain[-1]["id"]})
    assert refused.json["errors"][0]["code"] == "team_too_deep"
    other = place(boss, "Other")
    moved = boss.patch(f"{TEAMS}/{chain[0]['id']}", {"parent_team_id": other["id"]})
    assert moved.json["errors"][0]["code"] == "team_too_deep"
    fits = boss.patch(f"{TEAMS}/{chain[1]['id']}", {"parent_team_id": other["id"]})
    assert fits.status_code == 200


def test_only_an_empty_team_is_removed(acme: Organisation, boss: ApiClient) -> None:
    parent = place(boss)
    child = below(boss, parent)
    member = acme.member()
    boss.put(f"{TEAMS}/{child['id']}/members/{member}")
    for team in (parent, child):
        refused = boss.delete(f"{TEAMS}/{team['id']}")
        assert (refused.status_code, refused.json["code"]) == (409, "team_not_empty")
    boss.delete(f"{TEAMS}/{child['id']}/members/{member}")
    for team in (child, parent):
        assert boss.delete(f"{TEAMS}/{team['id']}").status_code == 204
    assert acme.facts()[-2:] == ["TeamRemoved", "TeamRemoved"]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("parent_team_id", "team_unknown"),
        ("manager_id", "user_unknown"),
        ("member_ids", "user_unknown"),
    ],
)
def test_what_a_team_refers_to_has_to_exist(boss: ApiClient, field: str, code: str) -> None:
    nobody = str(uuid4())
    body = {"name": "x", field: [nobody] if field == "member_ids" else nobody}
    refused = boss.post(TEAMS, body)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == f"/{field}"
    assert refused.json["errors"][0]["code"] == code


def test_another_tenants_user_is_no_member(
    identity: ServiceHarness[IdentityTx], acme: Organisation, boss: ApiClient
) -> None:
    stranger = acme.member()
    other = identity.app_client(identity.new_tenant())
    team = place(other)
    refused = other.put(f"{TEAMS}/{team['id']}/members/{stranger}")
    assert refused.json["errors"][0]["code"] == "user_unknown"
    assert boss.get(f"/v1/identity/users/{stranger}").json["team_ids"] == []


def test_changing_the_tree_takes_reach_over_all(acme: Organisation, boss: ApiClient) -> None:
    team = place(boss)
    lead = acme.identity.user_client(acme.tenant_id, {"identity.teams.*": "team"})
    assert lead.get(f"{TEAMS}/{team['id']}").status_code == 200
    for response in (
        lead.post(TEAMS, {"name": "x"}),
        lead.patch(f"{TEAMS}/{team['id']}", {"name": "x"}),
        lead.put(f"{TEAMS}/{team['id']}/members/{acme.administrator_id}"),
        lead.delete(f"{TEAMS}/{team['id']}"),
    ):
        assert (response.status_code, response.json["code"]) == (403, "reach_too_short")


def test_a_team_decides_whose_records_are_seen(acme: Organisation, boss: ApiClient) -> None:
    one, two = acme.member(), acme.member()
    region = place(boss, "Region", member_ids=[str(one)])
    branch = place(boss, "Branch", parent_team_id=region["id"], member_ids=[str(two)])
    acme.identity.service.directory.forget(acme.tenant_id)
    snapshot = acme.identity.service.directory.snapshot(acme.tenant_id)
    assert snapshot.below([UUID(region["id"])]) == {one, two}
    assert snapshot.below([UUID(branch["id"])]) == {two}
    boss.patch(f"{TEAMS}/{branch['id']}", {"parent_team_id": None})
    acme.identity.service.directory.forget(acme.tenant_id)
    snapshot = acme.identity.service.directory.snapshot(acme.tenant_id)
    assert snapshot.below([UUID(region["id"])]) == {one}


def test_a_token_names_the_teams_that_its_user_is_in_or_leads(
    acme: Organisation, boss: ApiClient
) -> None:
    user_id = acme.member()
    led = place(boss, "Led", manager_id=str(user_id))
    own = place(boss, "Own", member_ids=[str(user_id)])
    place(boss, "Other")
    operations = acme.identity.service.operations
    session, _ = operations.run(
        acme.caller, begin_browser_session, user_id, Device("Safari", "::1"), Lifetime(DAY, DAY)
    )
    grantee = operations.read(acme.caller, EVERYTHING, grantee_of_session, session.id)
    assert grantee is not None
    assert {str(team_id) for team_id in grantee.team_ids} == {led["id"], own["id"]}
