"""What is done with a ticket of which a deadline has passed, or a promise was broken (DE-3, DE-4)."""

from __future__ import annotations

from chassis.domain import DomainError, Invalid
from desk.colleagues.standing import unknown
from desk.queues.storage import queue_or_none
from desk.service_levels.domain import Escalation
from desk.ticket_facts.domain import Priority
from desk.tickets.domain import Ticket
from desk.tickets.operations import assign_ticket, change_ticket
from desk.transaction import DeskTx

_RANK = {priority: place for place, priority in enumerate(Priority)}


def escalate(tx: DeskTx, ticket: Ticket, escalation: Escalation, cause: str) -> None:
    """Raise a ticket's priority, and hand it on. Nothing is lowered."""
    priority = escalation.raise_priority_to
    if priority is not None and _RANK[priority] > _RANK[ticket.priority]:
        change_ticket(tx, ticket.id, {"priority": priority})
    to = {
        name: value
        for name in ("queue_id", "assignee_id")
        if (value := getattr(escalation, name)) is not None
    }
    if not to:
        return
    try:
        tx.apart(lambda: assign_ticket(tx, ticket.id, cause=cause, **to))
    except DomainError:
        # The queue or the user is gone since it was said so: the ticket stays where it is.
        return


def require_destination(tx: DeskTx, escalation: Escalation, at: str) -> None:
    """Raise `Invalid` below `at` for a queue or a user that there is not."""
    queue_id, user_id = escalation.queue_id, escalation.assignee_id
    if queue_id is not None and queue_or_none(tx, queue_id) is None:
        message = f"There is no queue {queue_id}."
        raise Invalid.at(f"{at}/queue_id", "queue_unknown", message)
    if user_id is not None and unknown(tx, [user_id]):
        message = f"There is no user {user_id}."
        raise Invalid.at(f"{at}/assignee_id", "user_unknown", message)
