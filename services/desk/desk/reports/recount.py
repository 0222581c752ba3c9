"""Counts anew from the records themselves: to check what facts have told, and to replace it (DE-13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Conflict
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from desk.reports.storage import WORKED_OUT, counted_replies, counted_spells, counted_tickets
from desk.transaction import DeskTx

BATCH = 1_000
"""How many records are counted anew in one transaction."""
Batch = Callable[[DeskTx], UUID | None]
"""Counts the next records anew; gives the last of them, None when none are left."""
Apart = Callable[[Batch], UUID | None]
"""Runs a batch in a transaction of its own."""
_EVERYTHING = "true"
_NEXT = "{0} > %(after)s AND {0} <= %(upto)s"


@dataclass(frozen=True, slots=True)
class Recount:
    """How a table of what is counted follows from the tables of the records.

    `records` are its rows by the records, in the order of its columns; `{within}` in it is where the
    condition on `key` goes, a column that the rows are gone through by. What is `apart` is no part of
    a replacement: what `then` is done for it once the rows are locked.
    """

    kind: str
    table: sa.Table
    records: str
    source: str
    key: str
    counted_key: str
    apart: tuple[str, ...] = ()
    then: str = ""

    @property
    def columns(self) -> list[str]:
        """The columns, but for what the database works out."""
        return [column.name for column in self.table.c if column.name not in WORKED_OUT]

    @property
    def compare(self) -> Statement:
        """Counts both, and the rows of which one says other than the other, or nothing."""
        names = self.columns
        content = ", ".join(name for name in names if name != "version")
        keys = ", ".join(column.name for column in self.table.primary_key)
        listed, records = ", ".join(names), self._records(_EVERYTHING)
        return Statement(
            f"""
            WITH recorded ({listed}) AS ({records}), counted AS (
                SELECT {listed} FROM {self.table.name} WHERE tenant_id = %(tenant_id)s
            ), differing AS (
                (SELECT {content} FROM recorded EXCEPT SELECT {content} FROM counted)
                UNION ALL (SELECT {content} FROM counted EXCEPT SELECT {content} FROM recorded)
            )
            SELECT (SELECT count(*) FROM recorded) AS recorded,
                (SELECT count(*) FROM counted) AS counted,
                (SELECT count(DISTINCT ({keys})) FROM differing) AS differing
            """  # noqa: S608 - tables and columns of our own
        )

    @property
    def upto(self) -> Statement:
        """The last of the next so many records; nothing when there are no more than that."""
        return Statement(
            f"SELECT {self.key} AS last FROM {self.source} WHERE tenant_id = %(tenant_id)s"  # noqa: S608
            f" AND {self.key} > %(after)s ORDER BY {self.key} OFFSET %(skipped)s LIMIT 1"
        )

    @property
    def remove(self) -> Statement:
        """Takes out what no record stands behind, within the batch."""
        keys = [c.name for c in self.table.primary_key if c.name != "tenant_id"]
        alike = " AND ".join(f"recorded.{name} = known.{name}" for name in keys)
        return Statement(
            f"""
            WITH recorded ({", ".join(self.columns)}) AS ({self._batch})
            DELETE FROM {self.table.name} AS known WHERE tenant_id = %(tenant_id)s
                AND {self._counted_batch}
                AND NOT EXISTS (SELECT FROM recorded WHERE {alike})
            """  # noqa: S608 - tables and columns of our own
        )

    @property
    def replace(self) -> Statement:
        """Takes over what the records of the batch say that is not counted so; locks its rows.

        Where a fact has told something later meanwhile, that stays.
        """
        columns, keys = self.columns, [c.name for c in self.table.primary_key]
        others = [name for name in columns if name not in (*keys, *self.apart)]
        values = ", ".join(f"{name} = excluded.{name}" for name in others)
        known, told = (", ".join(f"{of}.{name}" for name in others) for of in ("known", "excluded"))
        later = "known.version <= excluded.version AND " if "version" in columns else ""
        return Statement(
            f"INSERT INTO {self.table.name} AS known ({', '.join(columns)}) {self._batch}"
            f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}"
            f" WHERE {later}({known}) IS DISTINCT FROM ({told})"
        )

    @property
    def afterwards(self) -> Statement | None:
        """What is done once the rows of the batch are locked."""
        return Statement(self.then.format(within=self._counted_batch)) if self.then else None

    @property
    def _counted_batch(self) -> str:
        return _NEXT.format(self.counted_key)

    @property
    def _batch(self) -> str:
        return self._records(_NEXT.format("k"))

    def _records(self, within: str) -> str:
        return self.records.replace("{within}", within)


_STANDING = """
SELECT c.ticket_id, c.at, c.changes -> 'status' ->> 1 AS stood,
    c.changes -> 'status' ->> 0 = 'resolved' AND c.changes -> 'status' ->> 1 <> 'closed' AS again,
    count(*) FILTER (WHERE c.changes -> 'status' ->> 0 = 'resolved'
        AND c.changes -> 'status' ->> 1 <> 'closed')
        OVER (PARTITION BY c.ticket_id ORDER BY c.ticket_version, c.id)::integer AS number
FROM ticket_changes AS c CROSS JOIN LATERAL (SELECT c.ticket_id AS k) AS keyed
WHERE c.tenant_id = %(tenant_id)s AND c.what = 'status' AND {within}
"""
_TICKETS = f"""
SELECT t.tenant_id, t.id, t.version, t.type, t.priority, t.channel, t.language, t.product_sku,
    t.queue_id, t.team_id, t.company_id, t.assignee_id, t.tags, t.opened_at, t.reopened,
    stood.resolved_at, coalesce(stood.resolved_round, -1), t.closed_at, stood.ended_at,
    replied.first_reply_at, coalesce(replied.replies, 0)
FROM tickets AS t CROSS JOIN LATERAL (SELECT t.id AS k) AS keyed
LEFT JOIN (
    SELECT ticket_id, max(at) FILTER (WHERE stood = 'resolved') AS resolved_at,
        max(number) FILTER (WHERE stood = 'resolved') AS resolved_round,
        min(at) FILTER (WHERE number = 0 AND stood IN ('resolved', 'closed')) AS ended_at
    FROM ({_STANDING}) AS standing GROUP BY ticket_id
) AS stood ON stood.ticket_id = t.id
LEFT JOIN (
    SELECT m.origin_ticket_id, min(m.said_at) AS first_reply_at, count(*)::integer AS replies
    FROM messages AS m CROSS JOIN LATERAL (SELECT m.origin_ticket_id AS k) AS keyed
    WHERE m.tenant_id = %(tenant_id)s AND m.kind = 'reply' AND NOT m.automatic AND {{within}}
    GROUP BY m.origin_ticket_id
) AS replied ON replied.origin_ticket_id = t.id
WHERE t.tenant_id = %(tenant_id)s AND {{within}}
"""  # noqa: S608 - tables and columns of our own
_SPELLS = f"""
SELECT %(tenant_id)s::uuid, ticket_id, number, min(at) FILTER (WHERE again),
    min(at) FILTER (WHERE stood IN ('resolved', 'closed'))
FROM ({_STANDING}) AS standing WHERE number > 0 GROUP BY ticket_id, number
"""  # noqa: S608 - tables and columns of our own
RECOUNTS = (
    Recount(
        "replies",
        counted_replies,
        "SELECT m.tenant_id, m.id, m.origin_ticket_id, m.said_at FROM messages AS m"
        " CROSS JOIN LATERAL (SELECT m.id AS k) AS keyed WHERE m.tenant_id = %(tenant_id)s"
        " AND m.kind = 'reply' AND NOT m.automatic AND {within}",
        "messages",
        key="id",
        counted_key="message_id",
    ),
    Recount(
        "tickets",
        counted_tickets,
        _TICKETS,
        "tickets",
        key="id",
        counted_key="ticket_id",
        # An answer that is told of meanwhile adds to these; rows that are locked have it or get it.
        apart=("first_reply_at", "replies"),
        then="UPDATE counted_tickets AS t SET replies = coalesce(r.replies, 0),"
        " first_reply_at = r.first_reply_at FROM ("
        "SELECT ticket_id FROM counted_tickets WHERE tenant_id = %(tenant_id)s AND {within}"
        ") AS s LEFT JOIN (SELECT ticket_id, count(*)::integer AS replies,"
        " min(sent_at) AS first_reply_at"
        " FROM counted_replies WHERE tenant_id = %(tenant_id)s AND {within} GROUP BY ticket_id"
        ") AS r ON r.ticket_id = s.ticket_id"
        " WHERE t.tenant_id = %(tenant_id)s AND t.ticket_id = s.ticket_id"
        " AND (t.replies, t.first_reply_at)"
        " IS DISTINCT FROM (coalesce(r.replies, 0), r.first_reply_at)",
    ),
    Recount("spells", counted_spells, _SPELLS, "tickets", key="id", counted_key="ticket_id"),
)
"""Every table of what is counted; answers come before the tickets that go by them."""


def compare(reading: Reading | DeskTx) -> dict[str, Any]:
    """How what facts have told compares with the records.

    Facts that are still on their way count as differences.
    """
    about = {"tenant_id": reading.caller.tenant_id}
    items = []
    for one in RECOUNTS:
        found = reading.fetch_one(one.compare, about) or {}
        items.append({"kind": one.kind, **found})
    return {"agrees": not any(one["differing"] for one in items), "items": items}


def recount(tx: DeskTx, apart: Apart, size: int = BATCH) -> dict[str, Any]:
    """Count all of the tenant's records anew, a batch at a time; gives how it compares afterwards.

    Facts that come meanwhile or later are counted as ever. Each batch is done and committed `apart`;
    this transaction only keeps others from doing the same, until it ends. Raises `Conflict` while
    somebody else does.
    """
    about = {"tenant_id": tx.tenant_id}
    alone = tx.fetch_one(_ALONE, about)
    if alone is None or not alone["had"]:
        message = "Somebody has the records counted anew already; wait for it to end."
        raise Conflict(message, code="recount_running", retry_after=5)
    for one in RECOUNTS:
        after: UUID | None = _FIRST
        while after is not None:
            after = apart(partial(_batch, one, after, size))
            # A transaction that does nothing for a minute is ended by the database.
            tx.fetch_one(_STILL_HERE, about)
    return compare(tx)


def _batch(one: Recount, after: UUID, size: int, tx: DeskTx) -> UUID | None:
    """Count the next records of a kind anew; gives the last of them, None when none are left."""
    about = {"tenant_id": tx.tenant_id, "after": after}
    row = tx.fetch_one(one.upto, {**about, "skipped": size - 1})
    last = None if row is None else UUID(str(row["last"]))
    about["upto"] = last or _LAST
    tx.write(one.remove, about)
    tx.write(one.replace, about)
    if one.afterwards is not None:
        tx.write(one.afterwards, about)
    return last


_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_ALONE = Statement(
    "SELECT pg_try_advisory_xact_lock("
    "hashtextextended('recount of ' || %(tenant_id)s::text, 0)) AS had"
)
_STILL_HERE = Statement("SELECT %(tenant_id)s::text AS tenant_id")
