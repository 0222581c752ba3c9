"""The page of one's own second factors: seen at once, changed after a proof (ID-7)."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from ..forms import Form, forms_of, read, text_of
from ..provider import PASSWORD, Person, Provider, Visitor
from .flows import (
    Phone,
    answer,
    authenticator,
    codes_on,
    require_second_factor,
    secret_on,
    with_app,
    with_passkey,
)

PAGE = "/p/identity/account/second-factor"


@pytest.fixture
def ada(provider: Provider) -> Person:
    """A user."""
    return provider.tenant()


def form_to(page: TestResponse, end: str) -> Form:
    """The form of a page that goes to an address with this end."""
    return next(form for form in forms_of(page) if form.action.partition("?")[0].endswith(end))


def proof_form(page: TestResponse, name: str) -> Form:
    """The form that takes this proof."""
    return next(form for form in forms_of(page) if any(f.name == name for f in form.fields))


def managing(visitor: Visitor, phone: Phone) -> TestResponse:
    """The page after a proof."""
    form = proof_form(visitor.get(PAGE), "code")
    page = visitor.send(form, code=phone.next_code())
    assert page.status_code == 200, text_of(page)
    return page


def signed_in(provider: Provider, ada: Person, phone: Phone) -> Visitor:
    """A browser of hers."""
    visitor = provider.visitor()
    assert visitor.submit(visitor.sign_in(ada), code=phone.next_code()).status_code == 303
    return visitor


def test_the_account_page_leads_there_and_says_how_it_stands(
    provider: Provider, ada: Person
) -> None:
    visitor = provider.visitor()
    visitor.sign_in(ada)
    assert "Your password alone lets you in." in text_of(visitor.get("/p/identity/account"))
    with_app(provider, ada)
    account = visitor.get("/p/identity/account")
    assert "is protected by a second factor" in text_of(account)
    assert any(given.get("href") == PAGE for _, given in read(account).elements)
    assert "There is none yet" not in text_of(visitor.get(PAGE))


def test_an_app_is_added_after_the_password_was_given_again(
    provider: Provider, ada: Person
) -> None:
    visitor = provider.visitor()
    visitor.sign_in(ada)
    page = visitor.get(PAGE)
    assert "There is none yet" in text_of(page)
    refused = visitor.send(proof_form(page, "password"), password="wrong")
    assert refused.status_code == 422
    assert "current password is not right" in text_of(refused)

    proven = visitor.send(proof_form(refused, "password"), password=PASSWORD)
    setup = visitor.send(form_to(proven, "/app"))
    phone = Phone(provider, secret_on(setup))
    wrong = visitor.send(form_to(setup, "/app"), code="000000", name="Phone")
    assert wrong.status_code == 422
    assert secret_on(wrong) == phone.secret
    done = visitor.send(form_to(wrong, "/app"), code=phone.code(), name="我的電話")

    assert len(codes_on(done)) == 10
    assert "我的電話" in text_of(visitor.get(PAGE))
    assert "Recovery codes left: 10" in text_of(visitor.get(PAGE))


def test_a_passkey_is_added_renamed_and_removed(provider: Provider, ada: Person) -> None:
    phone = with_app(provider, ada)
    visitor, key = signed_in(provider, ada, phone), authenticator(provider)
    page = answer(visitor, managing(visitor, phone), key, name="Laptop")
    assert "It is added." in text_of(page)
    assert "Laptop" in text_of(page)
    rename = [form for form in forms_of(page) if form.action.endswith("/rename")][1]
    page = visitor.send(rename, name="Bürorechner")
    assert "Bürorechner" in text_of(page)
    remove = [form for form in forms_of(page) if form.action.endswith("/remove")][1]
    page = visitor.send(remove, factor=remove.buttons[0][1])
    assert "It is removed." in text_of(page)
    assert "Bürorechner" not in text_of(page)
    again = visitor.send(remove, factor=remove.buttons[0][1])
    assert again.status_code == 200, "it is gone already, which is what was wanted"


def test_a_passkey_is_a_proof_on_the_page(provider: Provider, ada: Person) -> None:
    phone = with_app(provider, ada)
    key = with_passkey(provider, ada)
    visitor = signed_in_by_key(provider, ada)
    page = answer(visitor, visitor.get(PAGE), key)
    codes = codes_on(visitor.send(form_to(page, "/codes")))
    assert len(codes) == 10
    assert not set(codes) & set(phone.codes)


def signed_in_by_key(provider: Provider, ada: Person) -> Visitor:
    """A browser that is in since before the second factor was there."""
    visitor = provider.visitor()
    phone = with_app(provider, ada)
    page = visitor.sign_in(ada)
    other = next(form for form in forms_of(page) if ("other", "totp") in form.buttons)
    visitor.submit(visitor.send(other, other="totp"), code=phone.next_code())
    return visitor


def test_without_a_proof_of_late_nothing_changes(provider: Provider, ada: Person) -> None:
    phone = with_app(provider, ada)
    visitor, other = signed_in(provider, ada, phone), signed_in(provider, ada, phone)
    page = managing(visitor, phone)
    form = form_to(page, "/remove")
    bare = {"csrf": form.values["csrf"], "factor": form.buttons[0][1]}
    assert visitor.post(form.action, bare).headers["Location"] == PAGE
    # A proof of one session is none in another.
    own = forms_of(other.get(PAGE))[0].values["csrf"]
    stolen = {**form.values, "csrf": own, "factor": form.buttons[0][1]}
    assert other.post(form.action, stolen).headers["Location"] == PAGE
    forged = provider.visitor().post(form.action, stolen)
    assert forged.status_code == 403
    provider.move(minutes=11)
    late = visitor.send(form, factor=form.buttons[0][1])
    assert late.headers["Location"] == PAGE
    assert "Telephone" in text_of(visitor.get(PAGE))


def test_the_last_one_cannot_be_removed_where_one_is_required(
    provider: Provider, ada: Person
) -> None:
    phone = with_app(provider, ada)
    visitor = signed_in(provider, ada, phone)
    form = form_to(managing(visitor, phone), "/remove")
    require_second_factor(provider, ada.tenant_id)
    page = visitor.send(form, factor=form.buttons[0][1])
    assert page.status_code == 409
    assert "the last one stays" in text_of(page)
    assert not [form for form in forms_of(page) if form.action.endswith("/remove")]


def test_the_page_makes_whoever_guesses_wait(provider: Provider, ada: Person) -> None:
    phone = with_app(provider, ada)
    visitor = signed_in(provider, ada, phone)
    form = proof_form(visitor.get(PAGE), "code")
    answers = [visitor.send(form, code="000000") for _ in range(4)]
    assert [page.status_code for page in answers] == [422, 422, 422, 429]
    assert answers[3].headers["Retry-After"] == "2"


def test_nobody_sees_the_page_without_a_session(provider: Provider) -> None:
    visitor = provider.visitor()
    to_sign_in = visitor.get(PAGE)
    assert to_sign_in.status_code == 303
    assert "sign-in?continue=" in to_sign_in.headers["Location"]


def test_every_field_of_the_pages_has_a_label_and_an_id_of_its_own(
    provider: Provider, ada: Person
) -> None:
    phone = with_app(provider, ada)
    with_passkey(provider, ada)
    visitor = signed_in_by_key(provider, ada)
    proven = managing(visitor, phone)
    setup = visitor.send(form_to(proven, "/app"))
    step = provider.visitor().sign_in(ada)
    for page in (visitor.get(PAGE), proven, setup, step):
        reader = read(page)
        assert len(reader.ids) == len(set(reader.ids))
        for form in reader.forms:
            assert len(form.values["csrf"]) == 64
            for field in form.fields:
                assert field.attributes["autocomplete"]
                hidden = field.attributes.get("aria-hidden") == "true"
                assert hidden or field.id in reader.labels, field
