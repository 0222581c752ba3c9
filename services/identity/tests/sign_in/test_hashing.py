"""Password hashes: as many for an account that is there as for one that is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest

from chassis.domain import Unavailable
from identity.sign_in.domain import PasswordReason, WrongPassword
from identity.sign_in.hashing import PasswordCost, PasswordHasher
from identity.sign_in.operations import set_password

from ..provider import PASSWORD, Provider

CHEAP = PasswordCost(1_024, 1)
EMAIL = "ada@example.com"


def hasher(cost: PasswordCost = CHEAP, secret: str = "secret") -> PasswordHasher:
    """A hasher that costs little."""
    return PasswordHasher(cost, secret, 2)


def test_a_hash_is_argon2id_and_fits_its_password_alone() -> None:
    one = hasher()
    stored = one.hash("right", EMAIL)
    assert stored.startswith("$argon2id$v=19$m=1024,t=1,p=1$")
    assert one.right_ones("right", EMAIL, [("here", stored)]) == ["here"]
    assert one.right_ones("wrong", EMAIL, [("here", stored)]) == []


def test_salts_differ_by_address_and_by_secret() -> None:
    assert hasher().hash("right", EMAIL) != hasher().hash("right", "bob@example.com")
    assert hasher().hash("right", EMAIL) != hasher(secret="other").hash("right", EMAIL)


def test_a_hash_fits_after_secret_or_address_have_changed() -> None:
    stored = hasher(secret="before").hash("right", "old@example.com")
    assert hasher().right_ones("right", EMAIL, [(1, stored)]) == [1]
    assert hasher().is_outdated(stored, EMAIL)


def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    one = hasher()
    stored = one.hash("café", EMAIL)
    assert one.right_ones("cafe\u0301", EMAIL, [(1, stored)]) == [1]


def test_other_parameters_make_a_hash_outdated() -> None:
    stored = hasher().hash("right", EMAIL)
    assert not hasher().is_outdated(stored, EMAIL)
    assert hasher(PasswordCost(2_048, 1)).is_outdated(stored, EMAIL)
    assert hasher(PasswordCost(1_024, 2)).is_outdated(stored, EMAIL)


def test_a_flood_of_sign_ins_is_sent_away_and_not_queued_up() -> None:
    one = PasswordHasher(PasswordCost(32_768, 3), "secret", at_once=1, waiting=2)

    def outcome(number: int) -> str:
        try:
            return one.hash(f"password {number}", EMAIL)[:9]
        except Unavailable:
            return "sent away"

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(outcome, range(12)))

    assert outcomes.count("$argon2id") == one.made >= 3
    assert outcomes.count("sent away") == 12 - one.made >= 1
    assert one.hash("afterwards", EMAIL)


def made_by(provider: Provider, email: str, password: str) -> int:
    """How many hashes a sign-in made."""
    before = provider.parts.hasher.made
    with suppress(WrongPassword):
        provider.parts.passwords.check(email, password, f"192.0.2.{uuid4().int % 250}")
    return provider.parts.hasher.made - before


def test_known_and_unknown_accounts_take_the_same_number_of_hashes(provider: Provider) -> None:
    shared = f"both-{uuid4().hex}@example.com"
    ada = provider.tenant()
    provider.tenant(shared)
    provider.tenant(shared)
    bob = provider.member(ada.tenant_id)
    counts = {
        "right": made_by(provider, ada.email, PASSWORD),
        "wrong": made_by(provider, bob.email, "wrong"),
        "unknown": made_by(provider, f"{uuid4().hex}@example.com", "wrong"),
        "in two organisations, right": made_by(provider, shared, PASSWORD),
        "in two organisations, wrong": made_by(provider, shared, "wrong"),
    }
    assert set(counts.values()) == {1}


def test_an_account_without_a_password_takes_as_many(provider: Provider) -> None:
    ada = provider.tenant()
    with provider.service.database.tenant_transaction(ada.tenant_id) as connection:
        connection.exec_driver_sql("DELETE FROM passwords")
    assert made_by(provider, ada.email, "wrong") == 1


def test_a_stored_hash_is_renewed_at_the_next_sign_in(provider: Provider) -> None:
    ada = provider.tenant()
    old = PasswordHasher(PasswordCost(1_024, 3), "an older secret", 1).hash(PASSWORD, ada.email)
    provider.run(ada.tenant_id, set_password, ada.user_id, old, PasswordReason.FIRST)

    assert provider.visitor().sign_in(ada).status_code == 303

    account = provider.parts.passwords.account(ada.tenant_id, ada.user_id)
    assert account is not None
    assert account.hash is not None
    assert "t=1" in account.hash
    assert provider.visitor().sign_in(ada).status_code == 303


@pytest.mark.parametrize("password", ["", "x" * 1_000, PASSWORD + " ", PASSWORD.upper()])
def test_nothing_but_the_password_itself_is_right(provider: Provider, password: str) -> None:
    ada = provider.tenant()
    with pytest.raises(WrongPassword):
        provider.parts.passwords.check(ada.email, password, "192.0.2.7")
