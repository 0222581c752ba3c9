"""Has a service's facts published again from its outbox: when the bus has lost them, or one consumer needs them.

For operators, with the login of the relay. A fact keeps its id, so whoever has had it does nothing
again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import args_row

from chassis.events.outbox import BULK
from chassis.events.unpublished import ENVELOPE, Row

Connection = psycopg.Connection[Any]

_SLICE = 2_000

_COUNT = """
SELECT count(*) FROM outbox
WHERE occurred_at >= %(since)s AND published_at IS NOT NULL
  AND (%(types)s::text[] IS NULL OR type = ANY(%(types)s))
"""

# Of what the bus has had already; the rest is the relay's work in any case.
_MARK = """
WITH slice AS (
    SELECT seq FROM outbox WHERE seq > %(after)s ORDER BY seq LIMIT %(slice)s
), marked AS (
    UPDATE outbox SET published_at = NULL, lane = %(lane)s
    WHERE seq IN (SELECT seq FROM slice) AND occurred_at >= %(since)s AND published_at IS NOT NULL
      AND published_at < %(before)s
    RETURNING seq
)
SELECT (SELECT max(seq) FROM slice), (SELECT count(*) FROM marked)
"""

_READ = f"""
SELECT {ENVELOPE}
FROM outbox
WHERE seq > %(after)s AND occurred_at >= %(since)s AND published_at IS NOT NULL
  AND (%(types)s::text[] IS NULL OR type = ANY(%(types)s))
ORDER BY seq
LIMIT {_SLICE}
"""  # noqa: S608 - nothing of it comes from outside


def connect(dsn: str) -> Connection:
    """A connection for the work here, each statement its own transaction."""
    return psycopg.connect(
        dsn,
        autocommit=True,
        connect_timeout=5,
        application_name="rapport-operator",
        options="-c statement_timeout=60000 -c lock_timeout=5000 -c timezone=UTC",
    )


def published_since(
    connection: Connection, since: datetime, types: Sequence[str] | None = None
) -> int:
    """How many of the facts since then the bus has had."""
    row = connection.execute(_COUNT, {"since": since, "types": _given(types)}).fetchone()
    return 0 if row is None else int(row[0])


def publish_again(connection: Connection, since: datetime, before: datetime) -> Iterator[int]:
    """Hand the facts since then back to the relay, a slice at a time; gives the size of each.

    Only what was published before `before`: what the relay has published meanwhile stays. They go
    through the slow lane, so that nobody who works now waits for them.
    """
    after: int | None = 0
    while after is not None:
        row = connection.execute(
            _MARK,
            {"after": after, "slice": _SLICE, "since": since, "before": before, "lane": BULK},
        ).fetchone()
        if row is None or row[0] is None:
            return
        after = int(row[0])
        yield int(row[1])


def rows_since(
    connection: Connection, since: datetime, types: Sequence[str] | None = None
) -> Iterator[Row]:
    """The facts since then that the bus has had, oldest first, read in slices."""
    after = 0
    while True:
        with connection.cursor(row_factory=args_row(Row), binary=True) as cursor:
            cursor.execute(_READ, {"after": after, "since": since, "types": _given(types)})
            rows = cursor.fetchall()
        if not rows:
            return
        yield from rows
        after = rows[-1].seq


def _given(types: Sequence[str] | None) -> list[str] | None:
    return None if types is None else list(types)
