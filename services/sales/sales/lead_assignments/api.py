"""Who gets which lead and why, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.lead_assignments import operations, queries
from sales.lead_assignments.models import (
    AssignmentPreviewIn,
    AssignmentPreviewOut,
    LeadAssignmentOut,
    traits_in,
)
from sales.leads.domain import Lead
from sales.leads.models import LeadOut, shown
from sales.transaction import SalesTx

READ = "sales.leads.read"
WRITE = "sales.leads.write"
READ_RULES = "sales.assignment_rules.read"

assignments_of_leads = Routes("/v1/sales/leads/<uuid:lead_id>", tag="assignment")
assignment_previews = Routes("/v1/sales/lead-assignments", tag="assignment")


@assignments_of_leads.get(
    "/assignments", permission=READ, listing=queries.LEAD_ASSIGNMENTS, returns=LeadAssignmentOut
)
def list_lead_assignments(call: Call[SalesTx], listing: Listing, lead_id: UUID) -> Reply:
    """List when rules were tried for a lead: which one took it, and why others did not."""
    return Reply(call.read(queries.list_lead_assignments, listing, lead_id))


@assignments_of_leads.post(
    "/assign", permission=WRITE, returns=LeadOut, conditional=True, problems=(409,)
)
def assign_lead(call: Call[SalesTx], lead_id: UUID) -> Response:
    """Try the rules as they are now for a lead in the pool."""

    def reply(_tx: SalesTx, lead: Lead) -> Reply:
        return Reply(shown(lead), version=lead.version)

    return call.run(lambda tx: operations.assign_lead(tx, lead_id), reply)


@assignment_previews.post(
    "/preview", permission=READ_RULES, body=AssignmentPreviewIn, returns=AssignmentPreviewOut
)
def preview_lead_assignment(call: Call[SalesTx], body: AssignmentPreviewIn) -> Reply:
    """Tell who would get such a lead now, and why. Changes nothing, and uses up nobody's turn."""
    return Reply(call.read(queries.preview_assignment, traits_in(body.lead)))
