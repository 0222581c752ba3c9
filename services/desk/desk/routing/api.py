"""Why tickets are where they are, where one would go, and the next one of a queue, over REST."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.routing import handing_out, previewing, queries
from desk.routing.models import (
    PullOut,
    RoutingDecisionOut,
    RoutingPreviewIn,
    RoutingPreviewOut,
    heard_in,
)
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx

READ = "desk.tickets.read"
READ_RULES = "desk.routing_rules.read"
PULL = "desk.queues.pull"

routing_of_tickets = Routes("/v1/desk/tickets/<uuid:ticket_id>", tag="routing")
routing_previews = Routes("/v1/desk/routing", tag="routing")
pulling = Routes("/v1/desk/queues/<uuid:queue_id>", tag="routing")


@routing_of_tickets.get(
    "/routing",
    permission=READ,
    listing=queries.ROUTING_DECISIONS,
    returns=RoutingDecisionOut,
)
def list_ticket_routing(call: Call[DeskTx], listing: Listing, ticket_id: UUID) -> Reply:
    """List what was decided about a ticket: by which rule, for whom, and why not for others."""
    return Reply(call.read(queries.list_decisions, listing, ticket_id))


@routing_previews.post(
    "/preview", permission=READ_RULES, body=RoutingPreviewIn, returns=RoutingPreviewOut
)
def preview_routing(call: Call[DeskTx], body: RoutingPreviewIn) -> Reply:
    """Tell where such a ticket would go now, and why. Changes nothing, and asks nobody."""
    call.check_headers()
    return Reply(call.read(previewing.preview_routing, body, heard_in(body.customer)))


@pulling.post("/pull", permission=PULL, returns=PullOut, problems=(409,))
def pull_ticket(call: Call[DeskTx], queue_id: UUID) -> Response:
    """Take the next ticket of a queue that one serves: the most urgent, then the oldest."""
    return call.run(lambda tx: handing_out.pull_ticket(tx, queue_id), _pulled)


def _pulled(_tx: DeskTx, ticket: Ticket | None) -> Reply:
    if ticket is None:
        return Reply({"ticket": None})
    shown = {
        "id": ticket.id,
        "version": ticket.version,
        "number": ticket.shown_number,
        "subject": ticket.subject,
        "priority": ticket.priority,
        "status": ticket.status,
        "opened_at": ticket.opened_at,
    }
    return Reply({"ticket": shown})
