"""A forgotten password: a link by mail that works once, and answers that tell nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from chassis.storage.unit_of_work import Operations
from identity.sign_in.reset_mail import ResetMail
from identity.transaction import IdentityTx
from identity.users.operations import ProfileChanges, change_user, suspend_user

from ..forms import text_of
from ..provider import Person, Provider, Visitor

NEW = "vukog lampen 38 ketchup"


def ask(visitor: Visitor, email: str) -> TestResponse:
    """Ask for a link."""
    return visitor.submit(visitor.get("/p/identity/reset"), email=email)


def links(provider: Provider, email: str) -> list[str]:
    """Have the mails sent; the links in all mails to an address."""
    provider.parts.reset_mail.deliver()
    texts = " ".join(mail.text for mail in provider.mailer.to(email))
    return re.findall(r"http://gateway\.test(/p/identity/reset/new\?token=\S+)", texts)


def renewed(person: Person, password: str = NEW) -> Person:
    """The same person with another password."""
    return Person(person.tenant_id, person.user_id, person.email, password)


def test_a_link_sets_a_new_password_and_ends_all_sessions(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    app = provider.app(ada.tenant_id)
    before = provider.let_in(app, ada, scope="offline_access")
    assert "Look into your mailbox" in text_of(ask(visitor, ada.email))

    (link,) = links(provider, ada.email)
    done = visitor.follow(visitor.submit(visitor.get(link), password=NEW))

    assert "Your new password is set" in text_of(done)
    assert provider.visitor().sign_in(ada).status_code == 401
    assert provider.visitor().sign_in(renewed(ada)).status_code == 303
    assert not provider.accepts(before.access)
    assert provider.refresh(app, before.refresh).status_code == 400
    assert "was changed" in provider.mailer.to(ada.email)[-1].subject


class ChangedMeanwhile:
    """Operations, during which an administrator is quick: after the account was read it has another address."""

    def __init__(self, provider: Provider, change: Callable[[], object]) -> None:
        self._operations = provider.service.operations
        self._change = change

    def read(self, *about: Any) -> Any:
        """What is read, before the change."""
        found = self._operations.read(*about)
        self._change()
        return found

    def run(self, *about: Any) -> Any:
        """As ever."""
        return self._operations.run(*about)


@pytest.mark.parametrize("what", ["address", "status"])
def test_no_link_goes_to_an_address_that_is_the_users_no_more(
    provider: Provider, what: str
) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    ask(provider.visitor(), bob.email)

    def change() -> None:
        if what == "address":
            new = f"new-{bob.email}"
            provider.run(ada.tenant_id, change_user, bob.user_id, ProfileChanges(), new)
        else:
            provider.run(ada.tenant_id, suspend_user, bob.user_id)

    service, parts = provider.service, provider.parts
    ResetMail(
        service.database,
        cast("Operations[IdentityTx]", ChangedMeanwhile(provider, change)),
        parts.throttle,
        provider.mailer,
        provider.clock,
        "http://gateway.test",
    ).deliver()

    assert links(provider, bob.email) == []
    assert links(provider, f"new-{bob.email}") == []


def test_a_link_works_once(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    ask(visitor, ada.email)
    (link,) = links(provider, ada.email)
    page = visitor.get(link)
    visitor.submit(page, password=NEW)

    again = visitor.submit(page, password=f"{NEW} again")

    assert again.status_code == 410
    assert visitor.get(link).status_code == 410
    assert provider.visitor().sign_in(renewed(ada)).status_code == 303


def test_looking_at_a_link_does_not_use_it_up(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    ask(visitor, ada.email)
    (link,) = links(provider, ada.email)
    assert [visitor.get(link).status_code for _ in range(3)] == [200, 200, 200]


def test_a_link_expires_after_an_hour(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    ask(visitor, ada.email)
    (link,) = links(provider, ada.email)
    page = visitor.get(link)
    provider.move(hours=1)
    assert visitor.get(link).status_code == 410
    assert visitor.submit(page, password=NEW).status_code == 410


def test_using_one_link_kills_the_others(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    ask(visitor, ada.email)
    ask(visitor, ada.email)
    first, second = links(provider, ada.email)
    visitor.submit(visitor.get(first), password=NEW)
    assert visitor.get(second).status_code == 410


def test_a_weak_password_is_refused_and_the_link_still_works(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    ask(visitor, ada.email)
    (link,) = links(provider, ada.email)
    refused = visitor.submit(visitor.get(link), password="password1234")
    assert refused.status_code == 422
    assert "first that attackers try" in text_of(refused)
    assert visitor.submit(refused, password=NEW).status_code == 303


def test_the_answer_is_the_same_for_an_address_without_an_account(provider: Provider) -> None:
    ada, nobody = provider.tenant(), f"{uuid4().hex}@example.com"
    known, unknown = ask(provider.visitor(), ada.email), ask(provider.visitor(), nobody)
    assert known.status_code == unknown.status_code == 200
    assert text_of(known).replace(ada.email, "") == text_of(unknown).replace(nobody, "")
    assert links(provider, nobody) == []
    assert provider.mailer.to(nobody) == []


def test_a_suspended_user_gets_no_link(provider: Provider) -> None:
    ada = provider.tenant()
    bob = provider.member(ada.tenant_id)
    provider.run(ada.tenant_id, suspend_user, bob.user_id)
    ask(provider.visitor(), bob.email)
    assert links(provider, bob.email) == []


def test_a_link_that_went_to_an_address_of_before_is_good_for_nothing(provider: Provider) -> None:
    """Whoever reads the old mailbox would have the account, and with it a new address proven."""
    ada, visitor = provider.tenant(), provider.visitor()
    bob = provider.member(ada.tenant_id)
    ask(visitor, bob.email)
    (link,) = links(provider, bob.email)
    page = visitor.get(link)
    moved = f"new-{bob.email}"
    provider.run(ada.tenant_id, change_user, bob.user_id, ProfileChanges(), moved)

    assert visitor.submit(page, password=NEW).status_code == 410
    assert visitor.get(link).status_code == 410
    now = Person(bob.tenant_id, bob.user_id, moved)
    assert provider.visitor().sign_in(renewed(now)).status_code == 401
    assert provider.visitor().sign_in(now).status_code == 303


def test_an_address_in_two_organisations_gets_a_link_for_each(provider: Provider) -> None:
    email = f"both-{uuid4().hex}@example.com"
    provider.tenant(email, name="Acme")
    provider.tenant(email, name="Globex", locale="zh-Hant")
    ask(provider.visitor(), email)
    assert len(links(provider, email)) == 2
    texts = {mail.text for mail in provider.mailer.to(email)}
    assert sum("Acme" in text for text in texts) == 1
    assert sum("Globex" in text and "您好" in text for text in texts) == 1


def test_nobodys_mailbox_is_flooded(provider: Provider) -> None:
    ada = provider.tenant()
    answers = [ask(provider.visitor(), ada.email).status_code for _ in range(8)]
    assert answers == [200] * 8
    assert len(links(provider, ada.email)) == 3


def test_an_address_that_asks_all_the_time_has_to_wait(provider: Provider) -> None:
    visitor = provider.visitor()
    answers = [ask(visitor, f"{uuid4().hex}@example.com").status_code for _ in range(22)]
    assert answers[:20] == [200] * 20
    assert answers[-1] == 429


def test_a_reset_heals_a_locked_account(provider: Provider) -> None:
    ada, visitor = provider.tenant(), provider.visitor()
    for _ in range(4):
        provider.visitor().sign_in(renewed(ada, "wrong"))
    assert provider.visitor().sign_in(ada).status_code == 429
    ask(visitor, ada.email)
    (link,) = links(provider, ada.email)
    visitor.submit(visitor.get(link), password=NEW)
    assert provider.visitor().sign_in(renewed(ada)).status_code == 303


def test_the_secret_of_a_link_is_not_stored(provider: Provider) -> None:
    ada = provider.tenant()
    ask(provider.visitor(), ada.email)
    (link,) = links(provider, ada.email)
    with provider.service.database.system_transaction() as connection:
        rows = connection.exec_driver_sql("SELECT password_resets::text FROM password_resets")
        assert all(link[-40:] not in row[0] for row in rows)


def test_what_is_no_link_is_told_so(provider: Provider) -> None:
    visitor = provider.visitor()
    for token in ("", "x", "A" * 86, "%00"):
        assert visitor.get(f"/p/identity/reset/new?token={token}").status_code in (400, 410)


def test_a_request_is_worked_off_by_one_replica(provider: Provider) -> None:
    ada = provider.tenant()
    ask(provider.visitor(), ada.email)
    assert provider.parts.reset_mail.deliver() == 1
    assert provider.parts.reset_mail.deliver() == 0
