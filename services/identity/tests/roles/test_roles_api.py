"""Roles over REST: built-in ones stay, own ones are defined by whoever may do what they grant."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.roles.built_in import BUILT_IN_ROLES
from identity.roles.operations import keep_built_in_roles
from identity.transaction import IdentityTx
from rapport.identity.events.v1.access_events_pb2 import RoleDefined

from ..builders import Organisation

ROLES = "/v1/identity/roles"
READ_PEOPLE = {"permission": "contacts.people.read", "reach": "all"}


@pytest.fixture
def boss(acme: Organisation) -> ApiClient:
    """The tenant's administrator."""
    return acme.administrator()


def define(client: ApiClient, *grants: dict[str, str], name: str = "Callers") -> dict[str, Any]:
    """Define a role and give the answer."""
    response = client.post(ROLES, {"name": name, "grants": list(grants)})
    assert response.status_code == 201, response.text
    role: dict[str, Any] = response.json
    return role


def test_listing_roles_needs_a_token(identity: ServiceHarness[IdentityTx]) -> None:
    assert identity.anonymous().get(ROLES).status_code == 401


def test_another_tenants_roles_are_invisible(
    identity: ServiceHarness[IdentityTx], boss: ApiClient
) -> None:
    role = define(boss, READ_PEOPLE)
    stranger = identity.app_client(identity.new_tenant())
    assert stranger.get(ROLES).json["items"] == []
    for response in (
        stranger.get(f"{ROLES}/{role['id']}"),
        stranger.patch(f"{ROLES}/{role['id']}", {"name": "x"}),
        stranger.delete(f"{ROLES}/{role['id']}"),
    ):
        assert response.status_code == 404
    assert boss.get(f"{ROLES}/{role['id']}").json["name"] == "Callers"


def test_every_tenant_starts_with_the_built_in_roles(boss: ApiClient) -> None:
    listed = boss.get(f"{ROLES}?built_in=true").json["items"]
    assert {each["key"] for each in listed} == {
        "administrator",
        "sales_manager",
        "sales_representative",
        "service_manager",
        "service_agent",
        "marketer",
        "loyalty_manager",
        "analyst",
        "integration",
    }
    (administrator,) = boss.get(f"{ROLES}?key=administrator").json["items"]
    assert administrator["grants"] == [{"permission": "*", "reach": "all"}]


def test_a_built_in_role_stays_as_it_is(acme: Organisation, boss: ApiClient) -> None:
    path = f"{ROLES}/{acme.roles['analyst']}"
    for response in (
        boss.patch(path, {"name": "x"}),
        boss.patch(path, {"grants": []}),
        boss.delete(path),
    ):
        assert (response.status_code, response.json["code"]) == (409, "role_built_in")


def test_a_defined_role_is_told_with_all_that_it_grants(
    acme: Organisation, boss: ApiClient
) -> None:
    team = {"permission": "sales.*", "reach": "team"}
    role = define(boss, team, READ_PEOPLE)
    assert role["grants"] == [READ_PEOPLE, team]
    assert (role["built_in"], role["key"], role["version"]) == (False, None, 1)
    changed = boss.patch(f"{ROLES}/{role['id']}", {"grants": [READ_PEOPLE]})
    assert changed.json["grants"] == [READ_PEOPLE]
    kind, payload = acme.identity.facts(acme.tenant_id)[-1]
    fact = RoleDefined.FromString(payload)
    assert kind == RoleDefined.DESCRIPTOR.full_name
    assert [(grant.permission, grant.reach) for grant in fact.grants] == [
        ("contacts.people.read", 3)
    ]


def test_a_change_that_changes_nothing_is_no_change(boss: ApiClient) -> None:
    role = define(boss, READ_PEOPLE)
    same = boss.patch(f"{ROLES}/{role['id']}", {"name": "Callers", "grants": [READ_PEOPLE]})
    assert same.json["version"] == 1


def test_a_role_works_and_stops_working_without_a_new_token(
    acme: Organisation, boss: ApiClient
) -> None:
    role = define(boss, {"permission": "identity.teams.read", "reach": "all"})
    user_id = acme.member()
    boss.put(f"/v1/identity/users/{user_id}/roles/{role['id']}")
    token = acme.identity.tokens.user(acme.tenant_id, user_id, roles=[UUID(role["id"])])
    own = ApiClient(acme.identity.app, token, acme.tenant_id)
    directory = acme.identity.service.directory
    directory.forget(acme.tenant_id)
    assert own.get("/v1/identity/teams").status_code == 200
    boss.patch(f"{ROLES}/{role['id']}", {"grants": []})
    directory.forget(acme.tenant_id)
    assert own.get("/v1/identity/teams").json["code"] == "permission_missing"


def test_a_role_that_users_have_is_not_removed(acme: Organisation, boss: ApiClient) -> None:
    role = define(boss, READ_PEOPLE)
    path = f"/v1/identity/users/{acme.member()}/roles/{role['id']}"
    boss.put(path)
    refused = boss.delete(f"{ROLES}/{role['id']}")
    assert (refused.status_code, refused.json["code"]) == (409, "role_in_use")
    boss.delete(path)
    assert boss.delete(f"{ROLES}/{role['id']}").status_code == 204
    assert boss.get(f"{ROLES}/{role['id']}").status_code == 404
    assert acme.facts()[-1] == "RoleRemoved"


@pytest.mark.parametrize(
    "permission",
    ["people", "contacts.people", "Contacts.people.read", "*.read", "contacts.*.read", "a.b.c.d"],
)
def test_a_malformed_permission_is_pointed_at(boss: ApiClient, permission: str) -> None:
    body = {"name": "x", "grants": [READ_PEOPLE, {"permission": permission, "reach": "own"}]}
    refused = boss.post(ROLES, body)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/grants/1/permission"
    assert refused.json["errors"][0]["code"] == "permission_malformed"


def test_a_permission_comes_once_in_a_role(boss: ApiClient) -> None:
    refused = boss.post(ROLES, {"name": "x", "grants": [READ_PEOPLE, READ_PEOPLE]})
    assert refused.json["errors"][0]["code"] == "permission_repeated"


def test_nobody_grants_more_than_they_have(acme: Organisation) -> None:
    helper = acme.identity.user_client(
        acme.tenant_id,
        {"identity.roles.*": "all", "contacts.people.*": "team", "sales.quotes.read": "all"},
    )

    def grant(permission: str, reach: str) -> int:
        body = {"name": uuid4().hex, "grants": [{"permission": permission, "reach": reach}]}
        return helper.post(ROLES, body).status_code

    assert grant("contacts.people.read", "team") == 201
    assert grant("contacts.people.*", "own") == 201
    assert grant("contacts.people.read", "all") == 403
    assert grant("contacts.*", "own") == 403
    assert grant("*", "own") == 403
    assert grant("sales.quotes.*", "own") == 403


def test_nobody_changes_a_role_that_grants_more_than_they_have(
    acme: Organisation, boss: ApiClient
) -> None:
    role = define(boss, READ_PEOPLE)
    helper = acme.identity.user_client(acme.tenant_id, {"identity.roles.*": "all"})
    for response in (
        helper.patch(f"{ROLES}/{role['id']}", {"grants": []}),
        helper.delete(f"{ROLES}/{role['id']}"),
    ):
        assert (response.status_code, response.json["code"]) == (403, "beyond_own_permissions")


def test_a_name_belongs_to_one_role(boss: ApiClient) -> None:
    define(boss, READ_PEOPLE, name="Callers")
    with ThreadPoolExecutor(2) as pool:
        again = list(
            pool.map(
                lambda name: boss.post(ROLES, {"name": name, "grants": []}).status_code,
                ("CALLERS", "\N{FULLWIDTH LATIN CAPITAL LETTER C}allers"),
            )
        )
    assert again == [409, 409]


def test_roles_are_searched_and_paged(boss: ApiClient) -> None:
    define(boss, name="Zeta callers")
    assert [r["name"] for r in boss.get(f"{ROLES}?q=zeta").json["items"]] == ["Zeta callers"]
    first = boss.get(f"{ROLES}?page_size=5").json
    rest = boss.get(f"{ROLES}?page_size=5&page_token={first['next_page_token']}").json
    names = [each["name"] for each in first["items"] + rest["items"]]
    assert names == sorted(names)
    assert len(names) == 10


def test_an_upgrade_renews_the_built_in_roles(acme: Organisation) -> None:
    run, caller = acme.identity.service.operations.run, acme.caller

    def spoil(tx: IdentityTx) -> None:
        tx.roles.get(acme.roles["analyst"]).renew("Analyst", [], tx.clock.now())

    run(caller, spoil)
    run(caller, keep_built_in_roles)
    analyst = acme.administrator().get(f"{ROLES}/{acme.roles['analyst']}").json
    (expected,) = (role for role in BUILT_IN_ROLES if role.key == "analyst")
    assert len(analyst["grants"]) == len(expected.grants)
    before = len(acme.facts())
    run(caller, keep_built_in_roles)
    assert len(acme.facts()) == before
