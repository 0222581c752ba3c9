"""Counts anew from the records themselves: to check what facts have told, and to replace it (SA-15)."""

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
from sales.analytics.storage import (
    counted_activities,
    counted_entries,
    counted_leads,
    counted_opportunities,
)
from sales.transaction import SalesTx

BATCH = 1_000
"""How many records are counted anew in one transaction."""
Batch = Callable[[SalesTx], UUID | None]
"""Counts the next records anew; gives the last of them, None when none are left."""
Apart = Callable[[Batch], UUID | None]
"""Runs a batch in a transaction of its own."""


@dataclass(frozen=True, slots=True)
class Recount:
    """How a table of what is counted follows from the tables of the records."""

    kind: str
    table: sa.Table
    records: str
    """Its rows by the records, in the order of its columns."""
    source: str
    """Where the records are, in batches by their key."""
    key: str = "id"
    tenant: str = "tenant_id"

    @property
    def compare(self) -> Statement:
        """Counts both, and the rows of which one says other than the other, or nothing."""
        content = ", ".join(c.name for c in self.table.c if c.name != "version")
        keys = ", ".join(column.name for column in self.table.primary_key)
        columns = ", ".join(self.table.c.keys())
        return Statement(
            f"""
            WITH recorded ({columns}) AS ({self.records}), counted AS (
                SELECT {columns} FROM {self.table.name} WHERE tenant_id = %(tenant_id)s
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
            f"""
            SELECT {self.key} AS last FROM {self.source}
            WHERE {self.tenant} = %(tenant_id)s AND {self.key} > %(after)s
            ORDER BY {self.key} OFFSET %(skipped)s LIMIT 1
            """  # noqa: S608 - tables and columns of our own
        )

    @property
    def remove(self) -> Statement:
        """Takes out what no record stands behind, within the batch."""
        keys = [c.name for c in self.table.primary_key if c.name != "tenant_id"]
        alike = " AND ".join(f"recorded.{name} = known.{name}" for name in keys)
        columns = ", ".join(self.table.c.keys())
        return Statement(
            f"""
            WITH recorded ({columns}) AS ({self._batch})
            DELETE FROM {self.table.name} AS known WHERE tenant_id = %(tenant_id)s
                AND {keys[0]} > %(after)s AND {keys[0]} <= %(upto)s
                AND NOT EXISTS (SELECT FROM recorded WHERE {alike})
            """  # noqa: S608 - tables and columns of our own
        )

    @property
    def replace(self) -> Statement:
        """Takes over what the records of the batch say that is not counted so.

        Where a fact has told something later meanwhile, that stays.
        """
        columns, keys = self.table.c.keys(), [c.name for c in self.table.primary_key]
        others = [name for name in columns if name not in keys]
        values = ", ".join(f"{name} = excluded.{name}" for name in others)
        known, told = (", ".join(f"{of}.{name}" for name in others) for of in ("known", "excluded"))
        later = "known.version <= excluded.version AND " if "version" in columns else ""
        return Statement(
            f"INSERT INTO {self.table.name} AS known ({', '.join(columns)}) {self._batch}"
            f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}"
            f" WHERE {later}({known}) IS DISTINCT FROM ({told})"
        )

    @property
    def _batch(self) -> str:
        return f"{self.records} AND {self.key} > %(after)s AND {self.key} <= %(upto)s"


RECOUNTS = (
    Recount(
        "opportunities",
        counted_opportunities,
        "SELECT tenant_id, id, version, pipeline_id, state, owner_id, base_amount, source, channel,"
        " branch, industry, product_ids, coalesce(loss_reason, ''), opened_at, closed_at, lead_id"
        " FROM opportunities WHERE tenant_id = %(tenant_id)s",
        "opportunities",
    ),
    Recount(
        "entries",
        counted_entries,
        "SELECT tenant_id, opportunity_id, number, stage, entered_at FROM opportunity_entries"
        " WHERE tenant_id = %(tenant_id)s",
        "opportunity_entries",
        key="opportunity_id",
    ),
    Recount(
        "activities",
        counted_activities,
        "SELECT tenant_id, id, kind, opportunity_id, lead_id, owner_id, coalesce(outcome, ''),"
        " coalesce(minutes, 0), completed_at"
        " FROM activities WHERE tenant_id = %(tenant_id)s AND state = 'done'",
        "activities",
    ),
    Recount(
        "leads",
        counted_leads,
        "SELECT l.tenant_id, l.id, l.version, l.owner_id, l.source, l.campaign, l.captured_at,"
        " l.first_contact_at, c.converted_at, coalesce(c.source, ''), coalesce(c.campaign, '')"
        " FROM leads l LEFT JOIN lead_conversions c ON c.tenant_id = l.tenant_id"
        " AND c.lead_id = l.id WHERE l.tenant_id = %(tenant_id)s",
        "leads l",
        key="l.id",
        tenant="l.tenant_id",
    ),
)
"""Every table of what is counted."""


def compare(reading: Reading | SalesTx) -> dict[str, Any]:
    """How what facts have told compares with the records.

    Facts that are still on their way count as differences.
    """
    about = {"tenant_id": reading.caller.tenant_id}
    items = []
    for one in RECOUNTS:
        found = reading.fetch_one(one.compare, about) or {}
        items.append({"kind": one.kind, **found})
    return {"agrees": not any(one["differing"] for one in items), "items": items}


def recount(tx: SalesTx, apart: Apart, size: int = BATCH) -> dict[str, Any]:
    """Count all of the tenant's records anew, a batch at a time; gives how it compares afterwards.

    Facts that come meanwhile or later are counted as ever: what they say has a later version. Each
    batch is done and committed `apart`; this transaction only keeps others from doing the same, until
    it ends. Raises `Conflict` while somebody else does.
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


def _batch(one: Recount, after: UUID, size: int, tx: SalesTx) -> UUID | None:
    """Count the next records of a kind anew; gives the last of them, None when none are left."""
    about = {"tenant_id": tx.tenant_id, "after": after}
    row = tx.fetch_one(one.upto, {**about, "skipped": size - 1})
    last = None if row is None else UUID(str(row["last"]))
    about["upto"] = last or _LAST
    tx.write(one.remove, about)
    tx.write(one.replace, about)
    return last


_FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_ALONE = Statement(
    "SELECT pg_try_advisory_xact_lock("
    "hashtextextended('recount of ' || %(tenant_id)s::text, 0)) AS had"
)
_STILL_HERE = Statement("SELECT %(tenant_id)s::text AS tenant_id")
