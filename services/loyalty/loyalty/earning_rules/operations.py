"""What administrators do to earning rules; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from loyalty.earning_rules.domain import EarningRule
from loyalty.earning_terms.domain import EarningTerms
from loyalty.happenings.vocabulary import condition_of
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx


def create_rule(tx: LoyaltyTx, program_id: UUID, terms: EarningTerms) -> EarningRule:
    """Write a rule, which gives nothing yet. Raises `NotFound`, `Invalid`."""
    program(tx, program_id)
    require_readable(terms)
    now = tx.clock.now()
    rule = EarningRule(
        id=tx.ids.new(), program_id=program_id, terms=terms, created_at=now, updated_at=now
    )
    rule.create()
    tx.earning_rules.add(rule)
    return rule


def change_rule(
    tx: LoyaltyTx, rule_id: UUID, changed: Callable[[EarningTerms], EarningTerms]
) -> EarningRule:
    """Write a rule anew; what is in force stays so. Raises `NotFound`, `Invalid`, `Conflict`."""
    rule = tx.earning_rules.get(rule_id)
    terms = changed(rule.terms)
    require_readable(terms)
    rule.change(terms, tx.clock.now())
    return rule


def activate_rule(tx: LoyaltyTx, rule_id: UUID) -> EarningRule:
    """Have a rule be in force as it is written. Raises `NotFound`, `Conflict`."""
    rule = tx.earning_rules.get(rule_id)
    rule.activate(tx.clock.now())
    return rule


def activate_rule_since(tx: LoyaltyTx, rule_id: UUID, since: datetime) -> EarningRule:
    """Have a rule that never was in force be so since a time. Raises `NotFound`, `Invalid`, `Conflict`."""
    rule = tx.earning_rules.get(rule_id)
    rule.activate_since(since, tx.clock.now())
    return rule


def pause_rule(tx: LoyaltyTx, rule_id: UUID) -> EarningRule:
    """Have a rule rest. Raises `NotFound`, `Conflict`."""
    rule = tx.earning_rules.get(rule_id)
    rule.pause(tx.clock.now())
    return rule


def archive_rule(tx: LoyaltyTx, rule_id: UUID) -> EarningRule:
    """Have a rule be in force no more. Raises `NotFound`."""
    rule = tx.earning_rules.get(rule_id)
    rule.archive(tx.clock.now())
    return rule


def restore_rule(tx: LoyaltyTx, rule_id: UUID) -> EarningRule:
    """Have an archived rule be back, at rest. Raises `NotFound`."""
    rule = tx.earning_rules.get(rule_id)
    rule.restore(tx.clock.now())
    return rule


def require_readable(terms: EarningTerms) -> None:
    """Raise `Invalid` for a condition that cannot be read, with the place."""
    if terms.condition:
        condition_of(terms.condition)
