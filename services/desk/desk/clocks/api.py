"""Clocks of tickets, and how well targets are kept, over REST."""

from __future__ import annotations

from uuid import UUID

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from desk.clocks import queries
from desk.clocks.models import AttainmentOut, AttainmentQuery, ClockOut, TicketClocksOut
from desk.transaction import DeskTx

READ = "desk.tickets.read"
READ_ATTAINMENT = "desk.attainment.read"

clocks = Routes("/v1/desk/clocks", tag="service-levels")
clocks_of_ticket = Routes("/v1/desk/tickets/<uuid:ticket_id>/clocks", tag="service-levels")
attainment = Routes("/v1/desk/attainment", tag="service-levels")


@clocks.get("", permission=READ, listing=queries.CLOCKS, returns=ClockOut)
def list_clocks(call: Call[DeskTx], listing: Listing) -> Reply:
    """List clocks with a deadline, of tickets within reach: what is due soonest first."""
    return Reply(call.read(queries.list_clocks, listing))


@clocks_of_ticket.get("", permission=READ, returns=TicketClocksOut)
def get_ticket_clocks(call: Call[DeskTx], ticket_id: UUID) -> Reply:
    """Get the clocks of a ticket, with how much time each has left, and when it ran."""
    return Reply(call.read(queries.ticket_clocks, ticket_id))


@attainment.get(
    "",
    permission=READ_ATTAINMENT,
    query=AttainmentQuery,
    returns=AttainmentOut,
    problems=(422,),
)
def get_attainment(call: Call[DeskTx], query: AttainmentQuery) -> Reply:
    """Get how many targets were kept in some days, of tickets within reach."""
    return Reply(call.read(queries.attainment, query))
