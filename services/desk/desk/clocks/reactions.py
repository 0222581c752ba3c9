"""What clocks hear over the bus: that more is known of a customer, by whom policies choose (DE-3)."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from desk.clocks.operations import look_again
from desk.service_levels.storage import policies_in_use
from desk.transaction import DeskTx
from rapport.desk.events.v1.routing_events_pb2 import TicketRouted


def on_ticket_routed(tx: DeskTx, fact: TicketRouted, _envelope: Envelope) -> None:
    """Have the policy that holds for a ticket be found anew: tier and value are known by now.

    Where no policy asks for anything, it is the same; what the decision changed of the ticket, clocks know.
    """
    if any(terms.condition for _, terms in policies_in_use(tx)):
        look_again(tx, UUID(fact.ticket.ticket_id))


def look_at_routed(reactions: Reactions) -> Reactions:
    """React to what routing has decided; gives the same."""
    reactions.on(TicketRouted, on_ticket_routed)
    return reactions
