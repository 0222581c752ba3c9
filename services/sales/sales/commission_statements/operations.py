"""What managers do to statements: they close them, one period after the other."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict, Forbidden, NotFound
from sales.commission_statements.domain import CommissionStatement
from sales.commission_statements.drafting import draft
from sales.commission_statements.storage import closed_reckonings
from sales.periods.domain import Period
from sales.transaction import SalesTx


def close_statement(
    tx: SalesTx, plan_id: UUID, user_id: UUID, period: Period
) -> CommissionStatement:
    """Settle what somebody within reach has earned in a period that is over.

    Who closes at the same time waits, and finds it closed. Raises `NotFound`, `Invalid`, `Forbidden`
    for one's own, `Conflict` when it is closed, not its turn, or the period is not over.
    """
    if not tx.scope.allows(user_id):
        raise NotFound.of("user", user_id)
    if tx.caller.user_id == user_id:
        raise Forbidden("Nobody closes a statement of their own.", code="own_statement")
    plan = tx.commission_plans.get(plan_id)
    if any(one.period == period for one in closed_reckonings(tx, plan_id, user_id)):
        raise Conflict(f"The statement for {period.name} is closed.", code="statement_closed")
    drafted, now = draft(tx, plan, user_id, period), tx.clock.now()
    if not drafted.is_next:
        message = (
            f"Statements are closed in their order; the next one is {drafted.next_period.name}."
        )
        raise Conflict(message, code="statement_not_next")
    if now < period.ends_at:
        message = f"{period.name} is not over before {period.ends_at.isoformat()}."
        raise Conflict(message, code="period_not_over")
    statement = CommissionStatement(
        id=tx.ids.new(), content=drafted.statement, closed_by=tx.caller.actor, closed_at=now
    )
    statement.close()
    tx.commission_statements.add(statement)
    return statement
