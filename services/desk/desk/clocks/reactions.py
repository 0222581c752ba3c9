"""What clocks hear over the bus: that more is known of a customer, and that they have warned (DE-3)."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from desk.clocks.operations import look_again
from desk.clocks.timing import CAUSE
from desk.service_levels.storage import policies_in_use
from desk.ticket_actions.alerting import alert_leader
from desk.ticket_actions.domain import Source
from desk.transaction import DeskTx
from rapport.desk.events.v1.clock_events_pb2 import ServiceLevelWarned
from rapport.desk.events.v1.routing_events_pb2 import TicketRouted


def on_ticket_routed(tx: DeskTx, fact: TicketRouted, _envelope: Envelope) -> None:
    """Have the policy that holds for a ticket be found anew: tier and value are known by now.

    Where no policy asks for anything, it is the same; what the decision changed of the ticket, clocks know.
    """
    if any(terms.condition for _, terms in policies_in_use(tx)):
        look_again(tx, UUID(fact.ticket.ticket_id))


def on_service_level_warned(tx: DeskTx, fact: ServiceLevelWarned, _envelope: Envelope) -> None:
    """Tell who leads the team of the queue, where nobody has the ticket whom a rule could tell."""
    ticket = tx.tickets.whosever(UUID(fact.ticket_id))
    clocks = tx.clocks.get_many([UUID(fact.clock_id)])
    if ticket is not None and clocks and clocks[0].is_open:
        alert_leader(tx, ticket, Source(CAUSE, UUID(fact.service_level_id)))


def look_after_clocks(reactions: Reactions) -> Reactions:
    """React to what routing has decided, and to warnings; gives the same."""
    reactions.on(TicketRouted, on_ticket_routed)
    reactions.on(ServiceLevelWarned, on_service_level_warned)
    return reactions
