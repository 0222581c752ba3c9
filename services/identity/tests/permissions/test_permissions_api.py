"""Which permissions there are to grant, and what a caller may do (ID-4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.testing.client import ApiClient
from identity.permissions.catalogue import is_known
from identity.roles.built_in import BUILT_IN_ROLES
from identity.roles.storage import roles

from ..builders import Organisation
from ..provider import Provider

PERMISSIONS = "/v1/identity/permissions"
OWN = "/v1/identity/me/permissions"
SERVICES = {"contacts", "desk", "identity", "loyalty", "notifications", "sales"}


def everything(client: ApiClient, path: str, query: str = "") -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    found, following = [], ""
    while True:
        answer = client.get(f"{path}?page_size=200{query}{following}")
        assert answer.status_code == 200, answer.text
        found += answer.json["items"]
        if answer.json["next_page_token"] is None:
            return found
        following = f"&page_token={answer.json['next_page_token']}"


def test_no_token_shows_nothing(acme: Organisation) -> None:
    anonymous = ApiClient(acme.identity.app, None)
    assert [anonymous.get(path).status_code for path in (PERMISSIONS, OWN)] == [401, 401]


def test_permissions_of_all_services_are_listed_with_what_they_mean(acme: Organisation) -> None:
    found = everything(acme.administrator(), PERMISSIONS)
    by_name = {one["permission"]: one for one in found}
    assert {one["service"] for one in found} == SERVICES
    assert list(by_name) == sorted(by_name)
    assert len(by_name) == len(found) > 250
    assert by_name["contacts.people.read"] == {
        "permission": "contacts.people.read",
        "service": "contacts",
        "description": "See people, how to reach them and what is kept of them",
        "reaches": ["own", "team", "all"],
    }
    assert by_name["identity.roles.write"]["reaches"] == ["all"]


def test_what_is_for_operators_is_nobodys_to_grant(acme: Organisation) -> None:
    names = {one["permission"] for one in everything(acme.administrator(), PERMISSIONS)}
    assert not names & {"identity.tenants.manage", "identity.signing_keys.write"}


def test_they_are_found_by_service_name_and_words(acme: Organisation) -> None:
    boss = acme.administrator()
    of_desk = everything(boss, PERMISSIONS, "&service=desk")
    assert {one["service"] for one in of_desk} == {"desk"}
    quotes = everything(boss, PERMISSIONS, "&permission[prefix]=sales.quotes.")
    assert [one["permission"] for one in quotes] == [
        "sales.quotes.approve",
        "sales.quotes.read",
        "sales.quotes.write",
    ]
    till = everything(boss, PERMISSIONS, "&q=AT A TILL")
    assert "loyalty.coupons.redeem" in {one["permission"] for one in till}
    assert everything(boss, PERMISSIONS, "&q=%25") == []
    counted = boss.get(f"{PERMISSIONS}?count=true&page_size=1").json
    assert counted["total_count"] == len(everything(boss, PERMISSIONS))
    for wrong in ("service=marketing", "reach=own", "sort=description"):
        assert boss.get(f"{PERMISSIONS}?{wrong}").status_code == 400


def test_every_permission_that_is_listed_can_be_granted(acme: Organisation) -> None:
    boss = acme.administrator()
    found = everything(boss, PERMISSIONS)
    grants = [{"permission": one["permission"], "reach": one["reaches"][0]} for one in found]
    for number in range(0, len(grants), 200):
        body = {"name": f"Part {number} {uuid4()}", "grants": grants[number : number + 200]}
        assert boss.post("/v1/identity/roles", body).status_code == 201


def test_an_administrator_may_do_all_that_there_is(acme: Organisation) -> None:
    boss = acme.administrator()
    everywhere = {one["permission"] for one in everything(boss, PERMISSIONS)}
    own = everything(boss, OWN)
    assert {one["permission"] for one in own} == everywhere
    assert {one["reach"] for one in own} == {"all"}


def test_a_user_sees_how_far_their_roles_go(acme: Organisation) -> None:
    user = acme.identity.user_client(
        acme.tenant_id, {"sales.quotes.*": "own", "sales.quotes.read": "team", "desk.*": "all"}
    )
    own = {one["permission"]: one["reach"] for one in everything(user, OWN)}
    assert own["sales.quotes.read"] == "team"
    assert own["sales.quotes.write"] == "own"
    assert own["desk.tickets.read"] == "all"
    assert not [name for name in own if not name.startswith(("sales.quotes.", "desk."))]
    mine = everything(user, OWN, "&reach=own")
    assert {one["permission"] for one in mine} == {"sales.quotes.approve", "sales.quotes.write"}


def test_whoever_may_do_nothing_sees_an_empty_list(acme: Organisation) -> None:
    nobody = acme.identity.user_client(acme.tenant_id, {})
    assert everything(nobody, OWN) == []


def test_an_app_sees_what_its_scopes_are(acme: Organisation) -> None:
    app = acme.app("contacts.companies.*")
    own = {one["permission"]: one["reach"] for one in everything(app, OWN)}
    assert set(own) == {
        f"contacts.companies.{verb}" for verb in ("delete", "export", "read", "write")
    }
    assert set(own.values()) == {"all"}


@pytest.mark.parametrize("path", [PERMISSIONS, OWN])
def test_an_operators_token_belongs_to_no_organisation(path: str, provider: Provider) -> None:
    answer = provider.api("GET", path, provider.operator("grace"))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "tenant_needed")


def test_what_a_token_is_for_bounds_what_the_roles_give(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id, scopes="contacts.people.* openid")
    token = provider.let_in(app, ada, scope="contacts.people.*").access
    shown = provider.api("GET", OWN, token).get_json()["items"]
    assert {one["permission"] for one in shown} == {
        f"contacts.people.{verb}"
        for verb in ("data_export", "delete", "erase", "export", "read", "write")
    }
    bob = provider.member(ada.tenant_id)
    of_bob = provider.let_in(app, bob, scope="contacts.people.*").access
    assert provider.api("GET", OWN, of_bob).get_json()["items"] == []


UNKNOWN = (
    "sales.quotess.read",
    "sales.quotess.*",
    "identity.tenants.manage",
    "contacts.people.reed",
)


@pytest.mark.parametrize("permission", UNKNOWN)
def test_a_slip_of_the_pen_is_refused_in_a_role(acme: Organisation, permission: str) -> None:
    boss = acme.administrator()
    grants = [
        {"permission": "sales.quotes.read", "reach": "own"},
        {"permission": permission, "reach": "own"},
    ]
    refused = boss.post("/v1/identity/roles", {"name": uuid4().hex, "grants": grants})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/grants/1/permission"
    assert refused.json["errors"][0]["code"] == "permission_unknown"
    made = boss.post("/v1/identity/roles", {"name": uuid4().hex, "grants": grants[:1]}).json
    changed = boss.patch(f"/v1/identity/roles/{made['id']}", {"grants": grants})
    assert changed.json["errors"][0]["code"] == "permission_unknown"


@pytest.mark.parametrize("permission", UNKNOWN)
def test_a_slip_of_the_pen_is_refused_in_an_app(acme: Organisation, permission: str) -> None:
    boss, path = acme.administrator(), "/v1/identity/clients"
    app = {"name": "ERP", "grant_types": ["client_credentials"], "scopes": ["contacts.*"]}
    refused = boss.post(path, {**app, "scopes": ["contacts.*", permission]})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["code"] == "scope_unknown"
    made = boss.post(path, app).json
    changed = boss.patch(f"{path}/{made['id']}", {"scopes": [permission]})
    assert changed.json["errors"][0]["code"] == "scope_unknown"


def test_what_a_newer_service_asks_for_can_be_granted_already(acme: Organisation) -> None:
    grants = [
        {"permission": one, "reach": "all"} for one in ("billing.invoices.read", "marketing.*")
    ]
    body = {"name": uuid4().hex, "grants": grants}
    assert acme.administrator().post("/v1/identity/roles", body).status_code == 201


def test_a_role_keeps_what_was_taken_out_of_the_platform_since(acme: Organisation) -> None:
    boss = acme.administrator()
    grants = [{"permission": "sales.faxes.read", "reach": "all"}]
    made = boss.post("/v1/identity/roles", {"name": uuid4().hex, "grants": []}).json
    with acme.identity.service.database.tenant_transaction(acme.tenant_id) as connection:
        connection.execute(
            sa.update(roles)
            .where(roles.c.tenant_id == acme.tenant_id, roles.c.id == UUID(made["id"]))
            .values(grants=grants)
        )
    more = [*grants, {"permission": "sales.quotes.read", "reach": "all"}]
    changed = boss.patch(f"/v1/identity/roles/{made['id']}", {"grants": more})
    assert changed.status_code == 200, changed.text
    assert [one["permission"] for one in changed.json["grants"]] == [
        "sales.faxes.read",
        "sales.quotes.read",
    ]


def test_the_roles_that_all_begin_with_grant_what_there_is() -> None:
    granted = {grant.permission for role in BUILT_IN_ROLES for grant in role.grants}
    assert sorted(one for one in granted if not is_known(one)) == []
