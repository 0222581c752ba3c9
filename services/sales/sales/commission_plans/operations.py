"""What managers do to commission plans; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from sales.commission_plans.domain import MOST_PLANS, CommissionPlan, PlanDefinition
from sales.commission_statements.storage import people_with_statements
from sales.exchange_rates.operations import base_currency_from_now_on
from sales.exchange_rates.storage import base_currency_of
from sales.transaction import SalesTx


def define_plan(tx: SalesTx, definition: PlanDefinition) -> CommissionPlan:
    """Define a plan for people within reach.

    Raises `NotFound` for somebody who is not, `Invalid`, `Conflict` when there are too many plans.
    """
    if tx.commission_plans.count() >= MOST_PLANS:
        raise Conflict(f"There are {MOST_PLANS} plans already.", code="too_many_commission_plans")
    _require_reach(tx, definition)
    _require_base(tx, definition)
    now = tx.clock.now()
    plan = CommissionPlan(id=tx.ids.new(), definition=definition, created_at=now, updated_at=now)
    plan.define()
    tx.commission_plans.add(plan)
    return plan


def redefine_plan(
    tx: SalesTx, plan_id: UUID, change: Callable[[PlanDefinition], PlanDefinition]
) -> CommissionPlan:
    """Change a plan; statements that are closed stay as they are.

    Raises `NotFound` also when somebody who earns by it is out of reach, `Invalid`, `Conflict` when
    it would lose somebody whose statements may have to be corrected yet.
    """
    plan = tx.commission_plans.get(plan_id)
    if any(not tx.scope.allows(one.user_id) for one in plan.definition.participants):
        raise NotFound.of("commission plan", plan_id)
    definition = change(plan.definition)
    _require_reach(tx, definition)
    _require_those_with_statements(tx, plan_id, definition)
    plan.redefine(definition, tx.clock.now())
    return plan


def _require_reach(tx: SalesTx, definition: PlanDefinition) -> None:
    for one in definition.participants:
        if not tx.scope.allows(one.user_id):
            raise NotFound.of("user", one.user_id)


def _require_those_with_statements(tx: SalesTx, plan_id: UUID, definition: PlanDefinition) -> None:
    left_out = [
        one for one in people_with_statements(tx, plan_id) if definition.participant(one) is None
    ]
    if left_out:
        raise Conflict(
            f"{left_out[0]} has closed statements by the plan; give a last day instead.",
            code="participant_has_statements",
        )


def _require_base(tx: SalesTx, definition: PlanDefinition) -> None:
    base, in_use = base_currency_of(tx)
    if base is not None and not in_use:
        base = base_currency_from_now_on(tx)
    if definition.currency != base:
        message = f"Credits are in the base currency, {base}, and so are commissions."
        raise Invalid.at("/currency", "currency_not_base", message)
