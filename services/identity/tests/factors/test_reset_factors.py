"""An administrator takes the factors of somebody away who has lost them (ID-7)."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from chassis.sealing import Sealer
from chassis.testing.harness import TestDatabase, settings_for
from identity.app import build
from identity.factors.commands import factor_commands
from identity.factors.resealing import reseal

from ..forms import text_of
from ..provider import Person, Provider
from .flows import (
    account_of,
    require_second_factor,
    with_app,
    with_passkey,
)

SECRET = "a key of the tests that is long enough"


@pytest.fixture
def ada(provider: Provider) -> Person:
    """An administrator."""
    return provider.tenant()


def admin(provider: Provider, ada: Person) -> str:
    """Her token."""
    app = provider.app(ada.tenant_id, scopes="openid *")
    return provider.let_in(app, ada, scope="openid *").access


def test_a_reset_takes_all_away_ends_all_sessions_and_is_told(
    provider: Provider, ada: Person
) -> None:
    token = admin(provider, ada)
    bob = provider.member(ada.tenant_id)
    bobs = provider.let_in(provider.app(ada.tenant_id), bob)
    phone = with_app(provider, bob)
    with_passkey(provider, bob)
    visitor = provider.visitor()
    page = visitor.sign_in(bob)
    users = f"/v1/identity/users/{bob.user_id}"
    listed = provider.api("GET", f"{users}/factors", token).get_json()["items"]
    assert [factor["kind"] for factor in listed] == ["totp", "passkey"]
    assert "sealed" not in listed[0]

    done = provider.api("POST", f"{users}/reset-factors", token)

    assert (done.status_code, done.get_json()) == (200, {"removed": 2})
    assert not provider.accepts(bobs.access)
    assert "were reset" in provider.mailer.to(bob.email)[-1].subject
    assert "done=expired" in visitor.submit(page, code=phone.code()).headers["Location"]
    assert provider.visitor().sign_in(bob).status_code == 303
    with provider.service.database.tenant_transaction(ada.tenant_id) as connection:
        left = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM factors) + (SELECT count(*) FROM recovery_codes)"
        ).scalar()
        told = connection.exec_driver_sql(
            "SELECT count(*) FROM outbox WHERE type LIKE '%%.FactorsRevoked'"
        ).scalar()
    assert (left, told) == (0, 1)
    require_second_factor(provider, ada.tenant_id)
    assert "Set up a second factor" in text_of(provider.visitor().sign_in(bob))


def test_nobody_resets_their_own_nor_those_of_users_who_may_do_more(
    provider: Provider, ada: Person
) -> None:
    token = admin(provider, ada)
    with_app(provider, ada)
    own = provider.api("POST", f"/v1/identity/users/{ada.user_id}/reset-factors", token)
    assert (own.status_code, own.get_json()["code"]) == (403, "own_factors")
    helper = provider.app(ada.tenant_id, scopes="identity.factors.*")
    weak = provider.ask(helper, "/oauth/token", grant_type="client_credentials").get_json()
    more = provider.api(
        "POST", f"/v1/identity/users/{ada.user_id}/reset-factors", weak["access_token"]
    )
    assert (more.status_code, more.get_json()["code"]) == (403, "beyond_own_permissions")
    assert account_of(provider, ada).has_factors


def test_it_takes_the_permission_and_ones_own_organisation(provider: Provider, ada: Person) -> None:
    bob = provider.member(ada.tenant_id)
    with_app(provider, bob)
    other = provider.app(ada.tenant_id, scopes="identity.users.*")
    token = provider.ask(other, "/oauth/token", grant_type="client_credentials").get_json()
    path = f"/v1/identity/users/{bob.user_id}"
    for method, end in (("GET", "factors"), ("POST", "reset-factors")):
        refused = provider.api(method, f"{path}/{end}", token["access_token"])
        assert (refused.status_code, refused.get_json()["code"]) == (403, "permission_missing")
        stranger = admin(provider, provider.tenant())
        assert provider.api(method, f"{path}/{end}", stranger).status_code == 404
    assert account_of(provider, bob).has_factors


def test_whoever_is_deactivated_and_comes_back_has_their_factors_like_their_password(
    provider: Provider, ada: Person
) -> None:
    token, bob = admin(provider, ada), provider.member(ada.tenant_id)
    phone = with_app(provider, bob)
    path = f"/v1/identity/users/{bob.user_id}"
    visitor = provider.visitor()
    page = visitor.sign_in(bob)
    assert provider.api("POST", f"{path}/deactivate", token).status_code == 200
    assert "done=expired" in visitor.submit(page, code=phone.code()).headers["Location"]
    assert provider.visitor().sign_in(bob).status_code == 401
    assert provider.api("POST", f"{path}/reactivate", token).status_code == 200
    page = visitor.sign_in(bob)
    assert page.status_code == 200
    assert visitor.submit(page, code=phone.code()).status_code == 303


def test_secrets_are_sealed_anew_when_the_secret_changes(provider: Provider, ada: Person) -> None:
    phone = with_app(provider, ada)
    database = provider.service.database
    changing = Sealer(["another secret of the tests, as long", SECRET])
    assert reseal(database, changing) >= 1
    assert reseal(database, changing) == 0
    back = Sealer([SECRET, "another secret of the tests, as long"])
    assert reseal(database, back) >= 1
    visitor = provider.visitor()
    assert visitor.submit(visitor.sign_in(ada), code=phone.code()).status_code == 303


def test_an_operator_resets_them_for_an_only_administrator(
    provider: Provider, ada: Person, database: TestDatabase
) -> None:
    token = admin(provider, ada)
    with_app(provider, ada)
    more = {"key_encryption_secret": SECRET, "password_memory_kib": 1_024, "service_clients": "{}"}
    given = {f"RAPPORT_{k.upper()}": str(v) for k, v in settings_for(database, **more).items()}

    def run(tenant: object, email: str) -> Result:
        words = ["reset", "--tenant", str(tenant), "--email", email, "--operator", "grace"]
        return CliRunner().invoke(factor_commands(build), words, env=given)

    done = run(ada.tenant_id, ada.email)

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"email": ada.email, "removed": 1}
    assert not provider.accepts(token)
    assert provider.visitor().sign_in(ada).status_code == 303
    with provider.service.database.tenant_transaction(ada.tenant_id) as connection:
        by = connection.exec_driver_sql(
            "SELECT actor FROM outbox WHERE type LIKE '%%.FactorsRevoked'"
        ).scalar()
    assert "grace" in str(by)
    stranger = provider.tenant()
    for tenant, email in ((uuid4(), ada.email), (stranger.tenant_id, ada.email)):
        refused = run(tenant, email)
        assert refused.exit_code == 1
        assert "There is no" in refused.output
