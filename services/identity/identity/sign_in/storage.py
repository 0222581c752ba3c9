"""Tables of passwords, reset links and failed attempts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.dialects.postgresql import insert

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


class FailureCounts:
    """What is remembered of failures, in one transaction of the system login."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def locked(self, keys: list[bytes], now: datetime) -> dict[bytes, Failures]:
        """What is known of these keys; others who count the same ones wait for this transaction."""
        fresh = [{"key": key, "level": 0.0, "at": now, "wait_until": now} for key in sorted(keys)]
        self._connection.execute(insert(sign_in_failures).values(fresh).on_conflict_do_nothing())
        rows = self._connection.execute(
            sa.select(sign_in_failures)
            .where(sign_in_failures.c.key.in_(keys))
            .order_by(sign_in_failures.c.key)
            .with_for_update()
        )
        return {bytes(row.key): Failures(row.level, row.at, row.wait_until) for row in rows}

    def store(self, counts: Mapping[bytes, Failures]) -> None:
        """Write new counts."""
        for key in sorted(counts):
            failures = counts[key]
            self._connection.execute(
                sa.update(sign_in_failures)
                .where(sign_in_failures.c.key == key)
                .values(level=failures.level, at=failures.at, wait_until=failures.wait_until)
            )

    def forgive(self, keys: list[bytes]) -> None:
        """Count one failure fewer."""
        self._connection.execute(
            sa.update(sign_in_failures)
            .where(sign_in_failures.c.key.in_(keys))
            .values(level=sa.func.greatest(sign_in_failures.c.level - 1, 0.0))
        )

    def clear(self, keys: list[bytes]) -> None:
        """Forget these."""
        self._connection.execute(
            sa.delete(sign_in_failures).where(sign_in_failures.c.key.in_(keys))
        )


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
