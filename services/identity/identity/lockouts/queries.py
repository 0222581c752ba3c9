"""Reads which users, and which of the addresses that they come from, have to wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import NotFound
from chassis.http.address import neighbourhood
from chassis.storage.listing import Listing, ListSpec, time_filter
from chassis.storage.unit_of_work import Reading
from identity.lockouts.domain import Lockout, LockoutKind
from identity.lockouts.storage import WAITS_OF_KEYS, filled, waiting_addresses, waiting_users
from identity.sessions.storage import alive, sessions
from identity.sign_in.domain import Subject, own_count
from identity.users.domain import UserStatus
from identity.users.storage import users

KeyOf = Callable[[Subject, str], bytes]
"""The key that failures are counted under."""

_AT_A_TIME = 2_000
_users, _addresses = waiting_users.c, waiting_addresses.c

LOCKOUTS = ListSpec(
    key=_users.user_id,
    sorts={"until": _users.until, "since": _users.since, "name": users.c.name},
    default_sort="-until",
    filters={"since": time_filter(_users.since), "until": time_filter(_users.until)},
)
DELAYED_ADDRESSES = ListSpec(
    key=_addresses.address,
    sorts={"until": _addresses.until, "since": _addresses.since},
    default_sort="-until",
    filters={"since": time_filter(_addresses.since), "until": time_filter(_addresses.until)},
)


def list_lockouts(reading: Reading, listing: Listing, key_of: KeyOf) -> dict[str, Any]:
    """A page of the users within reach who have to wait."""
    found = [row for some in _accounts(reading) for row in _longest(reading, key_of, some)]
    return listing.fetch(reading.connection, _shown(reading, found), _present)


def get_lockout(reading: Reading, user_id: UUID, key_of: KeyOf) -> dict[str, Any]:
    """How long a user has to wait. Raises `NotFound` for who need not, or is out of reach."""
    accounts = _of_accounts(reading).where(users.c.id == user_id)
    keys = {row.id: row.email_key for row in reading.connection.execute(accounts)}
    for row in _longest(reading, key_of, keys):
        return _present(reading.connection.execute(_shown(reading, [row])).one())
    raise NotFound.of("lockout", user_id)


def list_delayed_addresses(reading: Reading, listing: Listing, key_of: KeyOf) -> dict[str, Any]:
    """A page of the addresses that have to wait, of those that users within reach are signed in from.

    What else the platform counts failures of is nobody's to know.
    """
    statement = (
        sa.select(sessions.c.address, sessions.c.user_id)
        .distinct()
        .where(sessions.c.tenant_id == reading.caller.tenant_id, alive(reading.clock.now()))
    )
    whose: defaultdict[str, set[UUID]] = defaultdict(set)
    for row in reading.connection.execute(reading.scope.narrow(statement, sessions.c.user_id)):
        whose[neighbourhood(row.address)].add(row.user_id)
    names = {address: address for address in whose}
    found = [
        (address, len(whose[address]), wait.level, wait.since, wait.until)
        for address, wait in _waiting(reading, LockoutKind.ADDRESS, key_of, names)
    ]
    columns = sa.select(*_addresses).params(filled(waiting_addresses, found))
    return listing.fetch(reading.connection, columns, _present_address)


def _accounts(reading: Reading) -> Iterator[dict[UUID, str]]:
    """The address of each user whose wait a tenant may know, some at a time."""
    after: UUID | None = None
    while True:
        statement = _of_accounts(reading).order_by(users.c.id).limit(_AT_A_TIME)
        if after is not None:
            statement = statement.where(users.c.id > after)
        rows = reading.connection.execute(statement).all()
        yield {row.id: row.email_key for row in rows}
        if len(rows) < _AT_A_TIME:
            return
        after = rows[-1].id


def _of_accounts(reading: Reading) -> sa.Select[Any]:
    """Those within reach who may sign in and have proven that the address is theirs.

    Failures are counted by address, over all organisations: whoever enters the address of a stranger
    must not learn from it that somebody tries to sign in with that one elsewhere.
    """
    statement = sa.select(users.c.id, users.c.email_key).where(
        users.c.tenant_id == reading.caller.tenant_id,
        users.c.status == UserStatus.ACTIVE,
        users.c.email_verified_at.is_not(None),
    )
    return reading.scope.narrow(statement, users.c.id)


def _longest(
    reading: Reading, key_of: KeyOf, accounts: dict[UUID, str]
) -> list[tuple[UUID, LockoutKind, float, datetime, datetime]]:
    """The longer wait of each of the users who have one, with the password or the second factor."""
    tenant_id = reading.caller.tenant_id
    steps = {
        LockoutKind.ACCOUNT: accounts,
        LockoutKind.SECOND_FACTOR: {one: own_count(tenant_id, one) for one in accounts},
    }
    longest: dict[UUID, Lockout] = {}
    for kind, names in steps.items():
        for user_id, wait in _waiting(reading, kind, key_of, names):
            known = longest.get(user_id)
            if known is None or wait.until > known.until:
                longest[user_id] = wait
    return [(one, w.kind, w.level, w.since, w.until) for one, w in longest.items()]


def _waiting(
    reading: Reading, kind: LockoutKind, key_of: KeyOf, names: dict[Any, str]
) -> Iterable[tuple[Any, Lockout]]:
    """Those of the names that have to wait now, by what they are known by here."""
    keys = {key_of(Subject(kind), name): known for known, name in names.items()}
    rows = reading.fetch_all(WAITS_OF_KEYS, {"keys": list(keys), "now": reading.clock.now()})
    return [
        (keys[bytes(row["key"])], Lockout(kind, row["level"], row["at"], row["wait_until"]))
        for row in rows
    ]


def _shown(reading: Reading, found: list[tuple[Any, ...]]) -> sa.Select[Any]:
    return (
        sa.select(*_users, users.c.email, users.c.name)
        .join(users, users.c.id == _users.user_id)
        .where(users.c.tenant_id == reading.caller.tenant_id)
        .params(filled(waiting_users, found))
    )


def _present(row: sa.Row[Any]) -> dict[str, Any]:
    wait = Lockout(LockoutKind(row.kind), row.level, row.since, row.until)
    whose = {"user_id": row.user_id, "email": row.email, "name": row.name}
    return {**whose, "step": wait.step, **wait.shown()}


def _present_address(row: sa.Row[Any]) -> dict[str, Any]:
    wait = Lockout(LockoutKind.ADDRESS, row.level, row.since, row.until)
    return {"address": row.address, "users": row.users, **wait.shown()}
