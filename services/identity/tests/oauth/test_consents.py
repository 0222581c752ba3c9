"""Users see which apps they have let in, and withdraw it: then the app has to ask again (ID-5, ID-13)."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.testing.client import ApiClient

from ..forms import Form, forms_of, text_of
from ..provider import App, Challenge, Person, Provider, Tokens

OWN = "/v1/identity/me/consents"
ACCOUNT = "/p/identity/account"
OFFLINE = "openid offline_access contacts.people.read"


def listed(provider: Provider, token: str, query: str = "") -> list[dict[str, Any]]:
    """What a user has agreed to."""
    answer = provider.api("GET", f"{OWN}{query}", token)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def withdraw(provider: Provider, token: str, app: App) -> int:
    """Withdraw; the status."""
    return provider.api("DELETE", f"{OWN}/{app.client_id}", token).status_code


@pytest.fixture
def ada(provider: Provider) -> Person:
    """A user."""
    return provider.tenant()


def own(provider: Provider, ada: Person) -> Tokens:
    """Another app of the user's, by which they act."""
    return provider.let_in(provider.app(ada.tenant_id), ada, scope="openid")


def test_apps_are_listed_with_what_they_may_do_the_latest_first(
    provider: Provider, ada: Person
) -> None:
    robot = provider.app(ada.tenant_id)
    provider.let_in(robot, ada, scope=OFFLINE)
    provider.move(seconds=5)
    tokens = own(provider, ada)
    latest, first = listed(provider, tokens.access)
    assert (first["client_id"], first["client_name"]) == (robot.client_id, "Invoice Robot")
    assert set(first["scopes"]) == set(OFFLINE.split())
    assert latest["scopes"] == ["openid"]
    assert listed(provider, tokens.access, "?page_size=1&sort=given_at") == [first]


def test_a_withdrawn_app_is_out_everywhere_and_has_to_ask_again(
    provider: Provider, ada: Person
) -> None:
    robot, visitor = provider.app(ada.tenant_id), provider.visitor()
    tokens = provider.let_in(robot, ada, visitor=visitor, scope=OFFLINE)
    mine = own(provider, ada).access
    again = provider.authorize_address(robot, Challenge(), scope=OFFLINE)
    assert visitor.get(again).status_code == 303, "it is not asked while it is remembered"

    assert withdraw(provider, mine, robot) == 204

    assert not provider.accepts(tokens.access)
    assert provider.refresh(robot, tokens.refresh).status_code == 400
    assert provider.accepts(mine)
    asked = visitor.get(again)
    assert asked.status_code == 200, "the browser is still signed in, and asked"
    assert "Invoice Robot" in text_of(asked)
    assert robot.client_id not in {one["client_id"] for one in listed(provider, mine)}
    assert withdraw(provider, mine, robot) == 404


def test_a_code_that_was_not_exchanged_yet_is_of_no_use_any_more(
    provider: Provider, ada: Person
) -> None:
    robot, challenge = provider.app(ada.tenant_id), Challenge()
    code = provider.code(provider.visitor(), ada, provider.authorize_address(robot, challenge))
    assert withdraw(provider, own(provider, ada).access, robot) == 204
    refused = provider.exchange(robot, code, challenge)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")


def test_nobody_withdraws_for_another(provider: Provider, ada: Person) -> None:
    bob, stranger = provider.member(ada.tenant_id), provider.tenant()
    robot = provider.app(ada.tenant_id)
    tokens = provider.let_in(robot, ada)
    anonymous = ApiClient(provider.service.http.app, None)
    assert anonymous.get(OWN).status_code == 401
    for other in (bob, stranger):
        token = own(provider, other).access
        assert robot.client_id not in {one["client_id"] for one in listed(provider, token)}
        assert withdraw(provider, token, robot) == 404
    alone = provider.ask(robot, "/oauth/token", grant_type="client_credentials").get_json()
    answer = provider.api("GET", OWN, alone["access_token"])
    assert (answer.status_code, answer.get_json()["code"]) == (403, "user_needed")
    assert provider.accepts(tokens.access)


def test_the_account_page_shows_apps_in_both_languages_and_withdraws_one(
    provider: Provider, ada: Person
) -> None:
    robot, visitor = provider.app(ada.tenant_id), provider.visitor()
    tokens = provider.let_in(robot, ada, visitor=visitor)
    assert "您授權的應用程式" in text_of(visitor.get(f"{ACCOUNT}?lang=zh-Hant"))
    form = _form(visitor.get(f"{ACCOUNT}?lang=en"))
    assert form.buttons == [("app", robot.client_id)]

    done = visitor.follow(visitor.send(form, app=robot.client_id))

    assert "The app has no access any more." in text_of(done)
    assert "Apps that you have let in" not in text_of(done)
    assert not provider.accepts(tokens.access)
    assert visitor.send(form, app=robot.client_id).status_code == 303
    forged = visitor.post(form.action, {"app": robot.client_id})
    assert forged.status_code in (400, 403)


def _form(page: Any) -> Form:
    return next(one for one in forms_of(page) if one.action.endswith("/consents"))
