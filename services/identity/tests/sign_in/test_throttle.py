"""Growing delays and lockout: per account, per address, stored, and forgiven with time (ID-12)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.domain import Unavailable
from identity.domain import email_key
from identity.sign_in.domain import PATIENCE, Failures, PasswordReason, Patience, Subject
from identity.sign_in.hashing import PasswordCost, PasswordHasher
from identity.sign_in.operations import set_password
from identity.sign_in.passwords import Passwords
from identity.sign_in.throttle import Throttle, TooManyAttempts
from identity.users.operations import ProfileChanges, change_user

from ..forms import text_of
from ..provider import Person, Provider

ACCOUNT = PATIENCE[Subject.ACCOUNT]


def waits(patience: Patience, failures: int) -> list[float]:
    """The wait after each failure in a row, in seconds."""
    return [patience.wait(number).total_seconds() for number in range(1, failures + 1)]


def test_the_first_slips_are_free_and_then_the_wait_doubles_up_to_a_bound() -> None:
    assert waits(ACCOUNT, 10) == [0, 0, 2, 4, 8, 16, 32, 64, 900, 900]


def test_failures_are_forgotten_one_by_one(provider: Provider) -> None:
    now = provider.clock.now()
    failures = Failures(5.0, now, now)
    assert failures.remaining(ACCOUNT, now + 2 * ACCOUNT.forgotten) == 3
    assert failures.remaining(ACCOUNT, now + 9 * ACCOUNT.forgotten) == 0
    assert failures.remaining(ACCOUNT, now - timedelta(days=1)) == 5


def unknown() -> Person:
    """Somebody who has no account."""
    return Person(uuid4(), uuid4(), f"{uuid4().hex}@example.com", "wrong")


def statuses(provider: Provider, person: Person, times: int) -> list[int]:
    """The answers to so many sign-ins, each from another address."""
    return [provider.visitor().sign_in(person).status_code for _ in range(times)]


def test_an_account_is_protected_whatever_address_is_used(provider: Provider) -> None:
    ada = provider.tenant()
    wrong = Person(ada.tenant_id, ada.user_id, ada.email, "wrong")
    assert statuses(provider, wrong, 5) == [401, 401, 401, 429, 429]
    assert statuses(provider, ada, 1) == [429]

    provider.move(seconds=2)

    assert statuses(provider, ada, 1) == [303]
    assert statuses(provider, wrong, 3) == [401, 401, 401]


def test_whoever_was_not_answered_has_not_failed(provider: Provider) -> None:
    """While a flood of sign-ins keeps the hasher busy, those who come in vain are not locked out."""
    ada, service, parts = provider.tenant(), provider.service, provider.parts
    busy = PasswordHasher(PasswordCost(1_024, 1), "a secret", at_once=0, waiting=0)
    passwords = Passwords(
        service.database, service.operations, busy, parts.throttle, provider.clock
    )
    wrong = Person(ada.tenant_id, ada.user_id, ada.email, "wrong")
    assert statuses(provider, wrong, 2) == [401, 401]
    account = passwords.account(ada.tenant_id, ada.user_id)
    assert account is not None
    for number in range(10):
        with pytest.raises(Unavailable):
            passwords.check(ada.email, ada.password, f"2001:db8:{number}::1")
        with pytest.raises(Unavailable):
            passwords.change(account, ada.password, "x", f"2001:db8:{number}::1", None)
    # Those that did fail before still count.
    assert statuses(provider, wrong, 2) == [401, 429]
    provider.move(seconds=2)
    assert statuses(provider, ada, 1) == [303]


def test_an_account_that_does_not_exist_is_treated_just_the_same(provider: Provider) -> None:
    ada, nobody = provider.tenant(), unknown()
    wrong = Person(ada.tenant_id, ada.user_id, ada.email, "wrong")
    pages = [[provider.visitor().sign_in(person) for _ in range(5)] for person in (wrong, nobody)]
    seen = [
        [(page.status_code, text_of(page).replace(person.email, "")) for page in answers]
        for answers, person in zip(pages, (wrong, nobody), strict=True)
    ]
    assert seen[0] == seen[1]


def test_the_page_says_how_long_to_wait(provider: Provider) -> None:
    nobody = unknown()
    statuses(provider, nobody, 3)
    page = provider.visitor().sign_in(nobody)
    assert page.headers["Retry-After"] == "2"
    assert "Try again in 2 seconds" in text_of(page)


def test_many_failures_lock_for_a_while_and_the_lock_opens_by_itself(provider: Provider) -> None:
    ada = provider.tenant()
    wrong = Person(ada.tenant_id, ada.user_id, ada.email, "wrong")
    for number in range(1, 10):
        assert statuses(provider, wrong, 1) == [401]
        provider.clock.move(ACCOUNT.wait(min(number, 8)))
    assert statuses(provider, wrong, 1) == [401]
    provider.move(minutes=14)
    assert statuses(provider, ada, 1) == [429]
    provider.move(minutes=1)
    assert statuses(provider, ada, 1) == [303]


def test_failures_survive_a_restart(provider: Provider) -> None:
    ada = provider.tenant()
    wrong = Person(ada.tenant_id, ada.user_id, ada.email, "wrong")
    statuses(provider, wrong, 3)
    secret = provider.service.settings.signing_secret.get_secret_value()
    restarted = Throttle(provider.service.database, provider.clock, secret)
    with pytest.raises(TooManyAttempts):
        restarted.attempt({Subject.ACCOUNT: ada.email})


def test_guessing_in_parallel_gains_nothing(provider: Provider) -> None:
    nobody = unknown()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: provider.visitor().sign_in(nobody).status_code, range(16))
        )
    assert answers.count(401) == 3
    assert answers.count(429) == 13


def test_an_address_that_tries_many_accounts_is_slowed_down(provider: Provider) -> None:
    visitor = provider.visitor()
    answers = [visitor.sign_in(unknown()).status_code for _ in range(33)]
    assert answers[:30] == [401] * 30
    assert answers[-1] == 429
    assert provider.visitor().sign_in(unknown()).status_code == 401


def test_signing_in_right_is_no_failure_of_the_address(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    answers = [visitor.sign_in(ada).status_code for _ in range(40)]
    assert set(answers) == {303}


def test_a_header_of_the_callers_own_does_not_hide_the_address(provider: Provider) -> None:
    address = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    answers = []
    for number in range(33):
        forged = f"198.51.100.{number}, {address}"
        visitor = provider.visitor(**{"X-Forwarded-For": forged})
        answers.append(visitor.sign_in(unknown()).status_code)
    assert answers[-1] == 429


def test_addresses_of_people_without_an_account_are_not_stored(provider: Provider) -> None:
    nobody = unknown()
    provider.visitor().sign_in(nobody)
    with provider.service.database.system_transaction() as connection:
        rows = connection.exec_driver_sql("SELECT encode(key, 'escape') FROM sign_in_failures")
        assert all(nobody.email not in row[0] for row in rows)


def puppet_of(provider: Provider, victim: Person, spy: Person) -> Person:
    """A user of another organisation, which has given them the address of somebody it is not theirs."""
    puppet = provider.member(spy.tenant_id)
    provider.run(spy.tenant_id, change_user, puppet.user_id, ProfileChanges(), victim.email)
    return Person(spy.tenant_id, puppet.user_id, victim.email, puppet.password)


def victim_of(provider: Provider) -> Person:
    """Somebody with a password of their own."""
    ada = provider.tenant()
    hashed = provider.parts.hasher.hash("vukog lampen 38 ketchup", email_key(ada.email))
    provider.run(ada.tenant_id, set_password, ada.user_id, hashed, PasswordReason.CHANGED)
    return Person(ada.tenant_id, ada.user_id, ada.email, "vukog lampen 38 ketchup")


def test_an_account_of_ones_own_does_not_make_guessing_at_anothers_free(
    provider: Provider,
) -> None:
    """Whoever runs an organisation can give a user of theirs any address, and knows the password."""
    victim, spy = victim_of(provider), provider.tenant()
    puppet = puppet_of(provider, victim, spy)
    guess = Person(victim.tenant_id, victim.user_id, victim.email, "a guess")
    answers = []
    for _ in range(5):
        answers += statuses(provider, guess, 2)
        answers += statuses(provider, puppet, 1)
    assert answers.count(401) == 3
    provider.move(minutes=30)
    assert statuses(provider, victim, 1) == [303]


def test_nor_does_changing_ones_own_password(provider: Provider) -> None:
    victim, spy = victim_of(provider), provider.tenant()
    puppet = puppet_of(provider, victim, spy)
    app = provider.app(spy.tenant_id, scopes="*")
    token = provider.let_in(app, puppet, scope="*").access
    guess = Person(victim.tenant_id, victim.user_id, victim.email, "a guess")
    answers = []
    for number in range(4):
        answers += statuses(provider, guess, 2)
        body = {"current_password": puppet.password, "new_password": f"{puppet.password} {number}"}
        changed = provider.api("POST", "/v1/identity/me/change-password", token, json=body)
        if changed.status_code == 200:
            puppet = Person(spy.tenant_id, puppet.user_id, victim.email, body["new_password"])
    assert answers.count(401) == 3
    assert answers.count(429) == 5


def test_whoever_has_one_password_everywhere_is_forgiven_by_it(provider: Provider) -> None:
    ada = provider.tenant()
    provider.tenant(ada.email)
    wrong = Person(ada.tenant_id, ada.user_id, ada.email, "wrong")
    for _ in range(3):
        assert statuses(provider, wrong, 2) == [401, 401]
        assert statuses(provider, ada, 1) == [200]
