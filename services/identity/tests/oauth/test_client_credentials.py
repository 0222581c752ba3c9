"""Client credentials: apps for themselves, and services on a tenant's behalf."""

from __future__ import annotations

import base64
from uuid import UUID, uuid4

import pytest

from identity.clients.operations import add_secret, deactivate_client
from identity.tenants.operations import suspend_tenant

from ..provider import SERVICE_SECRET, App, Provider, Tokens


def credentials(provider: Provider, app: App, **fields: str) -> Tokens:
    """The answer to a request for a token of the app's own."""
    return Tokens(provider.ask(app, "/oauth/token", grant_type="client_credentials", **fields))


def service(provider: Provider, **fields: str) -> Tokens:
    """The same for the service contacts."""
    answer = provider.service.http.app.test_client().post(
        "/oauth/token",
        data={"grant_type": "client_credentials", **fields},
        auth=("contacts", SERVICE_SECRET),
    )
    return Tokens(answer)


def test_an_app_gets_a_token_for_its_tenant_with_all_its_permissions(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)

    tokens = credentials(provider, app)
    caller = provider.service.authenticator.caller(tokens.access)

    assert (caller.tenant_id, caller.client_id) == (ada.tenant_id, app.client_id)
    assert caller.user_id is caller.session_id is None
    assert caller.reach("contacts.people.write") is not None
    assert caller.reach("sales.quotes.read") is None
    assert tokens.json["scope"] == "contacts.* sales.orders.read"
    assert "refresh_token" not in tokens.json


def test_an_app_may_ask_for_less(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    tokens = credentials(provider, app, scope="contacts.people.read")
    assert provider.parts.ring.claims(tokens.access)["scope"] == "contacts.people.read"


@pytest.mark.parametrize("scope", ["*", "loyalty.members.read", "contacts", "contacts.*.*", "ä"])
def test_an_app_gets_no_scope_that_is_not_registered(provider: Provider, scope: str) -> None:
    app = provider.app(provider.tenant().tenant_id)
    answer = credentials(provider, app, scope=scope).response
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")


def test_the_secret_may_come_in_the_form(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    answer = provider.service.http.app.test_client().post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": app.client_id,
            "client_secret": app.secret,
        },
    )
    assert Tokens(answer).access


def test_a_second_secret_works_beside_the_first(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    second = provider.run(app.tenant_id, add_secret, _id(app)).text
    provider.parts.clients.forget()
    assert credentials(provider, app).access
    assert credentials(provider, App(app.tenant_id, app.client_id, second)).access


def test_a_wrong_secret_and_an_unknown_client_are_refused_alike(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    wrong = credentials(provider, App(app.tenant_id, app.client_id, "wrong")).response
    unknown = credentials(provider, App(app.tenant_id, str(uuid4()), "wrong")).response
    for answer in (wrong, unknown):
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert wrong.get_json() == unknown.get_json()


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Bearer something",
    ],
)
def test_malformed_credentials_are_refused(provider: Provider, header: str) -> None:
    answer = provider.service.http.app.test_client().post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": header},
    )
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_a_deactivated_app_gets_no_token(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    assert credentials(provider, app).access
    provider.run(app.tenant_id, deactivate_client, _id(app))
    provider.parts.clients.forget()
    assert credentials(provider, app).response.get_json()["error"] == "invalid_client"


def test_an_app_of_a_suspended_organisation_gets_no_token(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    provider.run(app.tenant_id, suspend_tenant)
    provider.parts.clients.forget()
    assert credentials(provider, app).response.get_json()["error"] == "invalid_client"


def test_a_public_app_has_no_credentials(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id, public=True)
    answer = credentials(provider, app).response
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_a_service_gets_a_token_that_names_it_and_the_tenant(provider: Provider) -> None:
    ada = provider.tenant()
    tokens = service(provider, tenant=str(ada.tenant_id))
    caller = provider.service.authenticator.caller(tokens.access)
    assert caller.is_service
    assert (caller.subject, caller.tenant_id) == ("contacts", ada.tenant_id)
    assert caller.actor == "service:contacts"


@pytest.mark.parametrize("tenant", ["", "no id", "0190aaaa-bbbb-7ccc-8ddd-eeeeffff0000"])
def test_a_service_has_to_name_a_tenant_that_there_is(provider: Provider, tenant: str) -> None:
    answer = service(provider, tenant=tenant).response
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_a_service_cannot_go_any_other_way(provider: Provider) -> None:
    answer = provider.service.http.app.test_client().post(
        "/oauth/token",
        data={"grant_type": "refresh_token", "refresh_token": "A" * 86},
        auth=("contacts", SERVICE_SECRET),
    )
    assert answer.get_json()["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    ("data", "query", "error"),
    [
        ({}, "", "invalid_request"),
        ({"grant_type": "password"}, "", "unsupported_grant_type"),
        ({"grant_type": 'ä\n"'}, "", "unsupported_grant_type"),
        ({"grant_type": ["client_credentials", "client_credentials"]}, "", "invalid_request"),
        ({"grant_type": "client_credentials"}, "?client_secret=x", "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "a\x00b"}, "", "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "x" * 70_000}, "", "invalid_request"),
    ],
)
def test_a_malformed_token_request_is_refused_in_oauths_words(
    provider: Provider, data: dict[str, str], query: str, error: str
) -> None:
    app = provider.app(provider.tenant().tenant_id)
    answer = provider.service.http.app.test_client().post(
        f"/oauth/token{query}", data=data, **app.credentials()
    )
    assert 400 <= answer.status_code < 500
    assert answer.get_json()["error"] == error
    assert "Trace-Id" in answer.headers


def test_a_json_body_is_no_token_request(provider: Provider) -> None:
    answer = provider.service.http.app.test_client().post("/oauth/token", json={"a": 1})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_the_token_endpoint_takes_no_other_method(provider: Provider) -> None:
    answer = provider.service.http.app.test_client().get("/oauth/token")
    assert answer.status_code == 405


def _id(app: App) -> UUID:
    return UUID(app.client_id)
