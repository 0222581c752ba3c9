"""Who was erased: what arrives about them afterwards is dropped, and nobody makes a record of them again.

Facts of several services keep no order between them, dead letters are replayed weeks later, and a
backup brings old outboxes back: so an erasure is remembered for good, as an id that leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from chassis.domain import Conflict
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork


def note_erased(tx: UnitOfWork, person_ids: Iterable[UUID]) -> None:
    """Remember that people were erased."""
    about = {"tenant_id": tx.tenant_id, "ids": list(person_ids), "now": tx.clock.now()}
    tx.write(_NOTE, about)


def is_erased(tx: UnitOfWork, person_id: UUID) -> bool:
    """Whether somebody was erased. Ask after `current_person`: then nobody is until the commit."""
    about = {"tenant_id": tx.tenant_id, "person_id": person_id}
    return tx.fetch_one(_ERASED, about) is not None


def require_not_erased(tx: UnitOfWork, person_id: UUID) -> None:
    """Raise `Conflict` for somebody who was erased."""
    if is_erased(tx, person_id):
        raise Conflict("The person was erased.", code="person_erased")


_NOTE = Statement(
    "INSERT INTO erased_people (tenant_id, person_id, noted_at)"
    " SELECT %(tenant_id)s, one, %(now)s FROM unnest(%(ids)s::uuid[]) AS one"
    " ON CONFLICT DO NOTHING"
)
_ERASED = Statement(
    "SELECT person_id FROM erased_people"
    " WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
)
