"""What it takes to follow people through merges, and how plain rows do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from chassis.storage.statements import Statement
from contacts.transaction import ContactsTx


@dataclass(frozen=True, slots=True)
class Parting:
    """Two who were one: whose records go back, and whose stay.

    `goes_back` are the one who is back and all who were merged into that one; `stays` are the
    survivor and all others who were merged into the survivor.
    """

    survivor_id: UUID
    back_id: UUID
    goes_back: Sequence[UUID]
    stays: Sequence[UUID]

    def now_of(self, person_id: UUID) -> UUID:
        """Who answers now for one of these people."""
        return self.back_id if person_id in self.goes_back else self.survivor_id


class Following(Protocol):
    """What follows people through merges. Both people are locked, and both have rows."""

    def merged(self, tx: ContactsTx, gone_id: UUID, survivor_id: UUID) -> None:
        """Have all that is the one's belong to the other."""
        ...

    def parted(self, tx: ContactsTx, parting: Parting) -> None:
        """Give back what was theirs who go back; what came after the merge stays."""
        ...


class MovedRows:
    """Rows with an `id` and a `person_id`, any number for a person."""

    def __init__(self, kind: str, table: str) -> None:
        # The name of the table is our own.
        self._kind = kind
        self._remember = Statement(
            "INSERT INTO merged_records (tenant_id, kind, record_id, person_id, aside)"  # noqa: S608
            f" SELECT tenant_id, %(kind)s, id, person_id, false FROM {table}"
            " WHERE tenant_id = %(tenant_id)s AND person_id = %(gone_id)s"
            " ON CONFLICT (tenant_id, kind, record_id) DO NOTHING"
        )
        self._move = Statement(
            f"UPDATE {table} SET person_id = %(survivor_id)s"  # noqa: S608
            " WHERE tenant_id = %(tenant_id)s AND person_id = %(gone_id)s"
        )
        self._give_back = Statement(
            f"UPDATE {table} AS t SET person_id = %(back_id)s FROM merged_records AS m"  # noqa: S608
            " WHERE m.tenant_id = %(tenant_id)s AND m.kind = %(kind)s"
            " AND m.person_id = ANY(%(goes_back)s) AND t.tenant_id = %(tenant_id)s"
            " AND t.id = m.record_id AND t.person_id = %(survivor_id)s"
        )

    def merged(self, tx: ContactsTx, gone_id: UUID, survivor_id: UUID) -> None:
        """Have the rows belong to the survivor."""
        about = {"gone_id": gone_id, "survivor_id": survivor_id}
        about_all = {**about, "tenant_id": tx.tenant_id, "kind": self._kind}
        tx.write(self._remember, about_all)
        tx.write(self._move, about_all)

    def parted(self, tx: ContactsTx, parting: Parting) -> None:
        """Give the rows back."""
        about = {
            "tenant_id": tx.tenant_id,
            "kind": self._kind,
            "back_id": parting.back_id,
            "survivor_id": parting.survivor_id,
            "goes_back": list(parting.goes_back),
        }
        tx.write(self._give_back, about)
        tx.write(_AT_HOME, about)


_AT_HOME = Statement(
    "DELETE FROM merged_records WHERE tenant_id = %(tenant_id)s AND kind = %(kind)s"
    " AND person_id = %(back_id)s"
)
