"""An address in several organisations: which one is asked only when the password was right."""

from __future__ import annotations

from uuid import uuid4

from identity.sign_in.domain import PasswordReason
from identity.sign_in.operations import set_password
from identity.tenants.operations import suspend_tenant

from ..forms import forms_of, text_of
from ..provider import Challenge, Person, Provider, returned


def both(provider: Provider) -> tuple[Person, Person]:
    """One person in two organisations, with one password."""
    email = f"both-{uuid4().hex}@example.com"
    return provider.tenant(email, name="Acme"), provider.tenant(email, name="Globex")


def test_a_right_password_leads_to_the_choice(provider: Provider) -> None:
    acme, globex = both(provider)
    visitor = provider.visitor()
    page = visitor.sign_in(acme)
    assert "Acme" in text_of(page)
    assert "Globex" in text_of(page)

    form = forms_of(page)[0]
    assert {value for _, value in form.buttons} == {str(acme.tenant_id), str(globex.tenant_id)}
    account = visitor.follow(visitor.send(form, organisation=str(globex.tenant_id)))

    assert "Globex" in text_of(account)


def test_a_wrong_password_shows_no_organisation(provider: Provider) -> None:
    acme, _ = both(provider)
    wrong = Person(acme.tenant_id, acme.user_id, acme.email, "wrong")
    page = provider.visitor().sign_in(wrong)
    assert page.status_code == 401
    assert "Acme" not in text_of(page)


def test_only_organisations_with_this_password_are_offered(provider: Provider) -> None:
    acme, globex = both(provider)
    other = provider.parts.hasher.hash("another password", globex.email)
    provider.run(globex.tenant_id, set_password, globex.user_id, other, PasswordReason.FIRST)
    visitor = provider.visitor()
    assert "Acme" in text_of(visitor.follow(visitor.sign_in(acme)))


def test_a_suspended_organisation_is_not_offered(provider: Provider) -> None:
    acme, globex = both(provider)
    provider.run(globex.tenant_id, suspend_tenant)
    visitor = provider.visitor()
    assert "Acme" in text_of(visitor.follow(visitor.sign_in(acme)))


def test_an_app_decides_which_organisation_it_is(provider: Provider) -> None:
    acme, globex = both(provider)
    app, visitor = provider.app(globex.tenant_id), provider.visitor()
    code = provider.code(visitor, acme, provider.authorize_address(app, Challenge()))
    assert code


def test_a_choice_cannot_be_made_up_or_carried_to_another_browser(provider: Provider) -> None:
    acme, _globex = both(provider)
    stranger = provider.tenant()
    visitor, thief = provider.visitor(), provider.visitor()
    form = forms_of(visitor.sign_in(acme))[0]

    made_up = visitor.send(form, organisation=str(stranger.tenant_id))
    own = forms_of(thief.get("/p/identity/sign-in"))[0].values["csrf"]
    carried = thief.post(
        form.action, {**form.values, "csrf": own, "organisation": str(acme.tenant_id)}
    )

    assert [made_up.status_code, carried.status_code] == [400, 400]
    assert thief.get("/p/identity/account").status_code == 303


def test_a_choice_is_too_old_after_ten_minutes(provider: Provider) -> None:
    acme, _ = both(provider)
    visitor = provider.visitor()
    form = forms_of(visitor.sign_in(acme))[0]
    provider.move(minutes=10)
    answer = visitor.send(form, organisation=str(acme.tenant_id))
    assert answer.status_code == 400
    assert "too long" in text_of(answer)


def test_a_choice_is_good_for_nothing_once_the_password_is_another(provider: Provider) -> None:
    acme, globex = both(provider)
    visitor = provider.visitor()
    form = forms_of(visitor.sign_in(acme))[0]
    provider.move(seconds=1)
    other = provider.parts.hasher.hash("another password", acme.email)
    provider.run(acme.tenant_id, set_password, acme.user_id, other, PasswordReason.RESET)

    refused = visitor.send(form, organisation=str(acme.tenant_id))
    assert refused.status_code == 400
    assert visitor.get("/p/identity/account").status_code == 303
    assert visitor.send(form, organisation=str(globex.tenant_id)).status_code == 303


def test_one_browser_can_be_in_both_organisations(provider: Provider) -> None:
    acme, globex = both(provider)
    visitor = provider.visitor()
    for person in (acme, globex):
        form = forms_of(visitor.sign_in(person))[0]
        visitor.send(form, organisation=str(person.tenant_id))
    for person in (acme, globex):
        app = provider.app(person.tenant_id)
        consent = visitor.get(provider.authorize_address(app, Challenge()))
        assert "code" in returned(visitor.submit(consent, decision="allow"))
