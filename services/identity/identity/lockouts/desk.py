"""Lockouts as those see them who run the platform: of any account, and of any address (ID-12, PL-11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import SecretStr

from chassis.clock import SystemClock, TimeOrderedIds
from chassis.context import PLATFORM
from chassis.domain import Invalid
from chassis.http.address import neighbourhood
from chassis.storage.database import Database
from chassis.storage.unit_of_work import Operations
from identity.callers import operator_at_work
from identity.desks import DeskAccess, at_the_desk, opened
from identity.domain import checked_email, email_key
from identity.facts import ENCODER
from identity.lockouts.domain import Lockout, LockoutKind, LockoutLifted
from identity.lockouts.operations import lift_waits, note_lift
from identity.platform_facts import PlatformFacts
from identity.sign_in.domain import Subject
from identity.sign_in.queries import users_by_email
from identity.sign_in.storage import sign_in_failures
from identity.sign_in.throttle import Throttle
from identity.transaction import IdentityTx


@contextmanager
def open_desk(
    access: DeskAccess, secret: SecretStr | None = None, operator: str | None = None
) -> Iterator[LockoutDesk]:
    """A desk over identity's database; `secret` is the service's signing secret.

    Failures are counted under keys that only this secret makes. Raises `Invalid` without it, or for a
    name that the audit log would confuse.
    """
    name = at_the_desk(operator)
    if secret is None:
        raise Invalid("Failures are counted under a secret, and that is not known here.")
    with opened(access) as database:
        yield LockoutDesk(database, secret, name)


class LockoutDesk:
    """What an operator does about waits; the audit logs of those concerned have it."""

    def __init__(self, database: Database, secret: SecretStr, operator: str) -> None:
        self._database = database
        self._operator = operator
        self._clock = SystemClock()
        self._ids = TimeOrderedIds()
        self._throttle = Throttle(database, self._clock, secret.get_secret_value())

    def shown(self, who: str) -> dict[str, Any]:
        """How long an account or an address has to wait; with the state None for not at all.

        `who` is an e-mail address, be there an account or not, or an IP address. Raises `Invalid`.
        """
        kind, name = _subject_of(who)
        columns = sign_in_failures.c
        statement = sa.select(columns.level, columns.at, columns.wait_until).where(
            self._waiting(kind, name)
        )
        with self._database.system_transaction() as connection:
            row = connection.execute(statement).first()
        if row is None:
            return {"kind": kind, "state": None}
        return {"kind": kind, **Lockout(kind, row.level, row.at, row.wait_until).shown()}

    def lift(self, who: str) -> dict[str, Any]:
        """Have an account or an address wait no longer; tells whether it did. Raises `Invalid`.

        Each organisation that lets somebody in with an e-mail address has it in its audit log; where
        none does, and for an IP address, the operators' has it.
        """
        kind, name = _subject_of(who)
        whose: list[tuple[UUID, UUID]] = []
        if kind is LockoutKind.ACCOUNT:
            with self._database.system_transaction() as connection:
                whose = users_by_email(connection, name)
        if not whose:
            return {"kind": kind, "lifted": self._lifted_of_nobody(kind, name)}
        (tenant_id, user_id), *others = whose
        key_of = self._throttle.key_of
        lifted = self._run(tenant_id, lambda tx: lift_waits(tx, user_id, name, key_of))
        for elsewhere, other in others:
            # The password's count is one for all of them; each has a second factor of its own.
            again = self._run(elsewhere, lambda tx, one=other: lift_waits(tx, one, name, key_of))
            if lifted and not again:
                self._run(elsewhere, lambda tx, one=other: note_lift(tx, one))
            lifted = lifted or again
        return {"kind": kind, "lifted": lifted}

    def _lifted_of_nobody(self, kind: LockoutKind, name: str) -> bool:
        with self._database.system_transaction() as connection:
            gone = connection.execute(sa.delete(sign_in_failures).where(self._waiting(kind, name)))
            if gone.rowcount:
                told = [(LockoutLifted(kind), self._ids.new())]
                facts = PlatformFacts(ENCODER, self._clock, self._ids)
                facts.tell(connection, operator_at_work(PLATFORM, self._operator), told)
        return bool(gone.rowcount)

    def _waiting(self, kind: LockoutKind, name: str) -> sa.ColumnElement[bool]:
        columns = sign_in_failures.c
        key = self._throttle.key_of(Subject(kind), name)
        return sa.and_(columns.key == key, columns.wait_until > self._clock.now())

    def _run(self, tenant_id: UUID, operation: Callable[..., Any]) -> Any:
        run = Operations(
            self._database, IdentityTx, facts=ENCODER, clock=self._clock, ids=self._ids
        )
        return run.run(operator_at_work(tenant_id, self._operator), operation)


def _subject_of(who: str) -> tuple[LockoutKind, str]:
    """Whose failures are meant, and under which name they are counted."""
    if "@" in who:
        return LockoutKind.ACCOUNT, email_key(checked_email(who))
    try:
        return LockoutKind.ADDRESS, neighbourhood(str(ip_address(who.partition("/")[0])))
    except ValueError:
        raise Invalid.at("/who", "not_an_address", "This is no e-mail or IP address.") from None
