"""Which policy of service levels holds for a ticket: the first whose condition does (DE-3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from desk.entitlements.asked import entitled_if_asked
from desk.queues.storage import queue_or_none
from desk.routing.values import customer_about
from desk.service_levels.domain import Terms
from desk.service_levels.storage import policies_in_use
from desk.ticket_vocabulary import condition_of, values_of
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx


def policy_for(tx: DeskTx, ticket: Ticket, now: datetime) -> tuple[UUID, Terms] | None:
    """The policy that holds for a ticket as it is now; None for none."""
    policies = policies_in_use(tx)
    if not any(terms.condition for _, terms in policies):
        return policies[0] if policies else None
    queue = None if ticket.queue_id is None else queue_or_none(tx, ticket.queue_id)
    key, customer = "" if queue is None else queue.key, customer_about(tx, ticket.id)
    entitled = entitled_if_asked(tx, ticket, [terms.condition for _, terms in policies])
    values = values_of(ticket, now, queue=key, customer=customer, entitled=entitled)
    for policy_id, terms in policies:
        if not terms.condition or condition_of(terms.condition).holds(values):
            return policy_id, terms
    return None
