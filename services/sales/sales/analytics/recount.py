"""Counts anew from the records themselves: to check what facts have told, and to replace it (SA-15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading
from sales.analytics.storage import (
    counted_activities,
    counted_entries,
    counted_leads,
    counted_opportunities,
)
from sales.transaction import SalesTx


@dataclass(frozen=True, slots=True)
class Recount:
    """How a table of what is counted follows from the tables of the records."""

    kind: str
    table: sa.Table
    records: str
    """Its rows by the records, in the order of its columns."""

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
    def remove(self) -> Statement:
        """Takes out what no record stands behind."""
        keys = [c.name for c in self.table.primary_key if c.name != "tenant_id"]
        alike = " AND ".join(f"recorded.{name} = known.{name}" for name in keys)
        columns = ", ".join(self.table.c.keys())
        return Statement(
            f"""
            WITH recorded ({columns}) AS ({self.records})
            DELETE FROM {self.table.name} AS known WHERE tenant_id = %(tenant_id)s
                AND NOT EXISTS (SELECT FROM recorded WHERE {alike})
            """  # noqa: S608 - tables and columns of our own
        )

    @property
    def replace(self) -> Statement:
        """Takes over what the records say, unless a fact has told something later meanwhile."""
        columns, keys = self.table.c.keys(), [c.name for c in self.table.primary_key]
        values = ", ".join(f"{n} = excluded.{n}" for n in columns if n not in keys)
        later = " WHERE known.version <= excluded.version" if "version" in columns else ""
        return Statement(
            f"INSERT INTO {self.table.name} AS known ({', '.join(columns)}) {self.records}"
            f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}{later}"
        )


RECOUNTS = (
    Recount(
        "opportunities",
        counted_opportunities,
        "SELECT tenant_id, id, version, pipeline_id, state, owner_id, base_amount, source, channel,"
        " branch, industry, product_ids, coalesce(loss_reason, ''), opened_at, closed_at"
        " FROM opportunities WHERE tenant_id = %(tenant_id)s",
    ),
    Recount(
        "entries",
        counted_entries,
        "SELECT tenant_id, opportunity_id, number, stage, entered_at FROM opportunity_entries"
        " WHERE tenant_id = %(tenant_id)s",
    ),
    Recount(
        "activities",
        counted_activities,
        "SELECT tenant_id, id, kind, opportunity_id, lead_id, owner_id, coalesce(outcome, ''),"
        " coalesce(minutes, 0), completed_at"
        " FROM activities WHERE tenant_id = %(tenant_id)s AND state = 'done'",
    ),
    Recount(
        "leads",
        counted_leads,
        "SELECT l.tenant_id, l.id, l.version, l.owner_id, l.source, l.campaign, l.captured_at,"
        " l.first_contact_at, c.converted_at, coalesce(c.source, ''), coalesce(c.campaign, '')"
        " FROM leads l LEFT JOIN lead_conversions c ON c.tenant_id = l.tenant_id"
        " AND c.lead_id = l.id WHERE l.tenant_id = %(tenant_id)s",
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


def recount(tx: SalesTx) -> dict[str, Any]:
    """Count all of the tenant's records anew; gives how it compares afterwards.

    Facts that come meanwhile or later are counted as ever: what they say has a later version.
    """
    about = {"tenant_id": tx.tenant_id}
    for one in RECOUNTS:
        tx.write(one.remove, about)
        tx.write(one.replace, about)
    return compare(tx)
