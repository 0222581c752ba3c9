"""Authorization code with PKCE, driven as a browser and an app would."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from identity.clients.domain import GrantType
from identity.users.operations import suspend_user

from ..forms import forms_of, text_of
from ..provider import CALLBACK, Challenge, Provider, Tokens, returned


def test_a_user_signs_in_agrees_and_the_app_gets_tokens(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor, challenge = provider.app(ada.tenant_id), provider.visitor(), Challenge()

    to_sign_in = visitor.get(provider.authorize_address(app, challenge))
    page = visitor.follow(to_sign_in)
    assert "to continue to Invoice Robot" in text_of(page)
    consent = visitor.follow(visitor.submit(page, email=ada.email, password=ada.password))
    assert "See people (Contacts)" in text_of(consent)
    back = returned(visitor.submit(consent, decision="allow"))

    assert back["state"] == "a state, ä & ="
    assert back["iss"] == "http://gateway.test"
    tokens = Tokens(provider.exchange(app, back["code"], challenge))
    assert provider.accepts(tokens.access)
    assert tokens.response.headers["Cache-Control"] == "no-store"
    assert (tokens.json["token_type"], tokens.json["expires_in"]) == ("Bearer", 300)


def test_the_access_token_names_user_tenant_session_roles_and_scope(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada)

    claims = provider.parts.ring.claims(tokens.access)
    caller = provider.service.authenticator.caller(tokens.access)

    assert claims["sub"] == claims["uid"] == str(ada.user_id)
    assert claims["tid"] == str(ada.tenant_id)
    assert claims["client_id"] == app.client_id
    assert claims["scope"] == "openid profile email contacts.people.read"
    assert claims["aud"] == "rapport"
    assert abs(claims["exp"] - claims["iat"] - 300) < 2
    assert len(claims["roles"]) == 1
    assert claims["teams"] == []
    assert caller.user_id == ada.user_id
    assert caller.reach("contacts.people.read") is not None
    assert caller.reach("contacts.people.write") is None


def test_the_id_token_is_for_the_app_and_carries_its_nonce(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada)

    claims = provider.parts.ring.claims(tokens.json["id_token"])

    assert (claims["aud"], claims["nonce"]) == (app.client_id, "a-nonce")
    assert (claims["email"], claims["name"]) == (ada.email, "Ada Chen")
    assert claims["auth_time"] == int(provider.clock.now().timestamp())
    assert (
        provider.api("GET", "/v1/identity/me/sessions", tokens.json["id_token"]).status_code == 401
    )


def test_without_openid_there_is_no_id_token(provider: Provider) -> None:
    ada = provider.tenant()
    tokens = provider.let_in(provider.app(ada.tenant_id), ada, scope="contacts.people.read")
    assert "id_token" not in tokens.json


def test_a_public_app_needs_no_secret_but_the_verifier(provider: Provider) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id, public=True), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(app, challenge))
    missing = provider.ask(
        app, "/oauth/token", grant_type="authorization_code", code=code, redirect_uri=CALLBACK
    )
    assert (missing.status_code, missing.get_json()["error"]) == (400, "invalid_request")
    assert Tokens(provider.exchange(app, code, challenge)).access


def test_a_confidential_app_does_not_get_by_without_its_secret(provider: Provider) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(app, challenge))
    answer = provider.service.http.app.test_client().post(
        "/oauth/token",
        data={
            "grant_type": "authorization_code",
            "client_id": app.client_id,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": challenge.verifier,
        },
    )
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": Challenge().verifier}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"redirect_uri": "https://app.test/other"}, "invalid_grant"),
        ({"code": "A" * 86}, "invalid_grant"),
        ({"code": "no code at all"}, "invalid_grant"),
    ],
)
def test_a_wrong_token_request_gets_no_token(
    provider: Provider, changes: dict[str, str], error: str
) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(app, challenge))
    answer = provider.exchange(app, code, challenge, **changes)
    assert (answer.status_code, answer.get_json()["error"]) == (400, error)


def test_a_code_is_of_no_use_to_another_app(provider: Provider) -> None:
    ada = provider.tenant()
    app, other, challenge = provider.app(ada.tenant_id), provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(app, challenge))
    assert provider.exchange(other, code, challenge).get_json()["error"] == "invalid_grant"
    assert Tokens(provider.exchange(app, code, challenge)).access


def test_a_code_expires_after_a_minute(provider: Provider) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(app, challenge))
    provider.move(seconds=60)
    assert provider.exchange(app, code, challenge).get_json()["error"] == "invalid_grant"


def test_a_code_shown_twice_ends_what_came_of_it(provider: Provider) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(app, challenge))
    tokens = Tokens(provider.exchange(app, code, challenge))
    assert provider.accepts(tokens.access)

    assert provider.exchange(app, code, challenge).get_json()["error"] == "invalid_grant"

    assert not provider.accepts(tokens.access)
    assert provider.refresh(app, tokens.refresh).get_json()["error"] == "invalid_grant"


def test_of_two_exchanges_at_once_nobody_keeps_anything(provider: Provider) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(app, challenge))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: provider.exchange(app, code, challenge), range(4)))

    good = [Tokens(answer) for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert not provider.accepts(good[0].access)


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": "too short"},
    ],
)
def test_an_app_without_a_proper_challenge_is_sent_back(
    provider: Provider, changes: dict[str, str | None]
) -> None:
    ada = provider.tenant()
    address = provider.authorize_address(provider.app(ada.tenant_id), Challenge(), **changes)
    back = returned(provider.visitor().get(address))
    assert (back["error"], back["state"]) == ("invalid_request", "a state, ä & =")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"redirect_uri": "https://evil.test/"}, "has not registered"),
        ({"redirect_uri": f"{CALLBACK}/"}, "has not registered"),
        ({"redirect_uri": 'https://evil.test/"ä'}, "cannot be understood"),
        ({"client_id": "nobody"}, "is not known"),
        ({"client_id": None}, "is not known"),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    provider: Provider, changes: dict[str, str | None], words: str
) -> None:
    ada = provider.tenant()
    address = provider.authorize_address(provider.app(ada.tenant_id), Challenge(), **changes)
    answer = provider.visitor().get(address)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert words in text_of(answer)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid loyalty.members.read"}, "invalid_scope"),
        ({"scope": "*"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_what_an_app_may_not_ask_is_told_to_the_app(
    provider: Provider, changes: dict[str, str], error: str
) -> None:
    ada = provider.tenant()
    address = provider.authorize_address(provider.app(ada.tenant_id), Challenge(), **changes)
    back = returned(provider.visitor().get(address))
    assert back["error"] == error
    assert "code" not in back


def test_a_user_who_refuses_sends_no_code(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    visitor.sign_in(ada)
    consent = visitor.get(provider.authorize_address(app, Challenge()))
    back = returned(visitor.submit(consent, decision="deny"))
    assert (back["error"], back["state"]) == ("access_denied", "a state, ä & =")


def test_consent_is_asked_once_and_again_for_more(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    provider.let_in(app, ada, visitor=visitor, scope="openid contacts.people.*")

    same = provider.authorize_address(app, Challenge(), scope="openid contacts.people.read")
    more = provider.authorize_address(app, Challenge(), scope="openid contacts.companies.read")

    assert "code" in returned(visitor.get(same))
    assert "Allow access?" in text_of(visitor.get(more))
    silently = provider.authorize_address(app, Challenge(), prompt="none", scope="contacts.*")
    assert returned(visitor.get(silently))["error"] == "consent_required"
    anew = provider.authorize_address(app, Challenge(), prompt="consent", scope="openid")
    assert "Allow access?" in text_of(visitor.get(anew))


def test_prompt_login_asks_for_the_password_once_more_and_then_goes_on(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    provider.let_in(app, ada, visitor=visitor)
    challenge = Challenge()

    answer = visitor.get(provider.authorize_address(app, challenge, prompt="login"))
    assert "/p/identity/sign-in" in answer.headers["Location"]
    again = visitor.follow(visitor.sign_in(ada, answer.headers["Location"]))

    assert Tokens(provider.exchange(app, returned(again)["code"], challenge)).access


def test_max_age_asks_for_the_password_when_it_was_given_long_ago(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    provider.let_in(app, ada, visitor=visitor)
    address = provider.authorize_address(app, Challenge(), max_age="600")
    assert "code" in returned(visitor.get(address))
    provider.move(minutes=11)
    assert "/p/identity/sign-in" in visitor.get(address).headers["Location"]


def test_somebody_of_another_organisation_cannot_use_the_app(provider: Provider) -> None:
    ada, stranger = provider.tenant(), provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    visitor.sign_in(stranger)

    to_sign_in = visitor.get(provider.authorize_address(app, Challenge()))
    refused = visitor.sign_in(stranger, to_sign_in.headers["Location"])

    assert refused.status_code == 401


def test_a_form_of_another_site_is_refused(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    visitor.sign_in(ada)
    form = forms_of(visitor.get(provider.authorize_address(app, Challenge())))[0]

    without = visitor.post(form.action, {"decision": "allow"})
    forged = visitor.post(form.action, {"decision": "allow", "csrf": "0" * 64})
    foreign = visitor.post(
        form.action, {**form.values, "decision": "allow"}, **{"Sec-Fetch-Site": "cross-site"}
    )

    assert [without.status_code, forged.status_code, foreign.status_code] == [403, 403, 403]
    assert "Location" not in without.headers


def test_a_request_that_comes_by_post_is_asked_for_anew(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    visitor.sign_in(ada)
    address, _, query = provider.authorize_address(app, Challenge()).partition("?")
    fields = {pair.split("=")[0]: pair.split("=")[1] for pair in query.split("&")}
    answer = visitor.post(address, fields)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/oauth/authorize?response_type=code")


@pytest.mark.parametrize(
    "changes",
    [
        {"max_age": "9" * 5_000},
        {"max_age": "-1"},
        {"prompt": "none login"},
        {"prompt": "ä"},
        {"nonce": "x" * 600},
        {"nonce": 'a"b'},
        {"scope": "x" * 5_000},
        {"response_type": "code ä"},
        {"state": "x" * 3_000},
        {"path": "x", "self": "y"},
    ],
)
def test_strange_parameters_are_refused_or_passed_over_and_break_nothing(
    provider: Provider, changes: dict[str, str]
) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    visitor.sign_in(ada)
    address, _, query = provider.authorize_address(app, Challenge(), **changes).partition("?")
    for answer in (visitor.get(f"{address}?{query}"), visitor.post(address, changes)):
        assert answer.status_code in (200, 303, 400)


def test_a_user_suspended_after_consent_gets_nothing(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    app, challenge = provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), bob, provider.authorize_address(app, challenge))
    provider.run(ada.tenant_id, suspend_user, bob.user_id)
    assert provider.exchange(app, code, challenge).get_json()["error"] == "invalid_grant"


def test_an_app_that_may_not_refresh_gets_no_refresh_token(provider: Provider) -> None:
    ada = provider.tenant()
    without = frozenset({GrantType.REFRESH_TOKEN})
    tokens = provider.let_in(provider.app(ada.tenant_id, without=without), ada)
    assert "refresh_token" not in tokens.json


def test_the_code_itself_is_not_stored(provider: Provider) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(app, challenge))
    with provider.service.database.system_transaction() as connection:
        rows = connection.exec_driver_sql(
            "SELECT authorization_codes::text FROM authorization_codes"
        )
        stored = " ".join(row[0] for row in rows)
    assert code not in stored
    assert code[-40:] not in stored
