"""Tenants over REST: operators create and suspend them, administrators look after their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.tickets import Ticket
from identity.transaction import IdentityTx

from ..builders import Organisation
from ..fakes import FakeMailer

TENANTS = "/v1/identity/tenants"
OWN = "/v1/identity/tenant"


@pytest.fixture
def operator(identity: ServiceHarness[IdentityTx]) -> ApiClient:
    """An operator: a token without a tenant."""
    return ApiClient(identity.app, identity.tokens.operator("identity.tenants.manage"))


def found(operator: ApiClient, **about: Any) -> dict[str, Any]:
    """Create a tenant and give the answer."""
    slug = f"t-{uuid4()}"
    body = {"name": "Blue Ltd", "slug": slug, "admin_email": f"{slug}@example.com", **about}
    response = operator.post(TENANTS, body)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json
    return created


def test_listing_tenants_needs_a_token(identity: ServiceHarness[IdentityTx]) -> None:
    assert identity.anonymous().get(TENANTS).status_code == 401


def test_a_tenants_administrator_is_no_operator(acme: Organisation) -> None:
    for client in (acme.administrator(), acme.app("*")):
        refused = client.get(TENANTS)
        assert (refused.status_code, refused.json["code"]) == (403, "operator_needed")
        suspended = client.post(f"{TENANTS}/{acme.tenant_id}/suspend")
        assert (suspended.status_code, suspended.json["code"]) == (403, "operator_needed")


def test_an_operator_without_the_scope_is_refused(identity: ServiceHarness[IdentityTx]) -> None:
    other = ApiClient(identity.app, identity.tokens.operator("identity.keys.manage"))
    assert other.get(TENANTS).json["code"] == "permission_missing"


def test_an_operator_reaches_nothing_inside_tenants(operator: ApiClient) -> None:
    refused = operator.get("/v1/identity/users")
    assert (refused.status_code, refused.json["code"]) == (403, "tenant_needed")


def test_a_founded_tenant_invites_its_administrator(
    operator: ApiClient, mailer: FakeMailer, identity: ServiceHarness[IdentityTx]
) -> None:
    tenant = found(operator, locale="zh-Hant", admin_name="王小明")
    assert tenant["status"] == "active"
    tenant_id = UUID(tenant["id"])
    ticket = Ticket.read(tenant["invitation_url"].partition("ticket=")[2])
    assert ticket is not None
    assert (ticket.tenant_id, str(ticket.id)) == (tenant_id, tenant["administrator_id"])
    (mail,) = mailer.to(f"{tenant['slug']}@example.com")
    assert tenant["invitation_url"] in mail.text
    assert "王小明" in mail.text
    facts = [kind.rpartition(".")[2] for kind, _ in identity.facts(tenant_id)]
    assert facts == ["TenantCreated", *["RoleDefined"] * 9, "UserInvited"]


def test_a_slug_belongs_to_one_tenant(operator: ApiClient) -> None:
    tenant = found(operator)
    again = operator.post(
        TENANTS, {"name": "Other", "slug": tenant["slug"], "admin_email": "a@example.com"}
    )
    assert (again.status_code, again.json["code"]) == (409, "slug_taken")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("slug", "Blue Ltd", "slug_invalid"),
        ("slug", "-blue", "slug_invalid"),
        ("locale", "english", "locale_invalid"),
        ("time_zone", "Mars/Olympus", "time_zone_unknown"),
        ("country", "tw", "country_invalid"),
        ("admin_email", "nobody", "email_invalid"),
    ],
)
def test_a_wrong_value_is_pointed_at(
    operator: ApiClient, field: str, value: str, code: str
) -> None:
    body = {"name": "Blue", "slug": "blue", "admin_email": "a@example.com", field: value}
    refused = operator.post(TENANTS, body)
    assert refused.status_code == 422
    assert refused.json["errors"][0]["code"] == code


def test_operators_find_tenants_by_name_and_status(operator: ApiClient) -> None:
    word = uuid4().hex
    one, two = found(operator, name=f"Alpha {word}"), found(operator, name=f"Beta {word}")
    operator.post(f"{TENANTS}/{two['id']}/suspend")
    listed = operator.get(f"{TENANTS}?q={word}&count=true").json
    assert [each["id"] for each in listed["items"]] == [one["id"], two["id"]]
    assert listed["total_count"] == 2
    active = operator.get(f"{TENANTS}?q={word}&status=active").json["items"]
    assert [each["id"] for each in active] == [one["id"]]
    page = operator.get(f"{TENANTS}?q={word}&page_size=1").json
    rest = operator.get(f"{TENANTS}?q={word}&page_size=1&page_token={page['next_page_token']}").json
    assert [each["id"] for each in page["items"] + rest["items"]] == [one["id"], two["id"]]


def test_a_suspended_tenants_tokens_are_refused_until_it_is_resumed(
    operator: ApiClient, acme: Organisation, identity: ServiceHarness[IdentityTx]
) -> None:
    administrator = acme.administrator()
    assert administrator.get(OWN).status_code == 200
    suspended = operator.post(f"{TENANTS}/{acme.tenant_id}/suspend")
    assert suspended.json["status"] == "suspended"
    identity.service.directory.forget(acme.tenant_id)
    refused = administrator.get(OWN)
    assert (refused.status_code, refused.json["code"]) == (401, "token_invalid")
    assert operator.post(f"{TENANTS}/{acme.tenant_id}/resume").json["status"] == "active"
    identity.service.directory.forget(acme.tenant_id)
    assert administrator.get(OWN).status_code == 200
    assert acme.facts()[-2:] == ["TenantSuspended", "TenantResumed"]


def test_a_tenant_that_there_is_not_is_not_found(operator: ApiClient) -> None:
    for path in ("", "/suspend", "/resume"):
        send = operator.get if not path else operator.post
        assert send(f"{TENANTS}/{uuid4()}{path}").status_code == 404


def test_an_administrator_changes_their_own_organisation(acme: Organisation) -> None:
    administrator = acme.administrator()
    before = administrator.get(OWN)
    changed = administrator.patch(
        OWN,
        {"name": "Acme Taiwan", "policy": {"password_min_length": 14}},
        headers={"If-Match": before.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    assert changed.json["name"] == "Acme Taiwan"
    assert changed.json["policy"] == {**before.json["policy"], "password_min_length": 14}
    stale = administrator.patch(OWN, {"name": "x"}, headers={"If-Match": before.headers["ETag"]})
    assert (stale.status_code, stale.json["code"]) == (412, "version_mismatch")
    assert acme.facts()[-1] == "TenantChanged"


def test_idle_time_cannot_exceed_the_life_of_a_session(acme: Organisation) -> None:
    refused = acme.administrator().patch(
        OWN, {"policy": {"session_idle_hours": 48, "session_lifetime_hours": 24}}
    )
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/policy/session_idle_hours"


def test_whoever_is_no_administrator_leaves_the_organisation_alone(acme: Organisation) -> None:
    agent = acme.user(acme.member("service_agent"), "service_agent")
    assert agent.get(OWN).json["code"] == "permission_missing"
    assert agent.patch(OWN, {"name": "x"}).json["code"] == "permission_missing"
