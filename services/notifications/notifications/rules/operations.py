"""What administrators do to rules; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict
from notifications.rules.checking import require_sound
from notifications.rules.domain import MOST_RULES, Rule, RuleDefinition
from notifications.transaction import NotificationsTx


def define_rule(tx: NotificationsTx, definition: RuleDefinition) -> Rule:
    """Define a rule. Raises `Invalid`, `Forbidden`, `Conflict` when there are too many."""
    if tx.rules.count() >= MOST_RULES:
        raise Conflict(f"There are {MOST_RULES} rules already.", code="too_many_rules")
    require_sound(tx, tx.caller, definition)
    rule = Rule.define(tx.ids.new(), definition, tx.clock.now())
    tx.rules.add(rule)
    return rule


def redefine_rule(
    tx: NotificationsTx, rule_id: UUID, change: Callable[[RuleDefinition], RuleDefinition]
) -> Rule:
    """Change a rule. Raises `NotFound`, `Invalid`, `Forbidden`."""
    rule = tx.rules.get(rule_id)
    definition = change(rule.definition)
    require_sound(tx, tx.caller, definition)
    rule.redefine(definition, tx.clock.now())
    return rule


def remove_rule(tx: NotificationsTx, rule_id: UUID) -> None:
    """Have a rule send nothing more; what it has queued is sent. Raises `NotFound`."""
    rule = tx.rules.get(rule_id)
    rule.remove()
    tx.rules.remove(rule)
