"""Conversions of leads over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from sales.lead_conversions import operations, queries
from sales.lead_conversions.customers import Customers
from sales.lead_conversions.flows import ask_who_it_is
from sales.lead_conversions.models import ConversionIn, ConversionOut, plan_in, shown
from sales.leads.api import READ, WRITE
from sales.leads.models import TouchOut
from sales.leads.queries import TOUCHES
from sales.opportunities.api import READ as READ_OPPORTUNITIES
from sales.transaction import SalesTx

lead_conversions = Routes("/v1/sales/lead-conversions", tag="leads")
opportunity_touches = Routes(
    "/v1/sales/opportunities/<uuid:opportunity_id>/touches", tag="opportunities"
)


@lead_conversions.get("", permission=READ, listing=queries.CONVERSIONS, returns=ConversionOut)
def list_lead_conversions(call: Call[SalesTx], listing: Listing) -> Reply:
    """List what leads have become, the latest first unless asked otherwise."""
    return Reply(call.read(queries.list_conversions, listing))


@opportunity_touches.get("", permission=READ_OPPORTUNITIES, listing=TOUCHES, returns=TouchOut)
def list_opportunity_touches(call: Call[SalesTx], listing: Listing, opportunity_id: UUID) -> Reply:
    """List the touches of the lead that an opportunity has come of, the latest first unless asked.

    Who may read the opportunity may read them, whosever the lead is; there are none without a lead.
    """
    return Reply(call.read(queries.list_opportunity_touches, listing, opportunity_id))


def conversion_routes(customers: Customers) -> Routes:
    """Converting a lead, and what it has become."""
    routes = Routes("/v1/sales/leads/<uuid:lead_id>", tag="leads")

    @routes.post(
        "/convert",
        permission=WRITE,
        body=ConversionIn,
        returns=ConversionOut,
        conditional=True,
        problems=(409, 503),
    )
    def convert_lead(call: Call[SalesTx], body: ConversionIn, lead_id: UUID) -> Response:
        """Convert a lead into a person, a company and an opportunity, matching what exists.

        A lead that was converted stays as it is: its conversion is answered again. When it is not
        clear who is meant, a 409 names the candidates in `errors`: choose one of them, or say that it
        is somebody new. People and companies are matched within what the caller may read in
        contacts, and entered only by those who may.
        """
        plan = plan_in(body)
        outcome = ask_who_it_is(call, customers, lead_id, body, plan)
        return call.run(
            lambda tx: operations.convert_lead(tx, lead_id, outcome, plan),
            lambda _tx, done: Reply(shown(done.conversion, done.lead.details)),
        )

    @routes.get("/conversion", permission=READ, returns=ConversionOut)
    def get_lead_conversion(call: Call[SalesTx], lead_id: UUID) -> Reply:
        """Get what a lead has become; 404 while it was not converted."""
        return Reply(call.read(queries.get_conversion, lead_id))

    return routes
