"""What conditions see of a ticket now: all that the desk knows of it, with nobody asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.conditions.evaluation import Value
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.entitlements.asked import entitled_if_asked
from desk.queues.storage import queue_or_none
from desk.routing.values import customer_about
from desk.ticket_vocabulary import values_of
from desk.tickets.domain import Ticket

_ENTITLED = "entitled"


def values_seen(
    reading: Reading | UnitOfWork, ticket: Ticket, conditions: Sequence[str]
) -> Mapping[str, Value]:
    """The values of the variables that these conditions may ask for."""
    asked = any(_ENTITLED in condition for condition in conditions)
    queue = None if ticket.queue_id is None else queue_or_none(reading, ticket.queue_id)
    return values_of(
        ticket,
        reading.clock.now(),
        queue="" if queue is None else queue.key,
        customer=customer_about(reading, ticket.id),
        # What conditions have beside the ticket is no matter here: whether one asks for this is.
        entitled=entitled_if_asked(reading, ticket, [_ENTITLED] if asked else ()),
    )
