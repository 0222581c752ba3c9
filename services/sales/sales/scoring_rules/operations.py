"""What administrators do to scoring rules; every change has all leads scored anew."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict
from sales.lead_reviews.operations import have_all_reviewed
from sales.scoring_rules.domain import MOST_RULES, RuleDefinition, ScoringRule
from sales.transaction import SalesTx


def define_rule(tx: SalesTx, definition: RuleDefinition) -> ScoringRule:
    """Have leads have points for something. Raises `Invalid`, `Conflict` when there are too many."""
    have_all_reviewed(tx)
    if tx.scoring_rules.count() >= MOST_RULES:
        message = f"There are {MOST_RULES} scoring rules already."
        raise Conflict(message, code="too_many_scoring_rules")
    now = tx.clock.now()
    rule = ScoringRule(id=tx.ids.new(), definition=definition, created_at=now, updated_at=now)
    rule.define()
    tx.scoring_rules.add(rule)
    return rule


def redefine_rule(tx: SalesTx, scoring_rule_id: UUID, definition: RuleDefinition) -> ScoringRule:
    """Have a rule give other points, or for something else. Raises `NotFound`, `Invalid`."""
    rule = tx.scoring_rules.get(scoring_rule_id)
    rule.redefine(definition, tx.clock.now())
    if rule.recorded:
        have_all_reviewed(tx)
    return rule


def remove_rule(tx: SalesTx, scoring_rule_id: UUID) -> ScoringRule:
    """Have a rule count no more. Raises `NotFound`."""
    rule = tx.scoring_rules.get(scoring_rule_id)
    rule.take_back()
    tx.scoring_rules.remove(rule)
    have_all_reviewed(tx)
    return rule
