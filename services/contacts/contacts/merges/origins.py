"""Remembers whose a record was before its person was merged, so that it can be given back.

A record without an entry here is at home where it is. One that a merge has made a double is set
aside: it is no more among the others, and is kept here until an undone merge makes room for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from chassis.storage.bulk import BulkInsert
from chassis.storage.statements import Statement, json_text
from chassis.storage.unit_of_work import UnitOfWork

metadata = sa.MetaData()
_uuid = PgUUID(as_uuid=True)

merged_records = sa.Table(
    "merged_records",
    metadata,
    sa.Column("tenant_id", _uuid, primary_key=True),
    sa.Column("kind", sa.Text(collation="C"), primary_key=True),
    sa.Column("record_id", _uuid, primary_key=True),
    sa.Column("person_id", _uuid, nullable=False),
    sa.Column("related_person_id", _uuid),
    sa.Column("aside", sa.Boolean, nullable=False),
    sa.Column("version", sa.BigInteger),
    sa.Column("record", sa.JSON),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose a record was. `record` is what it was, `version` the one it was set aside at."""

    record_id: UUID
    person_id: UUID
    related_person_id: UUID | None = None
    aside: bool = False
    version: int | None = None
    record: Mapping[str, Any] | None = None


class Origins:
    """The origins of one kind of record, in a unit of work."""

    def __init__(self, tx: UnitOfWork, kind: str) -> None:
        self._tx = tx
        self._kind = kind

    def known(self, record_ids: Collection[UUID]) -> dict[UUID, Origin]:
        """Those of these records that are not at home."""
        found = self._fetch(_KNOWN, ids=list(record_ids))
        return {origin.record_id: origin for origin in found}

    def of(self, person_ids: Collection[UUID]) -> list[Origin]:
        """The records that were these people's, at either end."""
        return self._fetch(_OF, ids=list(person_ids))

    def keep(self, origins: Iterable[Origin]) -> None:
        """Remember these instead of what was remembered of the same records."""
        kept = list(origins)
        if not kept:
            return
        self.forget([origin.record_id for origin in kept])
        rows = [
            {
                "kind": self._kind,
                "record_id": one.record_id,
                "person_id": one.person_id,
                "related_person_id": one.related_person_id,
                "aside": one.aside,
                "version": one.version,
                "record": None if one.record is None else json_text(one.record),
            }
            for one in kept
        ]
        self._tx.write(_KEEP.statement, _KEEP.parameters(self._tx.tenant_id, rows))

    def forget(self, record_ids: Sequence[UUID]) -> None:
        """These records are at home."""
        if record_ids:
            about = {"tenant_id": self._tx.tenant_id, "kind": self._kind, "ids": list(record_ids)}
            self._tx.write(_FORGET, about)

    def _fetch(self, statement: Statement, **about: Any) -> list[Origin]:
        about |= {"tenant_id": self._tx.tenant_id, "kind": self._kind}
        return [Origin(**row) for row in self._tx.fetch_all(statement, about)]


def forget_records_of(tx: UnitOfWork, person_ids: Sequence[UUID]) -> None:
    """Forget what was remembered of people, also of the records that they share with others."""
    tx.write(_FORGET_PEOPLE, {"tenant_id": tx.tenant_id, "ids": list(person_ids)})


_KEEP = BulkInsert.into(merged_records)
_SELECT = (
    "SELECT record_id, person_id, related_person_id, aside, version, record FROM merged_records"
)
_KNOWN = Statement(
    f"{_SELECT} WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s AND record_id = ANY(%(ids)s)"
)
_OF = Statement(
    f"{_SELECT} WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s"
    " AND (person_id = ANY(%(ids)s) OR related_person_id = ANY(%(ids)s)) ORDER BY record_id"
)
_FORGET = Statement(
    "DELETE FROM merged_records"
    " WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s AND record_id = ANY(%(ids)s)"
)
_FORGET_PEOPLE = Statement(
    "DELETE FROM merged_records WHERE tenant_id = %(tenant_id)s"
    " AND (person_id = ANY(%(ids)s) OR related_person_id = ANY(%(ids)s))"
)
