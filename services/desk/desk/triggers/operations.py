"""What administrators do to triggers; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict
from desk.ticket_actions.checking import require_known
from desk.transaction import DeskTx
from desk.triggers.domain import MOST_TRIGGERS, Trigger, TriggerDefinition
from desk.triggers.vocabulary import trigger_condition

_FARTHEST = 1_000_000


def define_trigger(
    tx: DeskTx, define: Callable[[int], TriggerDefinition], *, active: bool
) -> Trigger:
    """Define a trigger; `define` is told the position after the last one.

    Raises `Invalid`, `Conflict` when there are too many.
    """
    if tx.triggers.count() >= MOST_TRIGGERS:
        raise Conflict(f"There are {MOST_TRIGGERS} triggers already.", code="too_many_triggers")
    definition = define(min(tx.triggers.last_position() + 1, _FARTHEST))
    _require_known(tx, definition)
    now = tx.clock.now()
    trigger = Trigger(
        id=tx.ids.new(), definition=definition, active=active, created_at=now, updated_at=now
    )
    trigger.define()
    tx.triggers.add(trigger)
    return trigger


def redefine_trigger(
    tx: DeskTx, trigger_id: UUID, change: Callable[[TriggerDefinition], TriggerDefinition]
) -> Trigger:
    """Have a trigger go by something else from now on. Raises `NotFound`, `Invalid`."""
    trigger = tx.triggers.get(trigger_id)
    before, definition = trigger.definition, change(trigger.definition)
    if (definition.condition, definition.actions) != (before.condition, before.actions):
        _require_known(tx, definition)
    trigger.redefine(definition, tx.clock.now())
    return trigger


def pause_trigger(tx: DeskTx, trigger_id: UUID) -> Trigger:
    """Have a trigger fire no more until it is resumed. Raises `NotFound`."""
    return _done(tx, trigger_id, Trigger.pause)


def resume_trigger(tx: DeskTx, trigger_id: UUID) -> Trigger:
    """Have a paused trigger fire again. Raises `NotFound`, `Conflict` for an archived one."""
    return _done(tx, trigger_id, Trigger.resume)


def archive_trigger(tx: DeskTx, trigger_id: UUID) -> Trigger:
    """Put a trigger away. Raises `NotFound`."""
    return _done(tx, trigger_id, Trigger.archive)


def restore_trigger(tx: DeskTx, trigger_id: UUID) -> Trigger:
    """Have an archived trigger back, paused. Raises `NotFound`."""
    return _done(tx, trigger_id, Trigger.restore)


def _done(tx: DeskTx, trigger_id: UUID, step: Callable[[Trigger, datetime], None]) -> Trigger:
    trigger = tx.triggers.get(trigger_id)
    step(trigger, tx.clock.now())
    return trigger


def _require_known(tx: DeskTx, definition: TriggerDefinition) -> None:
    """Raises `Invalid` for a condition that is none, and for what actions name that is not there."""
    if definition.condition:
        trigger_condition(definition.condition)
    require_known(tx, definition.actions)
