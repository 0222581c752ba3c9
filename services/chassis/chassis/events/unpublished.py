"""The outbox as the relay sees it: rows that are not published yet, found by their state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import args_row

Connection = psycopg.AsyncConnection[Any]

_COUNTED_AT_MOST = 100_000

ENVELOPE = """
       seq, id::text, tenant_id::text, type, aggregate_id::text, aggregate_version::text, payload,
       actor, traceparent,
       to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), attempts,
       client_id, session_id::text, address, cause::text, lane
"""
"""The columns of a `Row`."""

_READ = f"""
SELECT {ENVELOPE}
FROM outbox
WHERE published_at IS NULL AND lane = %(lane)s AND aggregate_id <> ALL(%(held_up)s::uuid[])
ORDER BY seq
LIMIT %(limit)s
"""  # noqa: S608 - nothing of it comes from outside

_PUBLISHED = """
UPDATE outbox SET published_at = %s, next_attempt_at = NULL, last_error = NULL
WHERE seq = ANY(%s)
"""

_FAILED = """
UPDATE outbox SET attempts = %s, next_attempt_at = %s, last_error = %s WHERE seq = %s
"""

_HELD_UP = """
SELECT aggregate_id::text, max(next_attempt_at) AS until
FROM outbox
WHERE published_at IS NULL AND lane = %s AND next_attempt_at IS NOT NULL
GROUP BY aggregate_id
"""

_MEASURE = """
SELECT (SELECT count(*) FROM (
            SELECT 1 FROM outbox WHERE published_at IS NULL AND lane = %(lane)s LIMIT %(most)s
        ) AS bounded) AS pending,
       (SELECT occurred_at FROM outbox WHERE published_at IS NULL AND lane = %(lane)s
        ORDER BY seq LIMIT 1) AS oldest
"""


class Row(NamedTuple):
    """A fact that waits to be published, its envelope as text: so it goes into the headers."""

    seq: int
    id: str
    tenant_id: str
    type: str
    aggregate_id: str
    aggregate_version: str
    payload: bytes
    actor: str
    traceparent: str | None
    occurred_at: str
    attempts: int
    client_id: str | None
    session_id: str | None
    address: str | None
    cause: str | None
    lane: int


@dataclass(frozen=True, slots=True)
class Setback:
    """A row that could not be published, and when it is tried again."""

    seq: int
    attempts: int
    next_attempt_at: datetime
    reason: str


async def connect(dsn: str, application: str) -> Connection:
    """A direct connection whose death both sides notice within seconds."""
    return await psycopg.AsyncConnection.connect(
        dsn,
        autocommit=True,
        connect_timeout=5,
        application_name=application,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        # A mark that a crash takes back means that a fact is published again, which the broker
        # and every inbox notice; so the relay need not wait for the disk.
        options="-c synchronous_commit=off -c statement_timeout=30000 -c lock_timeout=5000 -c timezone=UTC"
        " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
    )


class Unpublished:
    """One lane's rows. Only one relay works at a time, so rows need no lock."""

    def __init__(self, connection: Connection, lane: int) -> None:
        self._connection = connection
        self._lane = lane

    async def read(self, limit: int, held_up: Iterable[str]) -> list[Row]:
        """The oldest rows, except those of aggregates that are held up.

        Each call begins at the oldest: sequence numbers are given out before the commit, so
        behind any position a row may still appear.
        """
        async with self._connection.cursor(row_factory=args_row(Row), binary=True) as cursor:
            await cursor.execute(
                _READ, {"lane": self._lane, "held_up": list(held_up), "limit": limit}
            )
            return await cursor.fetchall()

    async def mark_published(self, seqs: Sequence[int], at: datetime) -> None:
        """Note rows that the broker has acknowledged."""
        await self._connection.execute(_PUBLISHED, (at, list(seqs)))

    async def mark_failed(self, setbacks: Sequence[Setback]) -> None:
        """Note rows that could not be published."""
        async with self._connection.cursor() as cursor:
            await cursor.executemany(
                _FAILED,
                [(s.attempts, s.next_attempt_at, s.reason[:500], s.seq) for s in setbacks],
            )

    async def held_up(self) -> dict[str, datetime]:
        """Aggregates with a row that failed before, and when that is tried again."""
        cursor = await self._connection.execute(_HELD_UP, (self._lane,))
        return {row[0]: row[1] for row in await cursor.fetchall()}


async def measure(connection: Connection, lane: int) -> tuple[int, datetime | None]:
    """How many rows wait (counted to a bound), and since when the oldest does."""
    cursor = await connection.execute(_MEASURE, {"lane": lane, "most": _COUNTED_AT_MOST})
    row = await cursor.fetchone()
    return (0, None) if row is None else (row[0], row[1])
