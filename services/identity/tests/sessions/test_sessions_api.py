"""Sessions over REST: one's own, and for administrators those of others (ID-13)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.testing.client import ApiClient
from identity.users.operations import assign_role, deactivate_user

from ..provider import Person, Provider

OWN = "/v1/identity/me/sessions"
ALL = "/v1/identity/sessions"


def listed(provider: Provider, token: str, address: str = OWN) -> list[dict[str, Any]]:
    """The sessions that a caller is shown."""
    answer = provider.api("GET", address, token)
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def everything(provider: Provider, ada: Person) -> str:
    """A token with all that the user may do."""
    app = provider.app(ada.tenant_id, scopes="* openid offline_access")
    return provider.let_in(app, ada, scope="* offline_access").access


def test_no_token_shows_nothing(provider: Provider) -> None:
    anonymous = ApiClient(provider.service.http.app, None)
    assert [anonymous.get(address).status_code for address in (OWN, ALL)] == [401, 401]


def test_a_user_sees_browsers_and_apps(provider: Provider) -> None:
    ada = provider.tenant()
    token = provider.let_in(provider.app(ada.tenant_id), ada).access

    app, browser = sorted(listed(provider, token), key=lambda one: str(one["kind"]))

    assert (app["kind"], app["client_name"], app["is_current"]) == ("app", "Invoice Robot", True)
    assert (browser["kind"], browser["client_name"]) == ("browser", None)
    assert browser["device"] == "Firefox on Windows"
    assert browser["address"].startswith("2001:db8:")
    assert app["parent_id"] == browser["id"]


def test_a_user_ends_one_session_and_its_token_is_refused_at_once(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    here = provider.let_in(app, ada)
    there = provider.let_in(app, ada)
    session_id = provider.parts.ring.claims(there.access)["sid"]

    assert provider.api("DELETE", f"{OWN}/{session_id}", here.access).status_code == 204

    assert not provider.accepts(there.access)
    assert provider.accepts(here.access)
    assert provider.refresh(app, there.refresh).status_code == 400


def test_ending_a_browsers_session_ends_its_apps(provider: Provider) -> None:
    ada = provider.tenant()
    here = provider.let_in(provider.app(ada.tenant_id), ada)
    there = provider.let_in(provider.app(ada.tenant_id), ada)
    sid = provider.parts.ring.claims(there.access)["sid"]
    parent = next(one["parent_id"] for one in listed(provider, here.access) if one["id"] == sid)
    provider.api("DELETE", f"{OWN}/{parent}", here.access)
    assert not provider.accepts(there.access)


def test_a_user_cannot_end_anothers_session(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    app = provider.app(ada.tenant_id)
    of_ada, of_bob = provider.let_in(app, ada), provider.let_in(app, bob)
    session_id = provider.parts.ring.claims(of_ada.access)["sid"]
    assert provider.api("DELETE", f"{OWN}/{session_id}", of_bob.access).status_code == 404
    assert provider.accepts(of_ada.access)


def test_another_tenants_sessions_are_invisible(provider: Provider) -> None:
    ada, stranger = provider.tenant(), provider.tenant()
    token, other = everything(provider, ada), everything(provider, stranger)
    session_id = provider.parts.ring.claims(other)["sid"]
    assert session_id not in {one["id"] for one in listed(provider, token, ALL)}
    for method in ("GET", "DELETE"):
        assert provider.api(method, f"{ALL}/{session_id}", token).status_code == 404
    assert provider.accepts(other)


def test_ending_the_others_leaves_the_one_in_use(provider: Provider) -> None:
    ada = provider.tenant()
    app = provider.app(ada.tenant_id)
    here, there, elsewhere = (provider.let_in(app, ada) for _ in range(3))

    answer = provider.api("POST", f"{OWN}/end-others", here.access)

    assert answer.get_json() == {"ended": 4}
    assert provider.accepts(here.access)
    assert not provider.accepts(there.access)
    assert not provider.accepts(elsewhere.access)
    assert {one["kind"] for one in listed(provider, here.access)} == {"browser", "app"}


def test_an_administrator_sees_and_ends_the_sessions_of_others(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    of_bob = provider.let_in(provider.app(ada.tenant_id), bob)
    token = everything(provider, ada)

    found = listed(provider, token, f"{ALL}?user_id={bob.user_id}")
    shown = provider.api("GET", f"{ALL}/{found[0]['id']}", token)
    ended = provider.api("POST", f"{ALL}/end-all?user_id={bob.user_id}", token)

    assert {one["user_id"] for one in found} == {str(bob.user_id)}
    assert shown.get_json()["id"] == found[0]["id"]
    assert ended.get_json() == {"ended": 2}
    assert not provider.accepts(of_bob.access)
    assert listed(provider, token, f"{ALL}?user_id={bob.user_id}") == []


def test_sessions_come_in_pages_that_leave_none_out(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    app = provider.app(ada.tenant_id)
    for _ in range(3):
        provider.move(seconds=1)
        provider.let_in(app, bob)
    token = everything(provider, ada)
    everyone = listed(provider, token, f"{ALL}?page_size=200")

    paged, query = [], "page_size=3&count=true"
    while query:
        page = provider.api("GET", f"{ALL}?{query}", token).get_json()
        assert page["total_count"] == len(everyone)
        paged += page["items"]
        following = page["next_page_token"]
        query = following and f"page_size=3&count=true&page_token={following}"

    assert len(everyone) > 6
    assert [one["id"] for one in paged] == [one["id"] for one in everyone]
    seen = [one["last_seen_at"] for one in everyone]
    assert seen == sorted(seen, reverse=True)


def test_an_administrator_finds_sessions_by_app_kind_address_and_time(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    provider.let_in(app, bob, visitor=visitor)
    provider.move(minutes=10)
    between = provider.clock.now().isoformat().replace("+00:00", "Z")
    provider.move(minutes=1)
    token = everything(provider, ada)

    def found(query: str) -> list[tuple[str, str]]:
        return [(one["user_id"], one["kind"]) for one in listed(provider, token, f"{ALL}?{query}")]

    assert found(f"client_id={app.client_id}") == [(str(bob.user_id), "app")]
    assert (str(bob.user_id), "browser") in found("kind=browser")
    assert {whose for whose, _ in found(f"address={visitor.address}")} == {str(bob.user_id)}
    assert {whose for whose, _ in found(f"created_at[gte]={between}")} == {str(ada.user_id)}
    for wrong in ("kind=telephone", "user_id=bob", "device=Firefox", "page_size=201"):
        assert provider.api("GET", f"{ALL}?{wrong}", token).status_code == 400


def test_ones_own_list_shows_nobody_elses_whatever_is_asked_for(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    provider.let_in(provider.app(ada.tenant_id), bob)
    token = everything(provider, ada)
    assert {one["user_id"] for one in listed(provider, token, f"{OWN}?sort=created_at")} == {
        str(ada.user_id)
    }
    answer = provider.api("GET", f"{OWN}?user_id={bob.user_id}", token)
    assert answer.status_code == 400


def test_sessions_that_are_over_or_rested_too_long_are_not_listed(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    provider.let_in(provider.app(ada.tenant_id), bob)
    provider.move(hours=24 * 7 + 1)
    token = everything(provider, ada)
    assert listed(provider, token, f"{ALL}?user_id={bob.user_id}") == []


def test_a_user_without_the_permission_sees_nobodys(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    app = provider.app(ada.tenant_id, scopes="*")
    token = provider.let_in(app, bob, scope="*").access
    assert provider.api("GET", ALL, token).status_code == 403
    assert provider.api("POST", f"{ALL}/end-all?user_id={ada.user_id}", token).status_code == 403


def test_reach_over_own_shows_and_ends_only_own(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    role_id = own_role(provider, ada)
    provider.run(ada.tenant_id, assign_role, bob.user_id, role_id)
    of_ada = provider.let_in(provider.app(ada.tenant_id), ada).access
    app = provider.app(ada.tenant_id, scopes="*")
    token = provider.let_in(app, bob, scope="*").access
    session_id = provider.parts.ring.claims(of_ada)["sid"]
    assert {one["user_id"] for one in listed(provider, token, ALL)} == {str(bob.user_id)}
    assert provider.api("DELETE", f"{ALL}/{session_id}", token).status_code == 404


def own_role(provider: Provider, ada: Person) -> UUID:
    """A role with the permissions over sessions, with reach over own."""
    token = everything(provider, ada)
    grants = [
        {"permission": "identity.sessions.read", "reach": "own"},
        {"permission": "identity.sessions.write", "reach": "own"},
    ]
    body = {"name": "Own sessions", "grants": grants}
    answer = provider.api("POST", "/v1/identity/roles", token, json=body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return UUID(answer.get_json()["id"])


def test_deactivation_ends_all_sessions_and_says_so(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    app = provider.app(ada.tenant_id)
    tokens = provider.let_in(app, bob)

    provider.run(ada.tenant_id, deactivate_user, bob.user_id)

    assert not provider.accepts(tokens.access)
    assert provider.refresh(app, tokens.refresh).status_code == 400
    assert facts(provider, ada).count("SessionEnded") == 2


def test_an_ended_session_is_a_fact(provider: Provider) -> None:
    ada = provider.tenant()
    visitor = provider.visitor()
    provider.let_in(provider.app(ada.tenant_id), ada, visitor=visitor)
    assert "SessionEnded" not in facts(provider, ada)
    visitor.submit(visitor.get("/p/identity/sign-out"))
    assert facts(provider, ada).count("SessionEnded") == 2


def facts(provider: Provider, ada: Person) -> list[str]:
    """The facts of a tenant, oldest first, without the package."""
    with provider.service.database.tenant_transaction(ada.tenant_id) as connection:
        rows = connection.exec_driver_sql("SELECT type FROM outbox ORDER BY seq")
        return [row[0].rpartition(".")[2] for row in rows]


def test_the_last_use_is_noted_by_the_minute(provider: Provider) -> None:
    ada = provider.tenant()
    app, visitor = provider.app(ada.tenant_id), provider.visitor()
    tokens = provider.let_in(app, ada, visitor=visitor)
    before = {one["kind"]: one["last_seen_at"] for one in listed(provider, tokens.access)}
    provider.move(seconds=30)
    visitor.get("/p/identity/account")
    same = {one["kind"]: one["last_seen_at"] for one in listed(provider, tokens.access)}
    provider.move(seconds=31)
    visitor.get("/p/identity/account")
    after = {one["kind"]: one["last_seen_at"] for one in listed(provider, tokens.access)}
    assert before == same
    assert after["browser"] > before["browser"]
    assert after["app"] == before["app"]


def test_an_app_that_acts_for_itself_has_no_sessions(provider: Provider) -> None:
    app = provider.app(provider.tenant().tenant_id)
    own = provider.ask(app, "/oauth/token", grant_type="client_credentials").get_json()
    answer = provider.api("GET", OWN, own["access_token"])
    assert (answer.status_code, answer.get_json()["code"]) == (403, "user_needed")
