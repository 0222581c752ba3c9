"""Tables of the audit log, and what adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.bulk import BulkInsert
from chassis.storage.statements import Statement
from identity.audit.domain import GENESIS, Entry, Head, Record

if TYPE_CHECKING:
    from chassis.storage.unit_of_work import UnitOfWork

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)
_time = sa.DateTime(timezone=True)

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("id", _uuid, nullable=False),
    sa.Column("occurred_at", _time, nullable=False),
    sa.Column("recorded_at", _time, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text),
    sa.Column("session_id", _uuid),
    sa.Column("address", sa.Text),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("record_kind", sa.Text),
    sa.Column("record_id", _uuid, nullable=False),
    sa.Column("record_version", sa.BigInteger, nullable=False),
    sa.Column("trace_id", sa.Text),
    sa.Column("cause", _uuid),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

RECORD_FIELDS = tuple(
    str(column.name)
    for column in audit_entries.c
    if column.name not in ("number", "previous_hash", "hash")
)

# The ids that there are already are looked for beside it: whoever adds them at the same time is
# kept apart by the inbox, and what came long ago is seen.
_LOCK = Statement(
    "SELECT number, hash, ARRAY(SELECT id FROM audit_entries"
    " WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s::uuid[])) AS known"
    " FROM audit_heads WHERE tenant_id = %(tenant_id)s FOR UPDATE"
)
_BEGIN = Statement(
    "INSERT INTO audit_heads (tenant_id, number, hash) VALUES (%(tenant_id)s, 0, %(hash)s)"
    " ON CONFLICT DO NOTHING"
)
_ADVANCE = Statement(
    "UPDATE audit_heads SET number = %(number)s, hash = %(hash)s WHERE tenant_id = %(tenant_id)s"
)
_ADD = BulkInsert.into(audit_entries)


def record_of(row: dict[str, Any]) -> Record:
    """The record in a row of the table."""
    return Record(**{name: row[name] for name in RECORD_FIELDS})


def entry_of(row: dict[str, Any]) -> Entry:
    """The entry that a row of the table is."""
    return Entry(row["number"], record_of(row), bytes(row["previous_hash"]), bytes(row["hash"]))


@dataclass(frozen=True, slots=True)
class Locked:
    """A chain to which nobody else adds until this transaction ends."""

    head: Head
    known: frozenset[UUID]


class AuditLog:
    """One tenant's audit log, in one unit of work."""

    def __init__(self, tx: UnitOfWork) -> None:
        self._tx = tx

    def lock(self, ids: Sequence[UUID]) -> Locked:
        """Have nobody else add to the chain; tells which of these facts are in it already."""
        about = {"tenant_id": self._tx.tenant_id, "ids": list(ids)}
        row = self._tx.fetch_one(_LOCK, about)
        if row is None:
            self._tx.write(_BEGIN, {"tenant_id": self._tx.tenant_id, "hash": GENESIS})
            row = self._tx.fetch_one(_LOCK, about)
        if row is None:
            raise RuntimeError("the head of the audit log cannot be read")
        return Locked(Head(row["number"], bytes(row["hash"])), frozenset(row["known"]))

    def add(self, entries: Sequence[Entry]) -> None:
        """Store entries, which follow the head, and move the head to the last of them."""
        tenant_id = self._tx.tenant_id
        rows = [
            {
                **{name: getattr(entry.record, name) for name in RECORD_FIELDS},
                "number": entry.number,
                "previous_hash": entry.previous_hash,
                "hash": entry.hash,
            }
            for entry in entries
        ]
        self._tx.write(_ADD.statement, _ADD.parameters(tenant_id, rows))
        head = entries[-1].head
        self._tx.write(_ADVANCE, {"tenant_id": tenant_id, "number": head.number, "hash": head.hash})
