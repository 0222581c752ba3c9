"""What agents and administrators do to macros, and with them; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict
from desk.macros.domain import MOST_MACROS, Macro, MacroApplied, MacroDefinition
from desk.macros.queries import macro_seen
from desk.macros.reach import require_may_have
from desk.ticket_actions.applying import apply_actions
from desk.ticket_actions.checking import require_known
from desk.ticket_actions.domain import Source
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx

MACRO = "macro"


def create_macro(tx: DeskTx, definition: MacroDefinition) -> Macro:
    """Have another macro. Raises `Invalid`, `Forbidden`, `Conflict` when there are too many."""
    require_may_have(tx, definition)
    if tx.macros.count() >= MOST_MACROS:
        raise Conflict(f"There are {MOST_MACROS} macros already.", code="too_many_macros")
    require_known(tx, definition.actions)
    now = tx.clock.now()
    macro = Macro(
        id=tx.ids.new(),
        definition=definition,
        owner_id=tx.caller.user_id,
        created_at=now,
        updated_at=now,
    )
    macro.create()
    tx.macros.add(macro)
    return macro


def change_macro(
    tx: DeskTx, macro_id: UUID, change: Callable[[MacroDefinition], MacroDefinition]
) -> Macro:
    """Have a macro be something else from now on. Raises `NotFound`, `Invalid`, `Forbidden`."""
    macro = tx.macros.get(macro_id)
    definition = change(macro.definition)
    require_may_have(tx, definition)
    if definition.actions != macro.definition.actions:
        require_known(tx, definition.actions)
    macro.change(definition, tx.clock.now())
    return macro


def archive_macro(tx: DeskTx, macro_id: UUID) -> Macro:
    """Have a macro applied no more. Raises `NotFound`."""
    macro = tx.macros.get(macro_id)
    macro.archive(tx.clock.now())
    return macro


def restore_macro(tx: DeskTx, macro_id: UUID) -> Macro:
    """Have an archived macro applied again. Raises `NotFound`."""
    macro = tx.macros.get(macro_id)
    macro.restore(tx.clock.now())
    return macro


def apply_macro(tx: DeskTx, macro_id: UUID, ticket_id: UUID) -> Ticket:
    """Do to a ticket all that a macro says, or nothing of it.

    Raises `NotFound` for a macro or a ticket out of reach, `Conflict` for an archived macro, and
    whatever refuses one of its actions.
    """
    macro = macro_seen(tx, macro_id)
    macro.require_in_use()
    source = Source(MACRO, macro_id)
    ticket = apply_actions(tx, ticket_id, macro.definition.actions, source, automatic=False)
    use_id, now = tx.ids.new(), tx.clock.now()
    fact = MacroApplied(use_id, macro_id, ticket.header, tx.caller.user_id, now)
    tx.publish(fact, use_id, 1)
    tx.macros.count_use(macro_id)
    return ticket
