"""Analytics over REST: figures with their definitions, from what facts have told."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.context import Reach
from chassis.domain import Forbidden
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from sales.analytics import lead_reports, opportunity_reports
from sales.analytics.models import (
    EffortsOut,
    LeadConversionsOut,
    LeadsQuery,
    LossReasonsOut,
    OpportunitiesQuery,
    OutcomesOut,
    RecountOut,
    StageConversionsOut,
    StagesQuery,
    selection_of,
)
from sales.analytics.recount import Batch, compare, recount
from sales.transaction import SalesTx

# Figures reach as far as the records that they are made of.
OPPORTUNITIES = "sales.opportunities.read"
LEADS = "sales.leads.read"
RECOUNT = "sales.analytics.recount"

analytics = Routes("/v1/sales/analytics", tag="analytics")


@analytics.get("/outcomes", permission=OPPORTUNITIES, query=OpportunitiesQuery, returns=OutcomesOut)
def get_outcomes(call: Call[SalesTx], query: OpportunitiesQuery) -> Reply:
    """Get win rate, average deal, length of the sales cycle and velocity of a period."""
    return Reply(call.read(opportunity_reports.get_outcomes, selection_of(query)))


@analytics.get(
    "/stage-conversions", permission=OPPORTUNITIES, query=StagesQuery, returns=StageConversionsOut
)
def get_stage_conversions(call: Call[SalesTx], query: StagesQuery) -> Reply:
    """Get how many opportunities have come from each stage of a pipeline to the next."""
    selection = selection_of(query)
    return Reply(call.read(opportunity_reports.get_stage_conversions, query.pipeline_id, selection))


@analytics.get(
    "/loss-reasons", permission=OPPORTUNITIES, query=OpportunitiesQuery, returns=LossReasonsOut
)
def get_loss_reasons(call: Call[SalesTx], query: OpportunitiesQuery) -> Reply:
    """Get why opportunities of a period were lost."""
    return Reply(call.read(opportunity_reports.get_loss_reasons, selection_of(query)))


@analytics.get("/efforts", permission=OPPORTUNITIES, query=OpportunitiesQuery, returns=EffortsOut)
def get_efforts(call: Call[SalesTx], query: OpportunitiesQuery) -> Reply:
    """Get how many activities each won and each lost opportunity of a period took."""
    return Reply(call.read(opportunity_reports.get_efforts, selection_of(query)))


@analytics.get("/lead-conversions", permission=LEADS, query=LeadsQuery, returns=LeadConversionsOut)
def get_lead_conversions(call: Call[SalesTx], query: LeadsQuery) -> Reply:
    """Get how many leads of a period were converted, and how soon somebody turned to them."""
    return Reply(call.read(lead_reports.get_lead_conversions, selection_of(query)))


@analytics.get("/recount", permission=RECOUNT, returns=RecountOut)
def compare_with_records(call: Call[SalesTx]) -> Reply:
    """Compare what is counted with the records; what is still on its way counts as a difference."""
    _require_all(call)
    return Reply(call.read(compare))


@analytics.post("/recount", permission=RECOUNT, returns=RecountOut, problems=(409,))
def recount_records(call: Call[SalesTx]) -> Response:
    """Count all records anew, in place of what facts have told; one at a time in a tenant."""
    _require_all(call)

    def apart(batch: Batch) -> UUID | None:
        return call.operations.transact(call.caller, call.scope, "recount_batch", batch)

    return call.run(lambda tx: recount(tx, apart), lambda _tx, result: Reply(result))


def _require_all(call: Call[SalesTx]) -> None:
    """Raises `Forbidden` for whoever has the permission for some records only."""
    if call.reach is not Reach.ALL:
        message = f"All of the tenant's records are counted: {RECOUNT} has to reach all of them."
        raise Forbidden(message, code="reach_too_short")
