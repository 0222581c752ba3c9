"""Where an organisation requires a second factor, who has none sets one up before anything else (ID-7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from identity.oauth.pruning import sign_in_pruning
from identity.users.operations import ProfileChanges, invite_user

from ..forms import text_of
from ..provider import Challenge, Person, Provider, Tokens, returned
from .flows import (
    Phone,
    answer,
    authenticator,
    codes_on,
    passkey_form,
    require_second_factor,
    secret_on,
    with_app,
)

ACCOUNT = "/p/identity/account"
TENANT = "/v1/identity/tenant"


@pytest.fixture
def ada(provider: Provider) -> Person:
    """A user of an organisation that requires a second factor."""
    ada = provider.tenant()
    require_second_factor(provider, ada.tenant_id)
    return ada


def facts(provider: Provider, person: Person) -> list[str]:
    """The types of all facts of somebody's organisation."""
    with provider.service.database.tenant_transaction(person.tenant_id) as connection:
        rows = connection.exec_driver_sql("SELECT type FROM outbox ORDER BY seq")
        return [row[0].rpartition(".")[2] for row in rows]


def test_an_app_is_set_up_at_the_next_sign_in_with_recovery_codes_shown_once(
    provider: Provider, ada: Person
) -> None:
    visitor = provider.visitor()
    page = visitor.sign_in(ada)
    assert "Set up a second factor" in text_of(page)
    assert visitor.cookie("rapport_session") is None
    phone = Phone(provider, secret_on(page))

    wrong = visitor.submit(page, code="000000")
    assert wrong.status_code == 422
    assert "not the code that the app shows" in text_of(wrong)
    assert secret_on(wrong) == phone.secret
    assert visitor.get(ACCOUNT).status_code == 303
    done = visitor.submit(wrong, code=phone.code())

    codes = codes_on(done)
    assert (done.status_code, len(codes)) == (200, 10)
    assert done.headers["Cache-Control"] == "no-store"
    assert visitor.get(ACCOUNT).status_code == 200
    assert "was added" in provider.mailer.to(ada.email)[-1].subject
    assert {"FactorAdded", "RecoveryCodesMade", "SessionStarted"} <= set(facts(provider, ada))

    # The code that it was set up with is used up.
    again = provider.visitor()
    page = again.sign_in(ada)
    assert again.submit(page, code=phone.code()).status_code == 401
    assert again.submit(page, code=phone.next_code()).status_code == 303


def test_a_passkey_is_set_up_in_place_of_an_app(provider: Provider, ada: Person) -> None:
    app, challenge = provider.app(ada.tenant_id), Challenge()
    visitor, key = provider.visitor(), authenticator(provider)
    address = provider.authorize_address(app, challenge)
    page = visitor.sign_in(ada, visitor.get(address).headers["Location"])
    done = answer(visitor, page, key)
    assert len(codes_on(done)) == 10
    assert f'href="{address.replace("&", "&amp;")}"' in done.get_data(as_text=True)
    consent = visitor.get(address)
    code = returned(visitor.submit(consent, decision="allow"))["code"]
    tokens = Tokens(provider.exchange(app, code, challenge))
    assert provider.parts.ring.claims(tokens.json["id_token"])["amr"] == ["pwd", "hwk", "mfa"]


def test_a_passkey_made_elsewhere_is_refused(provider: Provider, ada: Person) -> None:
    visitor, key = provider.visitor(), authenticator(provider)
    key.origin = "https://evil.example"
    refused = answer(visitor, visitor.sign_in(ada), key)
    assert refused.status_code == 422
    assert "passkey was not accepted" in text_of(refused)
    assert visitor.get(ACCOUNT).status_code == 303


def test_whoever_accepts_an_invitation_sets_one_up_first(provider: Provider, ada: Person) -> None:
    email = f"new-{ada.user_id}@example.com"
    invited = provider.run(ada.tenant_id, invite_user, email, ProfileChanges(), [])
    visitor = provider.visitor()
    form = visitor.get(f"/p/identity/invitation?ticket={invited.ticket}")
    page = visitor.submit(form, name="王小明", password="vukog lampen 38 ketchup")
    assert "Set up a second factor" in text_of(page)
    assert visitor.cookie("rapport_session") is None
    done = visitor.submit(page, code=Phone(provider, secret_on(page)).code())
    assert len(codes_on(done)) == 10
    assert "王小明" in text_of(visitor.get(ACCOUNT))


def test_who_has_one_by_then_has_to_show_it(provider: Provider, ada: Person) -> None:
    """A thief with the password waits on the page for setting up, while the user does so first."""
    thief, visitor = provider.visitor(), provider.visitor()
    page = thief.sign_in(ada)
    own = visitor.sign_in(ada)
    assert visitor.submit(own, code=Phone(provider, secret_on(own)).code()).status_code == 200
    late = thief.submit(page, code=Phone(provider, secret_on(page)).code())
    assert "done=expired" in late.headers["Location"]
    assert thief.get(ACCOUNT).status_code == 303


def test_of_two_who_set_up_at_once_one_wins(provider: Provider, ada: Person) -> None:
    visitors = [provider.visitor() for _ in range(2)]
    pages = [visitor.sign_in(ada) for visitor in visitors]

    def finish(pair: tuple[Any, Any]) -> int:
        visitor, page = pair
        code = Phone(provider, secret_on(page)).code()
        return int(visitor.submit(page, code=code).status_code)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(finish, zip(visitors, pages, strict=True)))
    assert sorted(answers) == [200, 303]
    assert sum(visitor.get(ACCOUNT).status_code == 200 for visitor in visitors) == 1


def test_wrong_codes_at_setting_up_have_no_hashes_made(provider: Provider, ada: Person) -> None:
    visitor = provider.visitor()
    page, made = visitor.sign_in(ada), provider.parts.hasher.made
    for _ in range(5):
        page = visitor.submit(page, code="000000")
        assert page.status_code == 422
    assert provider.parts.hasher.made == made
    visitor.submit(page, code=Phone(provider, secret_on(page)).code())
    assert provider.parts.hasher.made == made + 10


def test_what_is_outdated_is_pruned(provider: Provider, ada: Person) -> None:
    provider.visitor().sign_in(ada)
    provider.move(days=2)
    provider.visitor().sign_in(ada)
    for work in sign_in_pruning(provider.service.database, provider.clock):
        if "ceremonies" in work.name:
            work.run()
    with provider.service.database.tenant_transaction(ada.tenant_id) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM ceremonies").scalar() == 1


def test_the_page_runs_one_script_of_our_own_and_no_other(provider: Provider, ada: Person) -> None:
    visitor = provider.visitor()
    page = visitor.sign_in(ada)
    html = page.get_data(as_text=True)
    assert page.headers["Content-Security-Policy"].startswith(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; script-src 'self'; "
    )
    assert html.count("<script") == 1
    source = html.split('<script src="', 1)[1].split('"', 1)[0]
    script = visitor.get(source)
    assert script.mimetype == "text/javascript"
    assert "immutable" in script.headers["Cache-Control"]
    _, options = passkey_form(page)
    assert options["rp"]["id"] == provider.parts.factors.party.id


def test_administrators_require_it_over_rest_and_sessions_of_before_go_on(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id, scopes="openid *"), provider.visitor()
    token = provider.let_in(app, ada, visitor=visitor, scope="openid *").access
    before = provider.api("GET", TENANT, token).get_json()
    assert before["policy"]["require_second_factor"] is False

    patch = {"policy": {"require_second_factor": True}}
    changed = provider.api("PATCH", TENANT, token, json=patch)

    assert changed.get_json()["policy"] == {**before["policy"], "require_second_factor": True}
    assert "SecondFactorRequirementChanged" in facts(provider, ada)
    assert visitor.get(ACCOUNT).status_code == 200
    assert "Set up a second factor" in text_of(provider.visitor().sign_in(ada))
    wrong = provider.api("PATCH", TENANT, token, json={"policy": {"require_second_factor": "yes"}})
    assert wrong.status_code == 422
    assert wrong.get_json()["errors"][0]["pointer"] == "/policy/require_second_factor"
    patch["policy"]["require_second_factor"] = False
    provider.api("PATCH", TENANT, token, json=patch)
    assert provider.visitor().sign_in(ada).status_code == 303


def test_the_requirement_is_kept_apart_from_what_the_version_before_reads(
    provider: Provider, ada: Person
) -> None:
    with provider.service.database.tenant_transaction(ada.tenant_id) as connection:
        row = connection.exec_driver_sql(
            "SELECT policy ? 'require_second_factor', require_second_factor FROM tenants"
        ).one()
    assert tuple(row) == (False, True)


def test_users_who_have_one_already_show_it(provider: Provider) -> None:
    ada = provider.tenant()
    phone = with_app(provider, ada)
    require_second_factor(provider, ada.tenant_id)
    visitor = provider.visitor()
    page = visitor.sign_in(ada)
    assert "Confirm that it is you" in text_of(page)
    assert visitor.submit(page, code=phone.code()).status_code == 303
