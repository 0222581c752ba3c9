"""Who answers for somebody who was merged into another person."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork


def survivor_of(reading: Reading | UnitOfWork, person_id: UUID) -> UUID | None:
    """Who is there for this person, however often they were merged since; None if never."""
    return survivors_of(reading, [person_id]).get(person_id)


def survivors_of(reading: Reading | UnitOfWork, person_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The same for those of several people who were merged."""
    about = {"tenant_id": reading.caller.tenant_id, "ids": list(person_ids)}
    return {row["merged_id"]: row["person_id"] for row in reading.fetch_all(_SURVIVORS, about)}


def gone_into(tx: UnitOfWork, person_id: UUID) -> list[UUID]:
    """Those for whom this person answers: merged into them, or into somebody who was."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id}
    return [row["merged_id"] for row in tx.fetch_all(_GONE, about)]


_SURVIVORS = Statement(
    "SELECT merged_id, person_id FROM merges"
    " WHERE tenant_id = %(tenant_id)s AND merged_id = ANY(%(ids)s) AND undone_at IS NULL"
)
_GONE = Statement(
    "SELECT merged_id FROM merges WHERE tenant_id = %(tenant_id)s"
    " AND person_id = %(person_id)s AND undone_at IS NULL ORDER BY merged_id"
)
