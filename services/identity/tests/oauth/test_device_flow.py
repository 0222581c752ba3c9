"""Device codes: a command line asks, the user agrees in a browser, the command line polls."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from identity.clients.domain import GrantType

from ..forms import forms_of, text_of
from ..provider import App, Person, Provider, Tokens, Visitor

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


def begin(provider: Provider, app: App, **fields: str) -> dict[str, Any]:
    """What a device is given when it asks."""
    answer: dict[str, Any] = provider.ask(app, "/oauth/device", **fields).get_json()
    return answer


def poll(provider: Provider, app: App, device: dict[str, Any]) -> TestResponse:
    """The device asks whether it was let in."""
    return provider.ask(app, "/oauth/token", grant_type=GRANT, device_code=device["device_code"])


def error(answer: TestResponse) -> str:
    """The word for why not."""
    assert answer.status_code == 400
    return str(answer.get_json()["error"])


def decide(visitor: Visitor, person: Person, code: str, decision: str) -> TestResponse:
    """Type the code, sign in, decide."""
    answer = visitor.submit(visitor.get("/p/identity/device"), user_code=code)
    answer = visitor.follow(answer)
    if answer.status_code == 303:
        answer = visitor.follow(visitor.sign_in(person, answer.headers["Location"]))
    return visitor.submit(answer, decision=decision)


def test_a_device_is_let_in_by_its_user(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id, public=True)
    device = begin(provider, app, scope="openid contacts.people.read")
    assert device["verification_uri"] == "http://gateway.test/p/identity/device"
    assert error(poll(provider, app, device)) == "authorization_pending"

    said = decide(provider.visitor(), ada, device["user_code"], "allow")
    tokens = Tokens(poll(provider, app, device))

    assert "The device is connected" in text_of(said)
    assert provider.accepts(tokens.access)
    assert provider.parts.ring.claims(tokens.access)["scope"] == "openid contacts.people.read"
    assert Tokens(provider.refresh(app, tokens.refresh)).access


def test_a_device_gets_its_tokens_once(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id, public=True)
    device = begin(provider, app)
    decide(provider.visitor(), ada, device["user_code"], "allow")
    assert Tokens(poll(provider, app, device)).access
    assert error(poll(provider, app, device)) == "invalid_grant"


def test_the_user_sees_which_app_asks_for_what(provider: Provider) -> None:
    ada = provider.tenant()
    visitor = provider.visitor()
    visitor.sign_in(ada)
    device = begin(provider, provider.app(ada.tenant_id, public=True), scope="sales.orders.read")
    page = visitor.follow(
        visitor.submit(visitor.get("/p/identity/device"), user_code=device["user_code"])
    )
    assert "Invoice Robot" in text_of(page)
    assert device["user_code"] in text_of(page)
    assert "See orders (Sales)" in text_of(page)


def test_a_device_that_was_refused_is_told_so(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id, public=True)
    device = begin(provider, app)
    decide(provider.visitor(), ada, device["user_code"], "deny")
    assert error(poll(provider, app, device)) == "access_denied"


def test_a_device_that_asks_too_often_has_to_slow_down(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id, public=True)
    device = begin(provider, app)
    assert error(poll(provider, app, device)) == "authorization_pending"
    assert error(poll(provider, app, device)) == "slow_down"
    provider.move(seconds=6)
    assert error(poll(provider, app, device)) == "slow_down"
    provider.move(seconds=15)
    assert error(poll(provider, app, device)) == "authorization_pending"


def test_a_device_code_expires(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id, public=True), provider.visitor()
    device = begin(provider, app)
    provider.move(minutes=10)
    assert error(poll(provider, app, device)) == "expired_token"
    answer = visitor.submit(visitor.get("/p/identity/device"), user_code=device["user_code"])
    assert answer.status_code == 400
    assert "not valid" in text_of(answer)


def test_a_code_may_be_typed_in_small_letters_and_without_the_hyphen(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id, public=True), provider.visitor()
    typed = begin(provider, app)["user_code"].lower().replace("-", " ")
    answer = visitor.submit(visitor.get("/p/identity/device"), user_code=typed)
    assert answer.status_code == 303


def test_the_code_in_the_address_has_to_be_confirmed_by_hand(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id, public=True), provider.visitor()
    visitor.sign_in(ada)
    device = begin(provider, app)
    address = device["verification_uri_complete"].removeprefix("http://gateway.test")
    visitor.get(address)
    assert error(poll(provider, app, device)) == "authorization_pending"


def test_somebody_of_another_organisation_cannot_let_the_device_in(provider: Provider) -> None:
    ada, stranger = provider.tenant(), provider.tenant()
    app, visitor = provider.app(ada.tenant_id, public=True), provider.visitor()
    visitor.sign_in(stranger)
    device = begin(provider, app)
    answer = visitor.submit(visitor.get("/p/identity/device"), user_code=device["user_code"])
    answer = visitor.follow(answer)
    assert "/p/identity/sign-in" in answer.headers["Location"]
    assert visitor.sign_in(stranger, answer.headers["Location"]).status_code == 401


def test_guessing_codes_is_made_slow(provider: Provider) -> None:
    visitor = provider.visitor()
    page = visitor.get("/p/identity/device")
    statuses = [visitor.submit(page, user_code="BBBB-BBBB").status_code for _ in range(12)]
    assert statuses[:10] == [400] * 10
    assert statuses[-1] == 429


def test_guessing_codes_in_the_address_is_made_as_slow(provider: Provider) -> None:
    """The page on which one decides tells codes that are open from others, too."""
    visitor = provider.visitor()
    confirm = "/p/identity/device/confirm?user_code=BBBBBBB"
    statuses = [visitor.get(f"{confirm}{letter}").status_code for letter in "BCDFGHJKLMNP"]
    assert statuses[:10] == [400] * 10
    assert statuses[-1] == 429
    csrf = {"csrf": forms_of(visitor.get("/p/identity/device"))[0].values["csrf"]}
    decided = visitor.post("/p/identity/device/confirm", {**csrf, "user_code": "BBBBBBBB"})
    assert decided.status_code == 429


def test_an_app_without_that_grant_cannot_begin(provider: Provider) -> None:
    without = frozenset({GrantType.DEVICE_CODE})
    app = provider.app(provider.tenant().tenant_id, without=without)
    assert begin(provider, app)["error"] == "unauthorized_client"


def test_a_device_gets_no_scope_that_is_not_registered(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    assert begin(provider, app, scope="*")["error"] == "invalid_scope"


def test_a_device_code_is_of_no_use_to_another_app(provider: Provider) -> None:
    ada = provider.tenant()
    app, other = provider.app(ada.tenant_id), provider.app(ada.tenant_id)
    device = begin(provider, app)
    assert error(poll(provider, other, device)) == "unauthorized_client"
