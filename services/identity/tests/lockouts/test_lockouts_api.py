"""Who has to wait after failed sign-ins, as administrators see it, and how it is lifted (ID-12)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from chassis.storage.tables import outbox
from chassis.testing.client import ApiClient
from identity.sign_in.domain import PATIENCE, Subject
from identity.users.operations import ProfileChanges, assign_role, change_user, suspend_user

from ..factors.flows import with_app
from ..provider import Person, Provider, Visitor

LOCKOUTS = "/v1/identity/lockouts"
ADDRESSES = "/v1/identity/delayed-addresses"
ACCOUNT = PATIENCE[Subject.ACCOUNT]


def everything(provider: Provider, ada: Person) -> str:
    """A token with all that the user may do."""
    app = provider.app(ada.tenant_id, scopes="* openid offline_access")
    return provider.let_in(app, ada, scope="* offline_access").access


def fail(provider: Provider, person: Person, times: int) -> None:
    """Sign in wrongly so many times, each as soon as that may be, and from another address."""
    wrong = Person(person.tenant_id, person.user_id, person.email, "wrong")
    for number in range(1, times + 1):
        assert provider.visitor().sign_in(wrong).status_code == 401
        if number < times:
            provider.clock.move(ACCOUNT.wait(min(number, 8)))


def locked(provider: Provider, ada: Person) -> Person:
    """A colleague who has failed so often that the account is locked."""
    bob = provider.member(ada.tenant_id)
    fail(provider, bob, 10)
    return bob


def listed(provider: Provider, token: str, address: str = LOCKOUTS) -> list[dict[str, Any]]:
    """What a caller is shown."""
    answer = provider.api("GET", address, token)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def lift(provider: Provider, token: str, person: Person) -> Any:
    """Lift somebody's lockout; the answer."""
    return provider.api("POST", f"{LOCKOUTS}/{person.user_id}/lift", token)


def lifts(provider: Provider, person: Person) -> list[str]:
    """Who has lifted the lockout of somebody, as it is told."""
    kind = "rapport.identity.events.v1.LockoutLifted"
    with provider.service.database.tenant_transaction(person.tenant_id) as connection:
        found = connection.scalars(
            sa.select(outbox.c.actor).where(
                outbox.c.tenant_id == person.tenant_id,
                outbox.c.type == kind,
                outbox.c.aggregate_id == person.user_id,
            )
        )
        return list(found)


def test_no_token_shows_nothing(provider: Provider) -> None:
    anonymous = ApiClient(provider.service.http.app, None)
    assert [anonymous.get(path).status_code for path in (LOCKOUTS, ADDRESSES)] == [401, 401]
    assert anonymous.post(f"{LOCKOUTS}/{uuid4()}/lift").status_code == 401


def test_an_administrator_sees_who_is_delayed_or_locked_since_when_and_until_when(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    bob = locked(provider, ada)
    token = everything(provider, ada)
    since = provider.clock.now()
    eve = provider.member(ada.tenant_id)
    fail(provider, eve, 4)

    of_bob, of_eve = listed(provider, token)

    assert (of_bob["user_id"], of_bob["email"]) == (str(bob.user_id), bob.email)
    assert (of_bob["step"], of_bob["state"], of_bob["failures"]) == ("password", "locked", 10)
    assert datetime.fromisoformat(of_bob["since"]) == since
    assert datetime.fromisoformat(of_bob["until"]) == since + ACCOUNT.longest
    assert (of_eve["user_id"], of_eve["state"], of_eve["failures"]) == (
        str(eve.user_id),
        "delayed",
        4,
    )
    shown = provider.api("GET", f"{LOCKOUTS}/{bob.user_id}", token)
    assert shown.get_json() == of_bob
    assert provider.api("GET", f"{LOCKOUTS}/{ada.user_id}", token).status_code == 404


def test_who_has_to_wait_with_the_second_factor_is_seen_and_let_try_again(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    phone = with_app(provider, bob)
    visitor = provider.visitor()
    page = visitor.sign_in(bob)
    wrong = [visitor.submit(page, code="000000").status_code for _ in range(4)]
    assert wrong == [401, 401, 401, 429]
    token = everything(provider, ada)
    (waiting,) = listed(provider, token)
    assert (waiting["user_id"], waiting["step"]) == (str(bob.user_id), "second_factor")
    assert (waiting["state"], waiting["failures"]) == ("delayed", 3)
    stranger = everything(provider, provider.tenant())
    assert listed(provider, stranger) == []
    assert lift(provider, stranger, bob).status_code == 404
    answers = [lift(provider, token, bob).get_json()["lifted"] for _ in range(2)]
    assert (answers, lifts(provider, bob)) == ([True, False], [f"user:{ada.user_id}"])
    assert listed(provider, token) == []
    assert visitor.submit(page, code=phone.code()).status_code == 303


def test_those_who_have_slipped_only_a_little_are_not_listed(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    token = everything(provider, ada)
    fail(provider, bob, 2)
    assert listed(provider, token) == []


def test_a_lockout_ends_by_itself_and_is_shown_no_more(provider: Provider) -> None:
    ada = provider.tenant()
    bob = locked(provider, ada)
    token = everything(provider, ada)
    provider.clock.move(ACCOUNT.longest - timedelta(seconds=200))
    token = everything(provider, ada)
    provider.clock.move(timedelta(seconds=199))
    assert [one["user_id"] for one in listed(provider, token)] == [str(bob.user_id)]
    provider.clock.move(timedelta(seconds=1))
    assert listed(provider, token) == []
    assert lift(provider, token, bob).get_json() == {"lifted": False}
    assert lifts(provider, bob) == []
    assert provider.visitor().sign_in(bob).status_code == 303


def test_whoever_is_let_try_again_signs_in_at_once_and_the_audit_log_has_who_did_it(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    bob = locked(provider, ada)
    token = everything(provider, ada)
    assert provider.visitor().sign_in(bob).status_code == 429

    answer = lift(provider, token, bob)

    assert (answer.status_code, answer.get_json()) == (200, {"lifted": True})
    assert lifts(provider, bob) == [f"user:{ada.user_id}"]
    assert listed(provider, token) == []
    assert provider.visitor().sign_in(bob).status_code == 303


def test_the_failures_are_forgotten_with_the_lockout(provider: Provider) -> None:
    ada = provider.tenant()
    bob = locked(provider, ada)
    token = everything(provider, ada)
    lift(provider, token, bob)
    wrong = Person(bob.tenant_id, bob.user_id, bob.email, "wrong")
    answers = [provider.visitor().sign_in(wrong).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]


def test_of_those_who_lift_it_at_once_one_does(provider: Provider) -> None:
    ada = provider.tenant()
    bob = locked(provider, ada)
    token = everything(provider, ada)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: lift(provider, token, bob), range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sorted(answer.get_json()["lifted"] for answer in answers) == [False, True]
    assert len(lifts(provider, bob)) == 1


def test_a_request_that_is_repeated_is_answered_again_and_lifts_nothing_new(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    bob = locked(provider, ada)
    token = everything(provider, ada)
    app, path = provider.service.http.app.test_client(), f"{LOCKOUTS}/{bob.user_id}/lift"
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
    first = app.post(path, headers=headers)
    fail(provider, bob, 3)
    again = app.post(path, headers=headers)
    assert first.get_json() == again.get_json() == {"lifted": True}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [one["user_id"] for one in listed(provider, token)] == [str(bob.user_id)]


def test_guessing_does_not_become_free_by_lifting(provider: Provider) -> None:
    """Else an administrator could try passwords of the account that a user has elsewhere, too."""
    ada = provider.tenant()
    token = everything(provider, ada)
    bob = provider.member(ada.tenant_id)
    for _ in range(3):
        fail(provider, bob, 3)
        assert lift(provider, token, bob).get_json() == {"lifted": True}
    fail(provider, bob, 3)
    refused = lift(provider, token, bob)
    assert (refused.status_code, refused.get_json()["code"]) == (429, "too_many_attempts")
    assert int(refused.headers["Retry-After"]) == 3600
    assert [one["user_id"] for one in listed(provider, token)] == [str(bob.user_id)]
    provider.clock.move(timedelta(hours=1))
    token = everything(provider, ada)
    fail(provider, bob, 3)
    assert lift(provider, token, bob).get_json() == {"lifted": True}


def test_what_one_organisation_has_lifted_keeps_no_other_from_it(provider: Provider) -> None:
    ada, other = provider.tenant(), provider.tenant()
    bob = provider.member(ada.tenant_id)
    there = provider.member(other.tenant_id, bob.email)
    token, elsewhere = everything(provider, ada), everything(provider, other)
    for _ in range(3):
        fail(provider, bob, 3)
        lift(provider, token, bob)
    fail(provider, bob, 3)
    assert [one["user_id"] for one in listed(provider, elsewhere)] == [str(there.user_id)]
    assert lift(provider, elsewhere, there).get_json() == {"lifted": True}
    assert (len(lifts(provider, bob)), len(lifts(provider, there))) == (3, 1)


def test_another_tenants_lockouts_are_invisible(provider: Provider) -> None:
    ada, stranger = provider.tenant(), provider.tenant()
    bob = locked(provider, ada)
    token = everything(provider, stranger)
    assert listed(provider, token) == []
    assert provider.api("GET", f"{LOCKOUTS}/{bob.user_id}", token).status_code == 404
    assert lift(provider, token, bob).status_code == 404
    assert provider.visitor().sign_in(bob).status_code == 429


def test_an_address_that_nobody_has_proven_tells_nothing_of_who_has_it_elsewhere(
    provider: Provider,
) -> None:
    ada, spy = provider.tenant(), provider.tenant()
    victim = locked(provider, ada)
    token = everything(provider, spy)
    puppet = provider.member(spy.tenant_id)
    provider.run(spy.tenant_id, change_user, puppet.user_id, ProfileChanges(), victim.email)
    assert listed(provider, token) == []
    assert provider.api("GET", f"{LOCKOUTS}/{puppet.user_id}", token).status_code == 404
    assert lift(provider, token, puppet).get_json() == {"lifted": False}
    assert provider.visitor().sign_in(victim).status_code == 429


def test_who_may_not_sign_in_anyway_is_not_listed(provider: Provider) -> None:
    ada = provider.tenant()
    bob = locked(provider, ada)
    token = everything(provider, ada)
    provider.run(ada.tenant_id, suspend_user, bob.user_id)
    assert listed(provider, token) == []
    assert lift(provider, token, bob).get_json() == {"lifted": False}


@pytest.mark.parametrize("held", [None, "identity.lockouts.read", "identity.sessions.*"])
def test_nobody_lifts_without_the_permission(provider: Provider, held: str | None) -> None:
    ada = provider.tenant()
    helper = provider.member(ada.tenant_id)
    if held is not None:
        give(provider, ada, helper, held, "all")
    bob = locked(provider, ada)
    token = everything(provider, helper)
    assert lift(provider, token, bob).status_code == 403
    allowed = held == "identity.lockouts.read"
    for path in (LOCKOUTS, f"{LOCKOUTS}/{bob.user_id}", ADDRESSES):
        assert provider.api("GET", path, token).status_code == (200 if allowed else 403)
    assert lifts(provider, bob) == []


def test_reach_over_own_shows_nobody_elses(provider: Provider) -> None:
    ada = provider.tenant()
    helper = provider.member(ada.tenant_id)
    give(provider, ada, helper, "identity.lockouts.*", "own")
    bob = locked(provider, ada)
    token = everything(provider, helper)
    assert listed(provider, token) == []
    assert provider.api("GET", f"{LOCKOUTS}/{bob.user_id}", token).status_code == 404
    assert lift(provider, token, bob).status_code == 404
    fail(provider, helper, 3)
    assert [one["user_id"] for one in listed(provider, token)] == [str(helper.user_id)]
    assert lift(provider, token, helper).get_json() == {"lifted": True}


def test_lockouts_come_in_pages_that_leave_none_out(provider: Provider) -> None:
    ada = provider.tenant()
    token = everything(provider, ada)
    people = [provider.member(ada.tenant_id) for _ in range(5)]
    for person in people:
        fail(provider, person, 3)
    found, following = [], ""
    while True:
        page = provider.api(
            "GET", f"{LOCKOUTS}?page_size=2&count=true{following}", token
        ).get_json()
        assert page["total_count"] == 5
        found += [one["user_id"] for one in page["items"]]
        if page["next_page_token"] is None:
            break
        following = f"&page_token={page['next_page_token']}"
    assert sorted(found) == sorted(str(person.user_id) for person in people)
    soon = f"until[lt]={provider.clock.now().isoformat()}".replace("+00:00", "Z")
    assert listed(provider, token, f"{LOCKOUTS}?{soon}") == []
    assert provider.api("GET", f"{LOCKOUTS}?sort=password", token).status_code == 400


def exhaust(visitor: Visitor) -> None:
    """Have an address wait, by failing for many accounts."""
    for _ in range(31):
        nobody = Person(uuid4(), uuid4(), f"{uuid4().hex}@example.com", "wrong")
        visitor.sign_in(nobody)


def test_an_administrator_sees_that_an_address_of_their_own_people_has_to_wait(
    provider: Provider,
) -> None:
    ada, stranger = provider.tenant(), provider.tenant()
    bob = provider.member(ada.tenant_id)
    office, elsewhere = provider.visitor(), provider.visitor()
    token = everything(provider, ada)
    provider.let_in(provider.app(ada.tenant_id), bob, visitor=office)
    theirs = everything(provider, stranger)
    exhaust(office)
    exhaust(elsewhere)

    (shown,) = listed(provider, token, ADDRESSES)

    assert shown["address"] == f"{office.address.removesuffix('1')}/64"
    assert (shown["users"], shown["state"]) == (1, "delayed")
    assert shown["since"] < shown["until"]
    # Neither that of somebody else, nor to somebody else.
    assert listed(provider, theirs, ADDRESSES) == []
    provider.clock.move(timedelta(minutes=1))
    assert listed(provider, token, ADDRESSES) == []


def test_the_login_that_serves_tenants_looks_at_no_count_but_by_its_key(
    provider: Provider,
) -> None:
    ada = provider.tenant()
    fail(provider, ada, 3)
    with (
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
        provider.service.database.tenant_transaction(ada.tenant_id) as connection,
    ):
        connection.exec_driver_sql("SELECT count(*) FROM sign_in_failures")


def give(provider: Provider, ada: Person, user: Person, permission: str, reach: str) -> None:
    """Give a user a role with one permission."""
    body = {"name": uuid4().hex, "grants": [{"permission": permission, "reach": reach}]}
    made = provider.api("POST", "/v1/identity/roles", everything(provider, ada), json=body)
    assert made.status_code == 201, made.get_data(as_text=True)
    provider.run(ada.tenant_id, assign_role, user.user_id, UUID(made.get_json()["id"]))
