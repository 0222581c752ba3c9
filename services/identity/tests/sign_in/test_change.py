"""Changing one's password, over REST and on the page."""

from __future__ import annotations

from ..forms import forms_of, text_of
from ..provider import PASSWORD, Person, Provider

NEW = "vukog lampen 38 ketchup"
ADDRESS = "/v1/identity/me/change-password"


def body(current: str = PASSWORD, new: str = NEW) -> dict[str, str]:
    """The body of the REST call."""
    return {"current_password": current, "new_password": new}


def renewed(person: Person) -> Person:
    """The same person with the new password."""
    return Person(person.tenant_id, person.user_id, person.email, NEW)


def test_changing_the_password_ends_the_other_sessions(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    here, there = provider.let_in(app, ada), provider.let_in(app, ada)

    answer = provider.api("POST", ADDRESS, here.access, json=body())

    assert (answer.status_code, answer.get_json()) == (200, {"ended_sessions": 2})
    assert provider.accepts(here.access)
    assert not provider.accepts(there.access)
    assert provider.visitor().sign_in(ada).status_code == 401
    assert provider.visitor().sign_in(renewed(ada)).status_code == 303
    assert "was changed" in provider.mailer.to(ada.email)[-1].subject


def test_the_current_password_has_to_be_right(provider: Provider) -> None:
    ada = provider.tenant()
    token = provider.let_in(provider.app(ada.tenant_id), ada).access
    answers = [provider.api("POST", ADDRESS, token, json=body("wrong")) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert answers[0].get_json()["code"] == "wrong_password"
    assert answers[3].headers["Retry-After"] == "2"


def test_a_weak_new_password_is_refused_with_a_pointer(provider: Provider) -> None:
    ada = provider.tenant()
    token = provider.let_in(provider.app(ada.tenant_id), ada).access
    answer = provider.api("POST", ADDRESS, token, json=body(new="password1234"))
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert (error["pointer"], error["code"]) == ("/new_password", "password_known")
    assert "password1234" not in answer.get_data(as_text=True)


def test_an_app_of_its_own_has_no_password(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    own = provider.ask(app, "/oauth/token", grant_type="client_credentials").get_json()
    answer = provider.api("POST", ADDRESS, own["access_token"], json=body())
    assert (answer.status_code, answer.get_json()["code"]) == (403, "user_needed")


def test_the_page_changes_the_password_too(provider: Provider) -> None:
    ada, visitor, other = provider.tenant(), provider.visitor(), provider.visitor()
    visitor.sign_in(ada)
    other.sign_in(ada)
    form = next(
        form
        for form in forms_of(visitor.get("/p/identity/account"))
        if form.action.endswith("/password")
    )

    wrong = visitor.send(form, current_password="wrong", new_password=NEW)
    weak = visitor.send(form, current_password=PASSWORD, new_password="short")
    done = visitor.follow(visitor.send(form, current_password=PASSWORD, new_password=NEW))

    assert "current password is not right" in text_of(wrong)
    assert "at least 10 characters" in text_of(weak)
    assert "Your password is changed" in text_of(done)
    assert visitor.get("/p/identity/account").status_code == 200
    assert other.get("/p/identity/account").status_code == 303
