"""Refresh tokens: each works once, and one shown again ends the session."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

from identity.clients.operations import change_client
from identity.sessions.domain import EndReason
from identity.sessions.operations import end_all_sessions

from ..provider import App, Provider, Tokens


def test_a_refresh_token_gives_new_tokens_of_the_same_session(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    first = provider.let_in(app, ada)

    second = Tokens(provider.refresh(app, first.refresh))

    assert second.refresh != first.refresh
    before, after = (provider.parts.ring.claims(t.access) for t in (first, second))
    assert after["sid"] == before["sid"]
    assert after["jti"] != before["jti"]
    assert provider.parts.ring.claims(second.json["id_token"])["sub"] == str(ada.user_id)


def test_a_used_refresh_token_ends_the_whole_session(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    first = provider.let_in(app, ada)
    second = Tokens(provider.refresh(app, first.refresh))

    stolen = provider.refresh(app, first.refresh)

    assert (stolen.status_code, stolen.get_json()["error"]) == (400, "invalid_grant")
    assert provider.refresh(app, second.refresh).get_json()["error"] == "invalid_grant"
    assert not provider.accepts(second.access)


def test_of_two_uses_at_once_one_wins_and_then_the_session_ends(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    first = provider.let_in(app, ada)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: provider.refresh(app, first.refresh), range(4)))

    good = [Tokens(answer) for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert not provider.accepts(good[0].access)
    assert provider.refresh(app, good[0].refresh).status_code == 400


def test_a_refresh_token_is_of_no_use_to_another_app_and_survives_the_try(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    app, other = provider.app(ada.tenant_id), provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada)
    assert provider.refresh(other, tokens.refresh).get_json()["error"] == "invalid_grant"
    assert Tokens(provider.refresh(app, tokens.refresh)).access


def test_the_scope_can_be_narrowed_but_not_widened(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada, scope="openid contacts.people.read sales.orders.read")

    narrow = Tokens(provider.refresh(app, tokens.refresh, scope="sales.orders.read"))
    wide = provider.refresh(app, narrow.refresh, scope="contacts.people.write")

    assert provider.parts.ring.claims(narrow.access)["scope"] == "sales.orders.read"
    assert wide.get_json()["error"] == "invalid_scope"
    whole = Tokens(provider.refresh(app, narrow.refresh))
    assert whole.json["scope"] == "openid contacts.people.read sales.orders.read"


def limit(provider: Provider, app: App, scopes: str) -> None:
    """Have an app be one that may ask for these scopes."""
    limited = frozenset(scopes.split())
    provider.run(
        app.tenant_id,
        change_client,
        UUID(app.client_id),
        lambda details: replace(details, scopes=limited),
    )
    provider.parts.clients.forget()


def test_an_app_gets_no_more_by_a_refresh_token_than_it_may_ask_for_now(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada, scope="openid contacts.* sales.orders.read")

    limit(provider, app, "openid email contacts.people.read")
    less = Tokens(provider.refresh(app, tokens.refresh))
    too_much = provider.refresh(app, less.refresh, scope="sales.orders.read")
    limit(provider, app, "email")
    nothing = provider.refresh(app, less.refresh)
    limit(provider, app, "openid email contacts.* sales.*")
    whole = Tokens(provider.refresh(app, less.refresh))

    assert less.json["scope"] == "openid contacts.people.read"
    assert provider.parts.ring.claims(less.access)["scope"] == "openid contacts.people.read"
    assert [answer.get_json()["error"] for answer in (too_much, nothing)] == ["invalid_scope"] * 2
    assert whole.json["scope"] == "openid contacts.* sales.orders.read"


def test_signing_out_of_the_browser_ends_its_apps(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    tokens = provider.let_in(app, ada, visitor=visitor)

    visitor.submit(visitor.get("/p/identity/sign-out"))

    assert not provider.accepts(tokens.access)
    assert provider.refresh(app, tokens.refresh).status_code == 400


def test_offline_access_outlives_the_browsers_session(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    tokens = provider.let_in(app, ada, visitor=visitor, scope="openid offline_access")

    visitor.submit(visitor.get("/p/identity/sign-out"))

    assert provider.accepts(tokens.access)
    assert Tokens(provider.refresh(app, tokens.refresh)).access


def test_an_idle_session_expires_and_a_used_one_goes_on(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    idle = provider.let_in(app, ada, scope="offline_access")
    used = provider.let_in(app, ada, scope="offline_access")
    for _ in range(3):
        provider.move(days=3)
        used = Tokens(provider.refresh(app, used.refresh))
    assert provider.refresh(app, idle.refresh).get_json()["error"] == "invalid_grant"


def test_no_session_lasts_longer_than_the_organisation_allows(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada, scope="offline_access")
    for _ in range(4):
        provider.move(days=6)
        tokens = Tokens(provider.refresh(app, tokens.refresh))
    provider.move(days=6)
    assert provider.refresh(app, tokens.refresh).get_json()["error"] == "invalid_grant"


def test_ending_all_sessions_kills_refresh_tokens_at_once(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, ada, scope="offline_access")
    provider.run(ada.tenant_id, end_all_sessions, ada.user_id, EndReason.ENDED_BY_ADMINISTRATOR)
    assert provider.refresh(app, tokens.refresh).get_json()["error"] == "invalid_grant"


def test_what_is_no_refresh_token_is_refused(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    for text in ("", "x", "A" * 86, "ä" * 86):
        answer = provider.refresh(app, text)
        assert answer.status_code == 400
        assert answer.get_json()["error"] in ("invalid_grant", "invalid_request")
