"""Tables of passwords, reset links and failed attempts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.dialects.postgresql import insert

from chassis.storage.database import rows_of
from chassis.storage.statements import Statement
from identity.sign_in.domain import Failures

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

passwords = sa.Table(
    "passwords",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("changed_at", _time, nullable=False),
)

password_resets = sa.Table(
    "password_resets",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("id", _uuid, primary_key=True),
    sa.Column("user_id", _uuid, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("created_at", _time, nullable=False),
    sa.Column("expires_at", _time, nullable=False),
    sa.Column("used_at", _time),
)

# The two below belong to no tenant: nobody knows yet whose account it is, or whether there is one.
reset_requests = sa.Table(
    "reset_requests",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("requested_at", _time, nullable=False),
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("level", sa.Double, nullable=False),
    sa.Column("at", _time, nullable=False),
    sa.Column("wait_until", _time, nullable=False),
)


# Written out and sent by the driver: what happens around a password hash must cost next to nothing.
# The rows are locked in the order of their keys, and what was known of them is given back.
_LOCK = Statement(
    "INSERT INTO sign_in_failures AS known (key, level, at, wait_until)"
    " SELECT key, 0, %(now)s, %(now)s FROM unnest(%(keys)s::bytea[]) AS key ORDER BY key"
    " ON CONFLICT (key) DO UPDATE SET at = known.at"
    " RETURNING key, level, at, wait_until"
)
_STORE = Statement(
    "UPDATE sign_in_failures AS known"
    " SET level = now.level, at = now.at, wait_until = now.wait_until"
    " FROM unnest(%(keys)s::bytea[], %(levels)s::float8[], %(at)s::timestamptz[],"
    " %(wait_until)s::timestamptz[]) AS now (key, level, at, wait_until)"
    " WHERE known.key = now.key RETURNING known.key"
)
_FORGIVE = Statement(
    "WITH cleared AS (DELETE FROM sign_in_failures WHERE key = ANY (%(cleared)s::bytea[]))"
    " UPDATE sign_in_failures SET level = greatest(level - 1, 0)"
    " WHERE key = ANY (%(forgiven)s::bytea[]) RETURNING key"
)
# Whoever was let try had no wait before.
_TAKE_BACK = Statement(
    "UPDATE sign_in_failures SET level = greatest(level - 1, 0),"
    " wait_until = least(wait_until, %(now)s)"
    " WHERE key = ANY (%(keys)s::bytea[]) RETURNING key"
)


class FailureCounts:
    """What is remembered of failures, in one transaction of the system login.

    A commit of counts need not wait for the disk: what is lost by it in a crash of the database
    is a fraction of a second's failures.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        rows_of(connection, "SELECT set_config('synchronous_commit', 'off', true)", {})

    def locked(self, keys: list[bytes], now: datetime) -> dict[bytes, Failures]:
        """What is known of these keys; others who count the same ones wait for this transaction."""
        rows = rows_of(self._connection, _LOCK.sql, {"keys": keys, "now": now})
        return {
            bytes(row["key"]): Failures(row["level"], row["at"], row["wait_until"]) for row in rows
        }

    def store(self, counts: Mapping[bytes, Failures]) -> None:
        """Write new counts."""
        failures = list(counts.values())
        values = {
            "keys": list(counts),
            "levels": [each.level for each in failures],
            "at": [each.at for each in failures],
            "wait_until": [each.wait_until for each in failures],
        }
        rows_of(self._connection, _STORE.sql, values)

    def forgive(self, cleared: list[bytes], forgiven: list[bytes]) -> None:
        """Forget all failures of some keys, and one of each of the others."""
        rows_of(self._connection, _FORGIVE.sql, {"cleared": cleared, "forgiven": forgiven})

    def take_back(self, keys: list[bytes], now: datetime) -> None:
        """Count one attempt fewer of each of the keys, and have nobody wait for it."""
        rows_of(self._connection, _TAKE_BACK.sql, {"keys": keys, "now": now})


def store_password(
    connection: sa.Connection, tenant_id: UUID, user_id: UUID, hashed: str, now: datetime
) -> None:
    """Set or replace a user's password."""
    values = {"hash": hashed, "changed_at": now}
    connection.execute(
        insert(passwords)
        .values(tenant_id=tenant_id, user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "user_id"], set_=values)
    )
