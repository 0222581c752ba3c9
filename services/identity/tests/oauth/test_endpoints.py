"""Discovery, keys, userinfo, introspection, revocation and logout."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from identity.oauth.issuing import ACCESS_LASTS

from ..forms import text_of
from ..provider import CALLBACK, SERVICE_SECRET, Provider, returned


def test_discovery_names_endpoints_that_answer(provider: Provider) -> None:
    client = provider.service.http.app.test_client()
    document = client.get("/.well-known/openid-configuration").get_json()
    assert document == client.get("/.well-known/oauth-authorization-server").get_json()
    assert document["issuer"] == "http://gateway.test"
    served = {str(rule) for rule in provider.service.http.app.url_map.iter_rules()}
    named = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(named) == 8
    assert {address.removeprefix("http://gateway.test") for address in named} <= served


def test_tokens_verify_with_the_published_keys_alone(provider: Provider) -> None:
    ada = provider.tenant()
    tokens = provider.let_in(provider.app(ada.tenant_id), ada)
    answer = provider.service.http.app.test_client().get("/.well-known/jwks.json")
    keys = KeySet.import_key_set(answer.get_json())
    assert jwt.decode(tokens.access, keys, algorithms=["ES256"]).claims["sub"] == str(ada.user_id)
    assert all("d" not in key for key in answer.get_json()["keys"])
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_userinfo_tells_what_the_scope_allows(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    full = provider.let_in(app, ada)
    bare = provider.let_in(app, ada, scope="openid")
    assert provider.api("GET", "/oauth/userinfo", full.access).get_json()["email"] == ada.email
    assert provider.api("POST", "/oauth/userinfo", bare.access).get_json() == {
        "sub": str(ada.user_id)
    }


def test_userinfo_needs_a_good_token_with_openid(provider: Provider) -> None:
    ada = provider.tenant()
    without = provider.let_in(provider.app(ada.tenant_id), ada, scope="contacts.people.read")
    client = provider.service.http.app.test_client()
    nothing = client.get("/oauth/userinfo")
    wrong = client.get("/oauth/userinfo", headers={"Authorization": "Bearer x"})
    narrow = provider.api("GET", "/oauth/userinfo", without.access)
    assert [nothing.status_code, wrong.status_code, narrow.status_code] == [401, 401, 403]
    assert nothing.headers["WWW-Authenticate"] == "Bearer"
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in narrow.headers["WWW-Authenticate"]


def test_an_app_introspects_its_own_tokens(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada)
    access = provider.ask(app, "/oauth/introspect", token=tokens.access).get_json()
    refresh = provider.ask(app, "/oauth/introspect", token=tokens.refresh).get_json()
    assert access["active"] is refresh["active"] is True
    assert access["sub"] == refresh["sub"] == str(ada.user_id)
    assert access["client_id"] == refresh["client_id"] == app.client_id


def test_an_app_learns_nothing_of_anothers_tokens(provider: Provider) -> None:
    ada = provider.tenant()
    app, other = provider.app(ada.tenant_id), provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada)
    for token in (tokens.access, tokens.refresh, "x"):
        answer = provider.ask(other, "/oauth/introspect", token=token).get_json()
        assert answer == {"active": False}


def test_a_service_introspects_any_token(provider: Provider) -> None:
    ada = provider.tenant()
    tokens = provider.let_in(provider.app(ada.tenant_id), ada)
    answer = provider.service.http.app.test_client().post(
        "/oauth/introspect", data={"token": tokens.access}, auth=("contacts", SERVICE_SECRET)
    )
    assert answer.get_json()["active"] is True


def test_introspection_takes_credentials(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id, public=True)
    answer = provider.ask(app, "/oauth/introspect", token="x")
    assert answer.status_code == 401


@pytest.mark.parametrize("which", ["access", "refresh"])
def test_revoking_either_token_ends_the_session(provider: Provider, which: str) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada)

    answer = provider.ask(app, "/oauth/revoke", token=getattr(tokens, which))

    assert answer.status_code == 200
    assert not provider.accepts(tokens.access)
    assert provider.refresh(app, tokens.refresh).status_code == 400
    assert provider.ask(app, "/oauth/introspect", token=tokens.access).get_json() == {
        "active": False
    }


def test_revoking_what_is_no_token_is_no_error_and_anothers_changes_nothing(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    app, other = provider.app(ada.tenant_id), provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada)
    assert provider.ask(app, "/oauth/revoke", token="x").status_code == 200
    assert provider.ask(other, "/oauth/revoke", token=tokens.refresh).status_code == 400
    assert provider.accepts(tokens.access)


def test_a_clients_own_token_cannot_be_revoked(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    own = provider.ask(app, "/oauth/token", grant_type="client_credentials").get_json()
    answer = provider.ask(app, "/oauth/revoke", token=own["access_token"])
    assert answer.get_json()["error"] == "unsupported_token_type"


def test_an_access_token_ends_by_itself(provider: Provider) -> None:
    ada = provider.tenant()
    tokens = provider.let_in(provider.app(ada.tenant_id), ada)
    assert provider.accepts(tokens.access)
    provider.clock.move(ACCESS_LASTS)
    assert not provider.accepts(tokens.access)


def test_logout_by_an_app_that_knows_the_user_goes_back_to_the_app(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    tokens = provider.let_in(app, ada, visitor=visitor, scope="openid offline_access")
    query = {
        "id_token_hint": tokens.json["id_token"],
        "post_logout_redirect_uri": CALLBACK,
        "state": "s",
    }

    answer = visitor.get(f"/oauth/logout?{urlencode(query)}")

    assert returned(answer) == {"state": "s"}
    assert not provider.accepts(tokens.access)
    assert "/p/identity/sign-in" in visitor.get("/p/identity/account").headers["Location"]


def test_logout_goes_nowhere_that_is_not_registered(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    tokens = provider.let_in(app, ada, visitor=visitor)
    query = {
        "id_token_hint": tokens.json["id_token"],
        "post_logout_redirect_uri": "https://evil.test/",
    }
    answer = visitor.get(f"/oauth/logout?{urlencode(query)}")
    assert answer.headers["Location"] == "/p/identity/signed-out"


def test_logout_without_a_hint_asks_the_user_first(provider: Provider) -> None:
    ada = provider.tenant()
    visitor = provider.visitor()
    visitor.sign_in(ada)

    page = visitor.get("/oauth/logout")
    assert "Sign out?" in text_of(page)
    assert visitor.get("/p/identity/account").status_code == 200

    assert visitor.submit(page).headers["Location"] == "/p/identity/signed-out"
    assert visitor.get("/p/identity/account").status_code == 303


def test_logout_with_a_hint_that_is_no_id_token_says_so_and_changes_nothing(
    provider: Provider,
) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    access = provider.let_in(provider.app(ada.tenant_id), ada, visitor=visitor).access
    operator = provider.operator("x")
    for hint in ("a.b.c", "ä", access, operator):
        answer = visitor.get(f"/oauth/logout?{urlencode({'id_token_hint': hint})}")
        assert answer.status_code == 400
        assert "could not say who it is" in text_of(answer)
    assert visitor.get("/p/identity/account").status_code == 200
