"""What administrators do to the tenant's kinds of interactions; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from chassis.domain import Conflict, Invalid, Violation
from contacts.custom_fields.definition_rules import by_language
from contacts.interaction_kinds.built_in import BUILT_IN
from contacts.interaction_kinds.domain import MOST_KINDS, InteractionKind, KindDefinition
from contacts.transaction import ContactsTx


def define_kind(tx: ContactsTx, definition: KindDefinition) -> InteractionKind:
    """Define a new kind. Raises `Invalid`, `Conflict` when its key is taken or there are too many."""
    if definition.key in BUILT_IN:
        raise kind_exists()
    if tx.interaction_kinds.count() >= MOST_KINDS:
        raise Conflict(f"There are {MOST_KINDS} kinds already.", code="too_many_interaction_kinds")
    kind = InteractionKind.define(tx.ids.new(), _checked(definition), tx.clock.now())
    tx.interaction_kinds.add(kind)
    return kind


def redefine_kind(
    tx: ContactsTx, kind_id: UUID, change: Callable[[KindDefinition], KindDefinition]
) -> InteractionKind:
    """Change a kind. Raises `NotFound`, `Invalid`, `Conflict` for an archived one."""
    kind = tx.interaction_kinds.get(kind_id)
    kind.redefine(_checked(change(kind.definition)), tx.clock.now())
    return kind


def archive_kind(tx: ContactsTx, kind_id: UUID) -> InteractionKind:
    """Have a kind take no new interactions. Raises `NotFound`."""
    kind = tx.interaction_kinds.get(kind_id)
    kind.archive(tx.clock.now())
    return kind


def restore_kind(tx: ContactsTx, kind_id: UUID) -> InteractionKind:
    """Take an archived kind back into use. Raises `NotFound`."""
    kind = tx.interaction_kinds.get(kind_id)
    kind.restore(tx.clock.now())
    return kind


def kind_exists() -> Conflict:
    """The refusal of a key that another kind has."""
    return Conflict(
        "There is a kind with this key already, archived perhaps.", code="interaction_kind_exists"
    )


def _checked(definition: KindDefinition) -> KindDefinition:
    wrong: list[Violation] = []
    label = by_language(definition.label, "/label", wrong)
    if wrong:
        raise Invalid("Such a kind cannot be.", violations=tuple(wrong))
    return replace(definition, label=label)
