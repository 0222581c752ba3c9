"""What administrators do to assignment rules."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict, Invalid, Violation
from sales.assignment_rules.domain import MOST_RULES, AssignmentRule, RuleDefinition
from sales.territories.storage import territories_in_use
from sales.transaction import SalesTx


def define_assignment_rule(tx: SalesTx, define: Callable[[int], RuleDefinition]) -> AssignmentRule:
    """Define a rule; `define` is told the position after the last rule.

    Leads that are there stay with whom they are. Raises `Invalid`, `Conflict` when there are too
    many.
    """
    if tx.assignment_rules.count() >= MOST_RULES:
        message = f"There are {MOST_RULES} assignment rules already."
        raise Conflict(message, code="too_many_assignment_rules")
    definition = define(tx.assignment_rules.last_position() + 1)
    _require_territories(tx, definition)
    now = tx.clock.now()
    rule = AssignmentRule(id=tx.ids.new(), definition=definition, created_at=now, updated_at=now)
    rule.define()
    tx.assignment_rules.add(rule)
    return rule


def redefine_assignment_rule(
    tx: SalesTx, assignment_rule_id: UUID, change: Callable[[RuleDefinition], RuleDefinition]
) -> AssignmentRule:
    """Have a rule go by something else from now on. Raises `NotFound`, `Invalid`.

    A promise that was made stays as it was made; what follows when it is broken is as the rule says
    by then.
    """
    rule = tx.assignment_rules.get(assignment_rule_id)
    definition = change(rule.definition)
    if definition.conditions.territory_ids != rule.definition.conditions.territory_ids:
        _require_territories(tx, definition)
    rule.redefine(definition, tx.clock.now())
    return rule


def archive_assignment_rule(tx: SalesTx, assignment_rule_id: UUID) -> AssignmentRule:
    """Have a rule tried no more. Raises `NotFound`."""
    rule = tx.assignment_rules.get(assignment_rule_id)
    rule.archive(tx.clock.now())
    return rule


def restore_assignment_rule(tx: SalesTx, assignment_rule_id: UUID) -> AssignmentRule:
    """Have an archived rule tried again. Raises `NotFound`."""
    rule = tx.assignment_rules.get(assignment_rule_id)
    rule.restore(tx.clock.now())
    return rule


def _require_territories(tx: SalesTx, definition: RuleDefinition) -> None:
    wanted = definition.conditions.territory_ids
    known = {territory.id for territory in territories_in_use(tx)} if wanted else set()
    wrong = tuple(
        Violation(
            f"/conditions/territory_ids/{place}",
            "territory_unknown",
            f"There is no territory {territory_id}.",
        )
        for place, territory_id in enumerate(wanted)
        if territory_id not in known
    )
    if wrong:
        raise Invalid("Such a rule cannot be.", violations=wrong)
