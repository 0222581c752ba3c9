"""Has others go on with the tickets of who is away, absent, archived or has left."""

from __future__ import annotations

from uuid import UUID

from chassis.storage.statements import Statement
from chassis.work.timers import Timer
from desk.routing.domain import Purpose
from desk.routing.due import look_for_others, want_routing
from desk.routing.workforce import needs_others_from
from desk.routing_settings.domain import WaitingTickets
from desk.routing_settings.storage import routing_settings_of
from desk.tickets.operations import assign_ticket
from desk.transaction import DeskTx

AGENT_AWAY = "agent_away"
_BATCH = 50
_OPEN = ["new", "open"]
_WAITING = ["waiting_for_customer", "waiting_for_third_party", "on_hold"]


def tickets_need_others(tx: DeskTx, timer: Timer) -> None:
    """Put the next tickets of who is not there back into their queues, and come back for the rest.

    Nothing happens when they are there after all; and who is away for less than the tenant's
    patience is looked at again then. Tickets that wait for somebody else stay theirs if the tenant
    wants it so; when the customer has answered, this comes about again.
    """
    user_id, preferences = UUID(timer.key), routing_settings_of(tx).preferences
    since = needs_others_from(tx, user_id, preferences)
    if since is None:
        return
    if since > tx.clock.now():
        look_for_others(tx, user_id, since)
        return
    tx.bulk = True
    goes = preferences.waiting_tickets is WaitingTickets.GO
    statuses = [*_OPEN, *(_WAITING if goes else ())]
    about = {"tenant_id": tx.tenant_id, "user_id": user_id, "statuses": statuses, "most": _BATCH}
    ticket_ids = [row["id"] for row in tx.fetch_all(_THEIRS, about)]
    for ticket in tx.tickets.get_many(ticket_ids):
        if ticket.assignee_id == user_id and ticket.status in statuses:
            assign_ticket(tx, ticket.id, assignee_id=None, cause=AGENT_AWAY)
            want_routing(tx, ticket.id, Purpose.ASSIGN, barred_id=user_id)
    if len(ticket_ids) == _BATCH:
        look_for_others(tx, user_id)


_THEIRS = Statement(
    "SELECT id FROM tickets WHERE tenant_id = %(tenant_id)s AND assignee_id = %(user_id)s"
    " AND status = ANY(%(statuses)s) ORDER BY opened_at, id LIMIT %(most)s"
)
