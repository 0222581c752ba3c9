"""What administrators do to the tenant's purposes; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from chassis.domain import Conflict, Invalid, Violation
from contacts.custom_fields.definition_rules import by_language
from contacts.purposes.built_in import BUILT_IN
from contacts.purposes.domain import MOST_PURPOSES, Purpose, PurposeDefinition
from contacts.transaction import ContactsTx


def define_purpose(tx: ContactsTx, definition: PurposeDefinition) -> Purpose:
    """Define a new purpose. Raises `Invalid`, `Conflict` when its key is taken or there are too many."""
    if definition.key in BUILT_IN:
        raise purpose_exists()
    if tx.purposes.count() >= MOST_PURPOSES:
        raise Conflict(f"There are {MOST_PURPOSES} purposes already.", code="too_many_purposes")
    purpose = Purpose.define(tx.ids.new(), _checked(definition), tx.clock.now())
    tx.purposes.add(purpose)
    return purpose


def redefine_purpose(
    tx: ContactsTx, purpose_id: UUID, change: Callable[[PurposeDefinition], PurposeDefinition]
) -> Purpose:
    """Change a purpose. Raises `NotFound`, `Invalid`, `Conflict` for an archived one."""
    purpose = tx.purposes.get(purpose_id)
    purpose.redefine(_checked(change(purpose.definition)), tx.clock.now())
    return purpose


def archive_purpose(tx: ContactsTx, purpose_id: UUID) -> Purpose:
    """Have nothing new sent for a purpose. Raises `NotFound`."""
    purpose = tx.purposes.get(purpose_id)
    purpose.archive(tx.clock.now())
    return purpose


def restore_purpose(tx: ContactsTx, purpose_id: UUID) -> Purpose:
    """Take an archived purpose back into use. Raises `NotFound`."""
    purpose = tx.purposes.get(purpose_id)
    purpose.restore(tx.clock.now())
    return purpose


def purpose_exists() -> Conflict:
    """The refusal of a key that another purpose has."""
    return Conflict(
        "There is a purpose with this key already, archived perhaps.", code="purpose_exists"
    )


def _checked(definition: PurposeDefinition) -> PurposeDefinition:
    wrong: list[Violation] = []
    name = by_language(definition.name, "/name", wrong)
    description = by_language(definition.description, "/description", wrong)
    if wrong:
        raise Invalid("Such a purpose cannot be.", violations=tuple(wrong))
    channels = tuple(dict.fromkeys(definition.channels))
    return replace(definition, name=name, description=description, channels=channels)
