"""Sessions that begin while all of a user's end: none is left over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest

from chassis.testing.harness import TestDatabase
from chassis.testing.waiting import eventually
from identity.oauth import codes
from identity.oauth.consents import withdraw_consent
from identity.oauth.grantee import Grantee
from identity.sessions.domain import Device, EndReason
from identity.sessions.operations import end_all_sessions
from identity.sign_in.domain import PasswordReason, WrongPassword
from identity.sign_in.operations import begin_signed_in, set_password
from identity.sign_in.queries import Account
from identity.tickets import Ticket
from identity.transaction import IdentityTx

from ..provider import Challenge, Person, Provider

R = TypeVar("R")
HERE = Device("Firefox on Windows", "2001:db8::1")
_WAITERS = "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"


class Turns:
    """Has one operation hold what it has locked until another waits for it."""

    def __init__(self, provider: Provider, database: TestDatabase) -> None:
        self._provider = provider
        self._database = database

    def take(self, tenant_id: UUID, first: Callable[[IdentityTx], R], then: Callable[[], Any]) -> R:
        """The result of the first; what the other raises is raised."""
        held, released = threading.Event(), threading.Event()
        backend: list[int] = []

        def holding(tx: IdentityTx) -> R:
            result = first(tx)
            tx.finish()
            backend.append(tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
            held.set()
            released.wait(60)
            return result

        with (
            ThreadPoolExecutor(2) as pool,
            psycopg.connect(self._database.admin_url, autocommit=True) as looking,
        ):
            begun: Future[R] = pool.submit(self._provider.run, tenant_id, holding)
            try:
                assert held.wait(30)
                following = pool.submit(then)
                eventually(lambda: _is_waited_for(looking, backend[0]))
            finally:
                released.set()
            following.result()
            return begun.result()


def _is_waited_for(looking: psycopg.Connection[Any], backend: int) -> bool:
    row = looking.execute(_WAITERS, [backend]).fetchone()
    return row is not None and row[0] > 0


@pytest.fixture
def turns(provider: Provider, database: TestDatabase) -> Turns:
    """Operations that meet."""
    return Turns(provider, database)


def account_of(provider: Provider, person: Person) -> Account:
    """A user's account as it is looked at before the password is compared."""
    found = provider.parts.passwords.account(person.tenant_id, person.user_id)
    assert found is not None
    return found


def renew(tx: IdentityTx, person: Person, hashed: str) -> int:
    """Set another password, and end all sessions."""
    set_password(tx, person.user_id, hashed, PasswordReason.RESET)
    return end_all_sessions(tx, person.user_id, EndReason.PASSWORD_RESET)


def test_an_app_that_is_let_in_meanwhile_is_ended_as_well(provider: Provider, turns: Turns) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    address = provider.authorize_address(app, challenge, scope="openid offline_access")
    ticket = Ticket.read(provider.code(provider.visitor(), ada, address))
    assert ticket is not None

    def let_in(tx: IdentityTx) -> Grantee | None:
        return codes.exchange_code(tx, ticket, refreshable=True)

    def end_all() -> None:
        reason = EndReason.ENDED_BY_ADMINISTRATOR
        assert provider.run(ada.tenant_id, end_all_sessions, ada.user_id, reason) == 2

    grantee = turns.take(ada.tenant_id, let_in, end_all)
    assert grantee is not None
    assert provider.refresh(app, str(grantee.refresh)).status_code == 400


def test_an_app_that_exchanges_its_code_while_consent_is_withdrawn_is_out(
    provider: Provider, turns: Turns
) -> None:
    ada = provider.tenant()
    app, challenge = provider.app(ada.tenant_id), Challenge()
    address = provider.authorize_address(app, challenge, scope="openid offline_access")
    ticket = Ticket.read(provider.code(provider.visitor(), ada, address))
    assert ticket is not None

    def let_in(tx: IdentityTx) -> Grantee | None:
        return codes.exchange_code(tx, ticket, refreshable=True)

    def withdraw() -> None:
        assert provider.run(ada.tenant_id, withdraw_consent, ada.user_id, app.client_id) == 1

    grantee = turns.take(ada.tenant_id, let_in, withdraw)
    assert grantee is not None
    assert provider.refresh(app, str(grantee.refresh)).status_code == 400


def test_nobody_gets_in_with_a_password_that_is_replaced_meanwhile(
    provider: Provider, turns: Turns
) -> None:
    ada = provider.tenant()
    hashed = provider.parts.hasher.hash("another password", ada.email)
    known = account_of(provider, ada)
    provider.move(seconds=1)
    with pytest.raises(WrongPassword):
        turns.take(
            ada.tenant_id,
            lambda tx: renew(tx, ada, hashed),
            lambda: provider.parts.passwords.begin(known, HERE),
        )


def test_a_session_that_a_password_began_ends_with_it(provider: Provider, turns: Turns) -> None:
    ada = provider.tenant()
    hashed = provider.parts.hasher.hash("another password", ada.email)
    known = account_of(provider, ada)
    provider.move(seconds=1)

    def begin(tx: IdentityTx) -> None:
        begin_signed_in(tx, ada.user_id, known.password_set_at, HERE, known.lifetime)

    def replace() -> None:
        assert provider.run(ada.tenant_id, renew, ada, hashed) == 1

    turns.take(ada.tenant_id, begin, replace)
