"""Tells that records leave the platform as a file: for the audit log, since nothing has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from chassis.domain import Fact

if TYPE_CHECKING:
    from contacts.transaction import ContactsTx


@dataclass(frozen=True, slots=True)
class DataExported(Fact):
    """Records were exported; of what was looked for, only the names of the parameters."""

    export_id: UUID
    kind: str
    written_in: str
    filters: tuple[str, ...]
    person_id: UUID | None


def note_export(
    tx: ContactsTx,
    kind: str,
    written_in: str,
    filters: Iterable[str] = (),
    person_id: UUID | None = None,
) -> None:
    """Have it told that an export begins."""
    export_id = tx.ids.new()
    fact = DataExported(export_id, kind, written_in, tuple(sorted(filters)), person_id)
    tx.publish(fact, export_id)
