"""Commission plans over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.commission_plans import operations, queries
from sales.commission_plans.domain import CommissionPlan
from sales.commission_plans.models import (
    PlanIn,
    PlanOut,
    PlanPatch,
    changed,
    definition_in,
    shown,
)
from sales.transaction import SalesTx

READ = "sales.commission_plans.read"
WRITE = "sales.commission_plans.write"

commission_plans = Routes("/v1/sales/commission-plans", tag="commissions")


@commission_plans.get("", permission=READ, listing=queries.PLANS, returns=PlanOut)
def list_commission_plans(call: Call[SalesTx], listing: Listing) -> Reply:
    """List the plans by which people within reach earn, the latest first."""
    return Reply(call.read(queries.list_plans, listing))


@commission_plans.post(
    "", permission=WRITE, body=PlanIn, returns=PlanOut, status=201, problems=(404, 409)
)
def define_commission_plan(call: Call[SalesTx], body: PlanIn) -> Response:
    """Define a plan by which people within reach earn commissions."""
    definition = definition_in(body)

    def reply(tx: SalesTx, plan: CommissionPlan) -> Reply:
        at = f"{commission_plans.prefix}/{plan.id}"
        return Reply.created(at, shown(plan, tx.scope), plan.version)

    return call.run(lambda tx: operations.define_plan(tx, definition), reply)


@commission_plans.get("/<uuid:plan_id>", permission=READ, returns=PlanOut)
def get_commission_plan(call: Call[SalesTx], plan_id: UUID) -> Reply:
    """Get a plan."""
    plan = call.read(queries.get_plan, plan_id)
    return Reply(plan, version=plan["version"])


@commission_plans.patch(
    "/<uuid:plan_id>", permission=WRITE, body=PlanPatch, returns=PlanOut, problems=(409,)
)
def redefine_commission_plan(call: Call[SalesTx], body: PlanPatch, plan_id: UUID) -> Response:
    """Change a plan from the next statement on; what is closed stays as it is."""
    return call.run(
        lambda tx: operations.redefine_plan(tx, plan_id, lambda old: changed(old, body)),
        lambda tx, plan: Reply(shown(plan, tx.scope), version=plan.version),
    )
