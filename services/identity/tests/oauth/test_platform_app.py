"""The platform's own app: public, without a tenant, for users of every tenant."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from joserfc import jws
from werkzeug.test import TestResponse

from identity.clients.platform_apps import COMMAND_LINE

from ..forms import forms_of, text_of
from ..provider import App, Challenge, Person, Provider, Tokens, Visitor

CALLBACK = "http://127.0.0.1:49152/callback"
SCOPE = "openid email offline_access *"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


def command_line(person: Person) -> App:
    return App(person.tenant_id, COMMAND_LINE, None)


def claims(token: str) -> dict[str, object]:
    read: dict[str, object] = json.loads(jws.extract_compact(token.encode()).payload)
    return read


def address(provider: Provider, person: Person, challenge: Challenge, **changes: str | None) -> str:
    asked = {"redirect_uri": CALLBACK, "scope": SCOPE, **changes}
    return provider.authorize_address(command_line(person), challenge, **asked)


def back(response: TestResponse) -> dict[str, str]:
    assert response.status_code == 303, text_of(response)
    location = urlsplit(response.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def signed_in(provider: Provider, person: Person) -> Visitor:
    visitor = provider.visitor()
    assert visitor.sign_in(person).status_code == 303
    return visitor


def agreed(provider: Provider, person: Person, visitor: Visitor) -> tuple[str, Challenge]:
    challenge = Challenge()
    page = visitor.get(address(provider, person, challenge))
    return back(visitor.submit(page, decision="allow"))["code"], challenge


def let_in(provider: Provider, person: Person, visitor: Visitor | None = None) -> Tokens:
    code, challenge = agreed(provider, person, visitor or signed_in(provider, person))
    return Tokens(provider.exchange(command_line(person), code, challenge, redirect_uri=CALLBACK))


def test_users_of_two_tenants_each_get_a_token_of_their_own_tenant(provider: Provider) -> None:
    ada, bob = provider.tenant(), provider.tenant()
    for person in (ada, bob):
        tokens = let_in(provider, person)
        assert claims(tokens.access)["tid"] == str(person.tenant_id)
        assert claims(tokens.json["id_token"])["tid"] == str(person.tenant_id)
        own = provider.api("GET", "/v1/identity/tenant", tokens.access).get_json()
        assert own["id"] == str(person.tenant_id)


def test_the_token_of_an_administrator_registers_the_first_app(provider: Provider) -> None:
    ada = provider.tenant()
    about = {"name": "ERP", "grant_types": ["client_credentials"], "scopes": ["contacts.*"]}
    answer = provider.api("POST", "/v1/identity/clients", let_in(provider, ada).access, json=about)
    assert answer.status_code == 201, answer.get_json()


def test_whoever_is_in_two_tenants_chooses_at_sign_in_and_gets_that_one(
    provider: Provider,
) -> None:
    email = f"both-{uuid4().hex}@example.com"
    first = provider.tenant(email, name="First")
    second = provider.tenant(email, name="Second")
    challenge, visitor = Challenge(), provider.visitor()
    to_sign_in = visitor.get(address(provider, first, challenge))
    choice = visitor.sign_in(first, to_sign_in.headers["Location"])
    assert "First" in text_of(choice)
    assert "Second" in text_of(choice)
    page = visitor.follow(visitor.submit(choice, organisation=str(second.tenant_id)))
    assert "Second" in text_of(page)
    code = back(visitor.submit(page, decision="allow"))["code"]
    answer = provider.exchange(command_line(first), code, challenge, redirect_uri=CALLBACK)
    assert claims(Tokens(answer).access)["tid"] == str(second.tenant_id)


def test_the_consent_counts_for_the_tenant_that_the_page_named_even_after_another_sign_in(
    provider: Provider,
) -> None:
    ada, bob = provider.tenant(name="Ada's"), provider.tenant(name="Bob's")
    visitor, challenge = signed_in(provider, ada), Challenge()
    page = visitor.get(address(provider, ada, challenge))
    assert "Ada's" in text_of(page)
    visitor.sign_in(bob)  # in another tab; comes first from now on
    code = back(visitor.submit(page, decision="allow"))["code"]
    answer = provider.exchange(command_line(ada), code, challenge, redirect_uri=CALLBACK)
    assert claims(Tokens(answer).access)["tid"] == str(ada.tenant_id)


@pytest.mark.parametrize("organisation", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_consent_for_an_organisation_that_the_browser_is_not_signed_in_to_leads_to_sign_in(
    provider: Provider, organisation: str
) -> None:
    ada = provider.tenant()
    visitor = signed_in(provider, ada)
    form = forms_of(visitor.get(address(provider, ada, Challenge())))[0]
    form.values["organisation"] = organisation
    answer = visitor.send(form, decision="allow")
    assert answer.headers["Location"].startswith("/p/identity/sign-in")


def test_an_app_of_one_tenant_is_let_in_by_no_user_of_another_that_the_form_names(
    provider: Provider,
) -> None:
    ada, bob = provider.tenant(), provider.tenant()
    app, visitor = provider.app(ada.tenant_id), signed_in(provider, ada)
    visitor.sign_in(bob)
    form = forms_of(visitor.get(provider.authorize_address(app, Challenge())))[0]
    form.values["organisation"] = str(bob.tenant_id)
    answer = visitor.send(form, decision="allow")
    assert answer.headers["Location"].startswith("/p/identity/sign-in")


def test_consent_is_asked_for_each_time_since_any_program_can_pass_for_the_app(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    visitor = signed_in(provider, ada)
    let_in(provider, ada, visitor)
    again = visitor.get(address(provider, ada, Challenge()))
    assert again.status_code == 200
    assert "Rapport CLI" in text_of(again)
    silent = visitor.get(address(provider, ada, Challenge(), prompt="none"))
    assert back(silent)["error"] == "consent_required"


@pytest.mark.parametrize("port", [1, 80, 8080, 65535])
def test_the_browser_goes_back_to_whatever_port_of_the_own_machine_the_app_listens_on(
    provider: Provider, port: int
) -> None:
    ada = provider.tenant()
    uri = f"http://127.0.0.1:{port}/callback"
    page = signed_in(provider, ada).get(address(provider, ada, Challenge(), redirect_uri=uri))
    assert page.status_code == 200
    assert f"form-action 'self' http://127.0.0.1:{port}" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://127.0.0.1:8080/callback",
        "http://127.0.0.1:8080/elsewhere",
        "http://127.0.0.1:8080/callback?next=evil",
        "http://127.0.0.1:8080/callback#part",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1:evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://user@127.0.0.1:8080/callback",
        "http://localhost:8080/callback",
        "http://127.0.0.2:8080/callback",
        "https://evil.example/callback",
    ],
)
def test_no_other_address_gets_the_browser_back(provider: Provider, uri: str) -> None:
    ada = provider.tenant()
    answer = signed_in(provider, ada).get(address(provider, ada, Challenge(), redirect_uri=uri))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_code_is_exchanged_for_the_port_that_it_was_sent_to_only(provider: Provider) -> None:
    ada = provider.tenant()
    code, challenge = agreed(provider, ada, signed_in(provider, ada))
    other = "http://127.0.0.1:49153/callback"
    answer = provider.exchange(command_line(ada), code, challenge, redirect_uri=other)
    assert answer.get_json()["error"] == "invalid_grant"


def test_codes_of_the_platform_app_and_of_a_tenants_app_are_of_no_use_to_each_other(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    own = provider.app(ada.tenant_id, public=True)
    code, challenge = agreed(provider, ada, signed_in(provider, ada))
    stolen = provider.exchange(own, code, challenge, redirect_uri=CALLBACK)
    assert stolen.get_json()["error"] == "invalid_grant"
    second = Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(own, second))
    stolen = provider.exchange(command_line(ada), code, second)
    assert stolen.get_json()["error"] == "invalid_grant"


def test_refresh_tokens_rotate_within_the_tenant_and_serve_no_other_app(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    tokens = let_in(provider, ada)
    own = provider.app(ada.tenant_id, public=True)
    assert provider.refresh(own, tokens.refresh).get_json()["error"] == "invalid_grant"
    renewed = Tokens(provider.refresh(command_line(ada), tokens.refresh))
    assert claims(renewed.access)["tid"] == str(ada.tenant_id)
    assert renewed.refresh != tokens.refresh


def test_the_platform_app_acts_for_itself_in_no_tenant_and_is_no_service(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    app = command_line(ada)
    for tenant in ({}, {"tenant": str(ada.tenant_id)}):
        answer = provider.ask(app, "/oauth/token", grant_type="client_credentials", **tenant)
        assert answer.get_json()["error"] in ("invalid_client", "unauthorized_client")
    token = let_in(provider, ada).access
    assert provider.ask(app, "/oauth/introspect", token=token).status_code in (400, 401)


def test_the_app_revokes_its_own_tokens_and_the_users_session_with_them(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    tokens = let_in(provider, ada)
    assert provider.accepts(tokens.access)
    assert provider.ask(command_line(ada), "/oauth/revoke", token=tokens.refresh).status_code == 200
    assert not provider.accepts(tokens.access)


def test_a_user_sees_the_session_by_the_apps_name(provider: Provider) -> None:
    ada = provider.tenant()
    tokens = let_in(provider, ada)
    listed = provider.api("GET", "/v1/identity/me/sessions", tokens.access).get_json()
    assert "Rapport CLI" in [session["client_name"] for session in listed["items"]]


def test_signing_out_from_the_app_ends_its_session_in_the_tenant_of_the_token(
    provider: Provider,
) -> None:
    ada, bob = provider.tenant(), provider.tenant()
    visitor = signed_in(provider, ada)
    tokens = let_in(provider, ada, visitor)
    visitor.sign_in(bob)
    visitor.get(f"/oauth/logout?id_token_hint={tokens.json['id_token']}")
    assert not provider.accepts(tokens.access)
    assert visitor.get("/p/identity/account").status_code == 200  # still Bob's


def started(provider: Provider, person: Person, **fields: str) -> dict[str, str]:
    answer = provider.ask(command_line(person), "/oauth/device", scope=SCOPE, **fields)
    assert answer.status_code == 200, answer.get_json()
    begun: dict[str, str] = answer.get_json()
    return begun


def polled(provider: Provider, person: Person, begun: dict[str, str]) -> TestResponse:
    provider.move(seconds=30)
    return provider.ask(
        command_line(person),
        "/oauth/token",
        grant_type=DEVICE_CODE,
        device_code=begun["device_code"],
    )


def confirmation(visitor: Visitor, begun: dict[str, str]) -> TestResponse:
    typed = visitor.submit(visitor.get("/p/identity/device"), user_code=begun["user_code"])
    return visitor.follow(typed)


def test_a_device_is_let_in_to_the_tenant_of_whoever_types_its_code(provider: Provider) -> None:
    ada, bob = provider.tenant(name="Ada's"), provider.tenant()
    begun = started(provider, bob)
    assert polled(provider, ada, begun).get_json()["error"] == "authorization_pending"
    visitor = provider.visitor()
    to_sign_in = confirmation(visitor, begun)
    page = visitor.follow(visitor.sign_in(ada, to_sign_in.headers["Location"]))
    assert "Ada's" in text_of(page)
    assert "Rapport CLI" in text_of(page)
    visitor.submit(page, decision="allow")
    tokens = Tokens(polled(provider, ada, begun))
    assert claims(tokens.access)["tid"] == str(ada.tenant_id)
    renewed = Tokens(provider.refresh(command_line(ada), tokens.refresh))
    assert claims(renewed.access)["tid"] == str(ada.tenant_id)
    assert polled(provider, ada, begun).get_json()["error"] == "invalid_grant"


def test_the_confirmation_of_a_device_is_always_shown_and_counts_for_the_tenant_it_names(
    provider: Provider,
) -> None:
    ada, bob = provider.tenant(name="Ada's"), provider.tenant()
    visitor = signed_in(provider, ada)
    let_in(provider, ada, visitor)
    begun = started(provider, ada)
    page = confirmation(visitor, begun)
    assert page.status_code == 200
    assert "Ada's" in text_of(page)
    visitor.sign_in(bob)
    visitor.submit(page, decision="allow")
    tokens = Tokens(polled(provider, ada, begun))
    assert claims(tokens.access)["tid"] == str(ada.tenant_id)


def test_a_device_that_was_refused_gets_nothing(provider: Provider) -> None:
    ada = provider.tenant()
    visitor, begun = signed_in(provider, ada), started(provider, ada)
    visitor.submit(confirmation(visitor, begun), decision="deny")
    assert polled(provider, ada, begun).get_json()["error"] == "access_denied"


def test_a_device_code_of_the_platform_app_is_of_no_use_to_a_tenants_app(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    own = provider.app(ada.tenant_id, public=True)
    visitor, begun = signed_in(provider, ada), started(provider, ada)
    visitor.submit(confirmation(visitor, begun), decision="allow")
    provider.move(seconds=30)
    answer = provider.ask(
        own, "/oauth/token", grant_type=DEVICE_CODE, device_code=begun["device_code"]
    )
    assert answer.get_json()["error"] in ("invalid_grant", "unauthorized_client")
    assert Tokens(polled(provider, ada, begun)).access


def test_a_device_request_of_a_tenants_app_is_answered_by_its_own_users_only(
    provider: Provider,
) -> None:
    ada, bob = provider.tenant(), provider.tenant()
    own = provider.app(ada.tenant_id, public=True)
    begun = provider.ask(own, "/oauth/device").get_json()
    visitor = signed_in(provider, bob)
    visitor.sign_in(ada)
    form = forms_of(confirmation(visitor, begun))[0]
    form.values["organisation"] = str(bob.tenant_id)
    assert visitor.send(form, decision="allow").status_code == 400


def test_a_device_gets_nothing_when_whoever_agreed_has_signed_out_since(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    visitor, begun = signed_in(provider, ada), started(provider, ada)
    visitor.submit(confirmation(visitor, begun), decision="allow")
    visitor.submit(visitor.get("/p/identity/sign-out"))
    assert polled(provider, ada, begun).get_json()["error"] == "access_denied"
