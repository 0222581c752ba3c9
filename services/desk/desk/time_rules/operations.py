"""What administrators do to time rules; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict
from desk.calendars.operations import require_calendar
from desk.ticket_actions.checking import require_known
from desk.ticket_vocabulary import condition_of
from desk.time_rules.domain import MOST_TIME_RULES, TimeRule, TimeRuleDefinition
from desk.time_rules.timing import look_at_all
from desk.transaction import DeskTx

_FARTHEST = 1_000_000


def define_time_rule(
    tx: DeskTx, define: Callable[[int], TimeRuleDefinition], *, active: bool
) -> TimeRule:
    """Define a time rule; `define` is told the position after the last one.

    Raises `Invalid`, `Conflict` when there are too many.
    """
    if tx.time_rules.count() >= MOST_TIME_RULES:
        message = f"There are {MOST_TIME_RULES} time rules already."
        raise Conflict(message, code="too_many_time_rules")
    definition = define(min(tx.time_rules.last_position() + 1, _FARTHEST))
    _require_known(tx, definition)
    now = tx.clock.now()
    rule = TimeRule(
        id=tx.ids.new(), definition=definition, active=active, created_at=now, updated_at=now
    )
    rule.define()
    tx.time_rules.add(rule)
    look_at_all(tx)
    return rule


def redefine_time_rule(
    tx: DeskTx, time_rule_id: UUID, change: Callable[[TimeRuleDefinition], TimeRuleDefinition]
) -> TimeRule:
    """Have a time rule go by something else from now on. Raises `NotFound`, `Invalid`."""
    rule = tx.time_rules.get(time_rule_id)
    before, definition = rule.definition, change(rule.definition)
    if _named(definition) != _named(before):
        _require_known(tx, definition)
    if rule.redefine(definition, tx.clock.now()):
        look_at_all(tx)
    return rule


def pause_time_rule(tx: DeskTx, time_rule_id: UUID) -> TimeRule:
    """Have a time rule fire no more until it is resumed. Raises `NotFound`."""
    return _done(tx, time_rule_id, TimeRule.pause)


def resume_time_rule(tx: DeskTx, time_rule_id: UUID) -> TimeRule:
    """Have a paused time rule fire again. Raises `NotFound`, `Conflict` for an archived one."""
    rule = _done(tx, time_rule_id, TimeRule.resume)
    look_at_all(tx)
    return rule


def archive_time_rule(tx: DeskTx, time_rule_id: UUID) -> TimeRule:
    """Put a time rule away. Raises `NotFound`."""
    return _done(tx, time_rule_id, TimeRule.archive)


def restore_time_rule(tx: DeskTx, time_rule_id: UUID) -> TimeRule:
    """Have an archived time rule back, paused. Raises `NotFound`."""
    return _done(tx, time_rule_id, TimeRule.restore)


def _done(tx: DeskTx, time_rule_id: UUID, step: Callable[[TimeRule, datetime], None]) -> TimeRule:
    rule = tx.time_rules.get(time_rule_id)
    step(rule, tx.clock.now())
    return rule


def _require_known(tx: DeskTx, definition: TimeRuleDefinition) -> None:
    """Raises `Invalid` for a condition that is none, and for what actions name that is not there."""
    if definition.condition:
        condition_of(definition.condition)
    require_known(tx, definition.actions)
    require_calendar(tx, definition.business_calendar_id, "/business_calendar_id")


def _named(definition: TimeRuleDefinition) -> tuple[object, ...]:
    """What of a definition may name something that is not there."""
    return definition.condition, definition.actions, definition.business_calendar_id
