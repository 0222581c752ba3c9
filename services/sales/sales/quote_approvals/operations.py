"""What administrators do to approval rules."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from chassis.domain import Conflict
from sales.quote_approvals.domain import ApprovalRule, Approvers
from sales.quotes.operations import drop_steps
from sales.transaction import SalesTx

MOST_RULES = 50


def define_approval_rule(
    tx: SalesTx, name: Mapping[str, str], over_percent: Decimal, approvers: Approvers
) -> ApprovalRule:
    """Have discounts over a limit approved. Raises `Invalid`, `Conflict` when there are too many."""
    if tx.approval_rules.count() >= MOST_RULES:
        message = f"There are {MOST_RULES} approval rules already."
        raise Conflict(message, code="too_many_approval_rules")
    rule = ApprovalRule(
        id=tx.ids.new(),
        name=name,
        over_percent=over_percent,
        approvers=approvers,
        created_at=tx.clock.now(),
    )
    rule.define()
    tx.approval_rules.add(rule)
    return rule


def remove_approval_rule(tx: SalesTx, approval_rule_id: UUID) -> ApprovalRule:
    """Have a rule ask for nothing any more: steps of it that nobody has taken fall away.

    Raises `NotFound`.
    """
    rule = tx.approval_rules.get(approval_rule_id)
    drop_steps(tx, approval_rule_id)
    rule.take_back()
    tx.approval_rules.remove(rule)
    return rule
