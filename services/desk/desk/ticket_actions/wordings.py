"""What places in texts are filled in with: what the desk knows of a ticket."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.action_wording.domain import CUSTOM, filled_in, in_language
from desk.desk_settings.storage import preferences_of
from desk.queues.storage import queue_or_none
from desk.ticket_actions.effects import Worded
from desk.tickets.domain import Ticket


def wording_for(reading: Reading | UnitOfWork, ticket: Ticket) -> Worded:
    """Says texts to the customer of a ticket: in their language, with what is known filled in."""
    default = preferences_of(reading).default_language
    values = _values(reading, ticket, default)

    def worded(texts: Mapping[str, str]) -> str:
        return filled_in(in_language(texts, ticket.language, default), values)

    return worded


def _values(reading: Reading | UnitOfWork, ticket: Ticket, default: str) -> Mapping[str, str]:
    queue = None if ticket.queue_id is None else queue_or_none(reading, ticket.queue_id)
    about = {"tenant_id": reading.caller.tenant_id, "ticket_id": ticket.id}
    named = reading.fetch_one(_CUSTOMER, about)
    return {
        "number": ticket.shown_number,
        "subject": ticket.subject,
        "customer_name": "" if named is None else named["sender_name"],
        "queue": ""
        if queue is None
        else in_language(queue.definition.name, ticket.language, default),
        "product_sku": ticket.product_sku,
        **{f"{CUSTOM}{key}": str(value) for key, value in ticket.custom_fields.items()},
    }


_CUSTOMER = Statement(
    "SELECT sender_name FROM messages WHERE tenant_id = %(tenant_id)s"
    " AND ticket_id = %(ticket_id)s AND kind = 'customer' AND sender_name <> ''"
    " ORDER BY said_at DESC, id DESC LIMIT 1"
)
