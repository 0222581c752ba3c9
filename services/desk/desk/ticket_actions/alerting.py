"""Has colleagues look at a ticket: one fact for each of them, which notifications tells them of."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.access.directory import load
from chassis.storage.database import OpenSession
from chassis.storage.statements import Statement
from desk.colleagues.standing import gone
from desk.ticket_actions.domain import MOST_ALERTED, Alert, Source, TicketAlertRaised
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx


def raise_alerts(tx: DeskTx, ticket: Ticket, alerts: Sequence[Alert], source: Source) -> None:
    """Alert everybody who is meant once, but for who has left; no more than may be at once."""
    user_ids = dict.fromkeys(one for alert in alerts for one in _meant(tx, ticket, alert))
    left = gone(tx, list(user_ids)) if user_ids else frozenset()
    here = [one for one in user_ids if one not in left]
    # What is told is how the ticket stands after all that was done to it.
    for user_id in here[:MOST_ALERTED]:
        alert_id = tx.ids.new()
        fact = TicketAlertRaised(alert_id, ticket.header, user_id, source, tx.clock.now())
        tx.publish(fact, alert_id, 1)


def _meant(tx: DeskTx, ticket: Ticket, alert: Alert) -> Sequence[UUID]:
    meant = list(alert.user_ids)
    if alert.assignee and ticket.assignee_id is not None:
        meant.append(ticket.assignee_id)
    if alert.queue and ticket.queue_id is not None:
        about = {"queue_id": ticket.queue_id, "most": MOST_ALERTED}
        rows = tx.fetch_all(_SERVING, {"tenant_id": tx.tenant_id, **about})
        meant += [row["id"] for row in rows]
    if alert.team_id is not None:
        snapshot = load(OpenSession(tx.connection), tx.tenant_id, None)
        members = () if snapshot is None else snapshot.members.get(alert.team_id, ())
        meant += sorted(members)[:MOST_ALERTED]
    return meant


_SERVING = Statement(
    "SELECT id FROM agents WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
    " AND %(queue_id)s = ANY(queue_ids) ORDER BY id LIMIT %(most)s"
)
