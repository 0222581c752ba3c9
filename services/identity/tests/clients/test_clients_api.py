"""Apps over REST: registered within one's own permissions, with secrets that are shown once."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from identity.clients.credentials import digest_of
from identity.clients.storage import client_secrets
from identity.transaction import IdentityTx

from ..builders import Organisation

CLIENTS = "/v1/identity/clients"
MACHINE = {"name": "ERP", "grant_types": ["client_credentials"], "scopes": ["contacts.*"]}
WEB = {
    "name": "Console",
    "grant_types": ["authorization_code", "refresh_token"],
    "redirect_uris": ["https://app.example.com/callback"],
    "scopes": ["openid", "contacts.people.read"],
}


@pytest.fixture
def boss(acme: Organisation) -> ApiClient:
    """The tenant's administrator."""
    return acme.administrator()


def register(client: ApiClient, **about: Any) -> dict[str, Any]:
    """Register an app and give the answer."""
    response = client.post(CLIENTS, {**MACHINE, **about})
    assert response.status_code == 201, response.text
    app: dict[str, Any] = response.json
    return app


def digests(acme: Organisation, client_id: str) -> list[bytes]:
    """What is stored of an app's secrets."""
    with acme.identity.service.database.tenant_transaction(acme.tenant_id) as connection:
        found = connection.scalars(
            sa.select(client_secrets.c.hash).where(client_secrets.c.client_id == UUID(client_id))
        )
        return [bytes(each) for each in found]


def test_listing_apps_needs_a_token(identity: ServiceHarness[IdentityTx]) -> None:
    assert identity.anonymous().get(CLIENTS).status_code == 401


def test_another_tenants_apps_are_invisible(
    identity: ServiceHarness[IdentityTx], boss: ApiClient
) -> None:
    app = register(boss)
    stranger = identity.app_client(identity.new_tenant())
    assert stranger.get(CLIENTS).json["items"] == []
    for response in (
        stranger.get(f"{CLIENTS}/{app['id']}"),
        stranger.patch(f"{CLIENTS}/{app['id']}", {"name": "x"}),
        stranger.post(f"{CLIENTS}/{app['id']}/secrets"),
        stranger.delete(f"{CLIENTS}/{app['id']}/secrets/{app['secrets'][0]['id']}"),
        stranger.post(f"{CLIENTS}/{app['id']}/deactivate"),
    ):
        assert response.status_code == 404
    assert boss.get(f"{CLIENTS}/{app['id']}").json["status"] == "active"


def test_a_secret_of_256_bits_is_shown_once_and_stored_as_its_digest(
    acme: Organisation, boss: ApiClient
) -> None:
    app = register(boss)
    secret = app["client_secret"]
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    assert digests(acme, app["id"]) == [digest_of(secret)]
    shown = boss.get(f"{CLIENTS}/{app['id']}").json
    assert "client_secret" not in shown
    assert [each["hint"] for each in shown["secrets"]] == [secret[-4:]]
    assert secret not in boss.get(CLIENTS).text


def test_a_repeated_registration_is_answered_without_the_secret(boss: ApiClient) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first = boss.post(CLIENTS, MACHINE, headers=key)
    second = boss.post(CLIENTS, MACHINE, headers=key)
    assert second.json == {**first.json, "client_secret": "********"}
    assert len(boss.get(CLIENTS).json["items"]) == 1


def test_secrets_are_rotated_two_at_a_time(acme: Organisation, boss: ApiClient) -> None:
    app = register(boss)
    path = f"{CLIENTS}/{app['id']}/secrets"
    second = boss.post(path)
    assert second.status_code == 201
    third = boss.post(path)
    assert (third.status_code, third.json["code"]) == (409, "secrets_full")
    assert boss.delete(f"{path}/{app['secrets'][0]['id']}").status_code == 204
    assert digests(acme, app["id"]) == [digest_of(second.json["client_secret"])]
    assert acme.facts()[-2:] == ["ClientChanged", "AccessRevoked"]
    assert boss.delete(f"{path}/{uuid4()}").status_code == 404


def test_two_rotations_at_once_leave_two_secrets(boss: ApiClient) -> None:
    app = register(boss)
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda _: boss.post(f"{CLIENTS}/{app['id']}/secrets").status_code, (1, 2))
        )
    assert sorted(answers) == [201, 409]
    assert len(boss.get(f"{CLIENTS}/{app['id']}").json["secrets"]) == 2


def test_a_deactivated_app_is_out_at_once_and_for_good(acme: Organisation, boss: ApiClient) -> None:
    app = register(boss, scopes=["identity.users.read"])
    token = acme.identity.tokens.client(acme.tenant_id, "identity.users.read", client_id=app["id"])
    machine = ApiClient(acme.identity.app, token, acme.tenant_id)
    assert machine.get("/v1/identity/users").status_code == 200
    gone = boss.post(f"{CLIENTS}/{app['id']}/deactivate").json
    assert (gone["status"], gone["secrets"]) == ("deactivated", [])
    assert acme.facts()[-2:] == ["ClientDeactivated", "AccessRevoked"]
    acme.identity.service.directory.forget(acme.tenant_id)
    assert machine.get("/v1/identity/users").json["code"] == "token_invalid"
    for response in (
        boss.patch(f"{CLIENTS}/{app['id']}", {"name": "x"}),
        boss.post(f"{CLIENTS}/{app['id']}/secrets"),
    ):
        assert (response.status_code, response.json["code"]) == (409, "client_deactivated")


def test_a_public_app_has_no_secret(boss: ApiClient) -> None:
    app = register(boss, **WEB, kind="public")
    assert (app["client_secret"], app["secrets"]) == (None, [])
    refused = boss.post(f"{CLIENTS}/{app['id']}/secrets")
    assert (refused.status_code, refused.json["code"]) == (409, "client_public")


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example.com/callback",
        "https://app.example.com/callback#part",
        "https://user@app.example.com/callback",
        "https://*.example.com/callback",
        "https:///callback",
        "https://app.example.com:port/",
        "javascript:alert(1)",
        "myapp://callback",
        "http://127.0.0.1.example.com/",
        "//app.example.com/",
    ],
)
def test_an_unsafe_redirect_address_is_pointed_at(boss: ApiClient, uri: str) -> None:
    refused = boss.post(CLIENTS, {**WEB, "redirect_uris": ["https://a.example/", uri]})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "/redirect_uris/1"
    assert refused.json["errors"][0]["code"] == "redirect_uri_unsafe"


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:8976/callback",
        "http://[::1]/callback",
        "http://localhost:3000/cb?x=1",
        "https://app.example.com/cb",
    ],
)
def test_https_and_the_own_machine_are_fine_to_return_to(boss: ApiClient, uri: str) -> None:
    assert register(boss, **{**WEB, "redirect_uris": [uri]})["redirect_uris"] == [uri]


@pytest.mark.parametrize(
    ("about", "pointer"),
    [
        ({"grant_types": ["refresh_token"]}, "/grant_types"),
        ({"grant_types": ["client_credentials", "refresh_token"]}, "/grant_types"),
        ({"kind": "public"}, "/grant_types"),
        ({"grant_types": ["authorization_code"]}, "/redirect_uris"),
        ({"redirect_uris": ["https://a.example/"]}, "/redirect_uris"),
        ({"scopes": ["people"]}, "/scopes"),
        ({"name": " "}, "/name"),
    ],
)
def test_what_does_not_fit_together_is_pointed_at(
    boss: ApiClient, about: dict[str, Any], pointer: str
) -> None:
    refused = boss.post(CLIENTS, {**MACHINE, **about})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == pointer


def test_nobody_registers_an_app_that_may_do_more_than_they_may(acme: Organisation) -> None:
    helper = acme.identity.user_client(
        acme.tenant_id,
        {"identity.clients.*": "all", "contacts.*": "team", "desk.tickets.read": "all"},
    )

    def status(body: dict[str, Any], *scopes: str) -> int:
        return helper.post(CLIENTS, {**body, "scopes": list(scopes)}).status_code

    assert status(MACHINE, "desk.tickets.read") == 201
    assert status(MACHINE, "contacts.people.read") == 403  # for itself it would reach all
    assert status(WEB, "contacts.people.read", "openid") == 201  # for a user it reaches no farther
    assert status(WEB, "desk.*") == 403
    assert status(WEB, "*") == 403


def test_nobody_takes_over_an_app_that_may_do_more_than_they_may(
    acme: Organisation, boss: ApiClient
) -> None:
    app = register(boss, scopes=["*"])
    helper = acme.identity.user_client(acme.tenant_id, {"identity.clients.*": "all"})
    path = f"{CLIENTS}/{app['id']}"
    for response in (
        helper.patch(path, {"name": "x"}),
        helper.patch(path, {"scopes": []}),
        helper.post(f"{path}/secrets"),
        helper.delete(f"{path}/secrets/{app['secrets'][0]['id']}"),
        helper.post(f"{path}/deactivate"),
    ):
        assert (response.status_code, response.json["code"]) == (403, "beyond_own_permissions")


def test_an_app_is_changed_in_what_is_mentioned(acme: Organisation, boss: ApiClient) -> None:
    app = register(boss, **WEB)
    path = f"{CLIENTS}/{app['id']}"
    etag = boss.get(path).headers["ETag"]
    changed = boss.patch(path, {"scopes": ["openid"]}, headers={"If-Match": etag})
    assert changed.json["scopes"] == ["openid"]
    assert changed.json["redirect_uris"] == WEB["redirect_uris"]
    assert boss.patch(path, {"name": "x"}, headers={"If-Match": etag}).status_code == 412
    assert acme.facts()[-1] == "ClientChanged"


def test_apps_are_found_by_name_kind_and_status(boss: ApiClient) -> None:
    machine, web = register(boss), register(boss, **WEB, kind="public")
    boss.post(f"{CLIENTS}/{machine['id']}/deactivate")

    def ids(query: str) -> list[str]:
        return [each["id"] for each in boss.get(f"{CLIENTS}?{query}").json["items"]]

    assert ids("q=conso") == [web["id"]]
    assert ids("kind=public") == [web["id"]]
    assert ids("status=deactivated") == [machine["id"]]
    assert ids("sort=-name") == [machine["id"], web["id"]]
