"""How fresh leads are, what is about to go stale, and the pool, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.lead_freshness import operations, queries
from sales.lead_freshness.models import (
    FreshnessSettingsIn,
    FreshnessSettingsOut,
    GoingStaleQuery,
    limits_in,
    shown,
)
from sales.lead_freshness.operations import READ_LEADS
from sales.lead_freshness.storage import rule_of
from sales.leads.models import LeadOut
from sales.leads.models import shown as lead_shown
from sales.transaction import SalesTx

READ = "sales.lead_freshness.read"
WRITE = "sales.lead_freshness.write"
READ_POOL = "sales.lead_pool.read"
CLAIM = "sales.lead_pool.claim"

freshness_settings = Routes("/v1/sales/lead-freshness", tag="leads")
fresh_leads = Routes("/v1/sales/leads", tag="leads")


@freshness_settings.get("", permission=READ, returns=FreshnessSettingsOut)
def get_lead_freshness(call: Call[SalesTx]) -> Reply:
    """Get how long leads stay fresh, and what becomes of stale ones."""
    settings = call.read(queries.get_settings)
    return Reply(settings, version=settings["version"])


@freshness_settings.put(
    "",
    permission=WRITE,
    body=FreshnessSettingsIn,
    returns=FreshnessSettingsOut,
    conditional=True,
)
def set_lead_freshness(call: Call[SalesTx], body: FreshnessSettingsIn) -> Response:
    """Set how long leads stay fresh, and what becomes of stale ones; all are looked at again."""
    limits = limits_in(body)
    rules = tuple(rule_of(one.model_dump(mode="json")) for one in body.rules)
    return call.run(
        lambda tx: operations.change_settings(tx, limits, rules),
        lambda _tx, settings: Reply(shown(settings), version=settings.version),
    )


@fresh_leads.get(
    "/going-stale",
    permission=READ_LEADS,
    listing=queries.GOING_STALE,
    query=GoingStaleQuery,
    returns=LeadOut,
)
def list_leads_going_stale(call: Call[SalesTx], listing: Listing, query: GoingStaleQuery) -> Reply:
    """List the leads that will be stale within some days, the next ones first."""
    return Reply(call.read(queries.list_going_stale, listing, query.within_days))


@fresh_leads.get("/pool", permission=READ_POOL, listing=queries.POOL, returns=LeadOut)
def list_lead_pool(call: Call[SalesTx], listing: Listing) -> Reply:
    """List the leads that anybody may claim, the most promising first."""
    return Reply(call.read(queries.list_pool, listing))


@fresh_leads.post(
    "/<uuid:lead_id>/claim",
    permission=CLAIM,
    returns=LeadOut,
    conditional=True,
    problems=(409,),
)
def claim_lead(call: Call[SalesTx], lead_id: UUID) -> Response:
    """Take a lead from the pool; of several who want it, one has it."""
    return call.run(
        lambda tx: operations.claim_lead(tx, lead_id),
        lambda _tx, lead: Reply(lead_shown(lead), version=lead.version),
    )
