"""What administrators do to fields of tickets; each function is one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.domain import Conflict
from desk.ticket_fields.domain import MOST_FIELDS, FieldDefinition, FieldKind, TicketField
from desk.transaction import DeskTx


def define_field(tx: DeskTx, key: str, kind: FieldKind, definition: FieldDefinition) -> TicketField:
    """Give tickets another field. Raises `Invalid`, `Conflict` for a key that is taken."""
    if tx.ticket_fields.count() >= MOST_FIELDS:
        message = f"A tenant has at most {MOST_FIELDS} fields of tickets."
        raise Conflict(message, code="too_many_ticket_fields")
    now = tx.clock.now()
    field = TicketField(
        id=tx.ids.new(),
        key=key,
        kind=kind,
        definition=definition,
        created_at=now,
        updated_at=now,
    )
    field.define()
    tx.ticket_fields.add(field)
    return field


def change_field(tx: DeskTx, field_id: UUID, changes: Mapping[str, Any]) -> TicketField:
    """Change what is mentioned; values that there are stay as they are. Raises `NotFound`, `Invalid`."""
    field = tx.ticket_fields.get(field_id)
    field.change(replace(field.definition, **changes), tx.clock.now())
    return field


def archive_field(tx: DeskTx, field_id: UUID) -> TicketField:
    """Have a field take no new values. Raises `NotFound`."""
    field = tx.ticket_fields.get(field_id)
    field.archive(tx.clock.now())
    return field


def restore_field(tx: DeskTx, field_id: UUID) -> TicketField:
    """Have a field take values again. Raises `NotFound`, `Conflict` for one that does."""
    field = tx.ticket_fields.get(field_id)
    field.restore(tx.clock.now())
    return field
