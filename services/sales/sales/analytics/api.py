"""Analytics over REST: figures with their definitions, from what facts have told."""

from __future__ import annotations

from flask import Response

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
from sales.analytics.recount import compare, recount
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
    return Reply(call.read(compare))


@analytics.post("/recount", permission=RECOUNT, returns=RecountOut)
def recount_records(call: Call[SalesTx]) -> Response:
    """Count all records anew, in place of what facts have told."""
    return call.run(recount, lambda _tx, result: Reply(result))
