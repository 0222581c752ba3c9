"""What an agent sees beside a ticket, over REST."""

from __future__ import annotations

from uuid import UUID

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.agent_view.customers import Answer, Customers, Reason
from desk.agent_view.models import AgentViewOut
from desk.agent_view.queries import own_parts, ticket_seen
from desk.tickets.api import READ
from desk.transaction import DeskTx

_OWN = ("promises", "assets", "entitlements")


def agent_view_routes(customers: Customers) -> Routes:
    """The one call that gives an agent all there is."""
    routes = Routes("/v1/desk/tickets/<uuid:ticket_id>/agent-view", tag="tickets")

    @routes.get("", permission=READ, returns=AgentViewOut)
    def get_agent_view(call: Call[DeskTx], ticket_id: UUID) -> Reply:
        """Get a ticket with its conversation, deadlines and promises, the customer from all sides, and what may help.

        Contacts is asked about the customer while the rest is read. What does not come in time or may not be
        seen is named in `missing`, and the rest is there.
        """
        ticket, person_id = call.read(ticket_seen, ticket_id)
        asked = None if person_id is None else customers.begin(call.caller, person_id)
        try:
            own = call.read(own_parts, ticket, person_id)
            answer = Answer(None) if asked is None else asked.answer()
        finally:
            if asked is not None:
                asked.cancel()
        missing = [{"part": part, "reason": Reason.FORBIDDEN} for part in _OWN if own[part] is None]
        if answer.missing is not None:
            missing.append({"part": "customer", "reason": answer.missing})
        return Reply({**own, "customer": answer.customer, "missing": missing})

    return routes
