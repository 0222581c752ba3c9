"""What administrators do to the tenant's fields; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict
from contacts.custom_fields.definition_rules import checked
from contacts.custom_fields.domain import MOST_FIELDS, CustomField, Definition, RecordKind
from contacts.transaction import ContactsTx


def define_field(tx: ContactsTx, definition: Definition) -> CustomField:
    """Define a new field.

    Raises `Invalid` for a definition that cannot be, `Conflict` when the key is taken, by an
    archived field too, or when there are too many.
    """
    tx.custom_fields.take_turn()
    _require_room(tx, definition.object)
    field = CustomField.define(tx.ids.new(), checked(definition), tx.clock.now())
    tx.custom_fields.add(field)
    return field


def redefine_field(
    tx: ContactsTx, field_id: UUID, change: Callable[[Definition], Definition]
) -> CustomField:
    """Change a field. Raises `NotFound`, `Invalid`, `Conflict` for an archived one."""
    field = tx.custom_fields.get(field_id)
    field.redefine(checked(change(field.definition)), tx.clock.now())
    return field


def archive_field(tx: ContactsTx, field_id: UUID) -> CustomField:
    """Have a field take no new values. Raises `NotFound`."""
    field = tx.custom_fields.get(field_id)
    field.archive(tx.clock.now())
    return field


def restore_field(tx: ContactsTx, field_id: UUID) -> CustomField:
    """Take an archived field back into use. Raises `NotFound`, `Conflict` for too many."""
    tx.custom_fields.take_turn()
    field = tx.custom_fields.get(field_id)
    if field.archived_at is not None:
        _require_room(tx, field.definition.object)
    field.restore(tx.clock.now())
    return field


def _require_room(tx: ContactsTx, kind: RecordKind) -> None:
    if tx.custom_fields.count_active(kind) >= MOST_FIELDS:
        raise Conflict(
            f"There are {MOST_FIELDS} fields of this kind in use already; archive one first.",
            code="too_many_custom_fields",
        )
