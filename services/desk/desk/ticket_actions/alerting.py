"""Has colleagues look at a ticket: one fact for each of them, which notifications tells them of."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.access.directory import load
from chassis.storage.database import OpenSession
from chassis.storage.statements import Statement
from desk.colleagues.leadership import leader_of
from desk.colleagues.standing import gone
from desk.queues.storage import queue_or_none
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


def alert_leader(tx: DeskTx, ticket: Ticket, source: Source, *, or_all: bool = False) -> None:
    """Alert who leads the team of the queue of an open ticket that nobody looks after.

    Where nobody leads, those who serve the queue if `or_all` says so, and else nobody.
    """
    if ticket.assignee_id is not None or ticket.is_settled:
        return
    leader = _leader(tx, ticket)
    if leader is not None:
        raise_alerts(tx, ticket, [Alert(user_ids=(leader,))], source)
    elif or_all:
        raise_alerts(tx, ticket, [Alert(queue=True)], source)


def _meant(tx: DeskTx, ticket: Ticket, alert: Alert) -> Sequence[UUID]:
    meant = list(alert.user_ids)
    leader = _leader(tx, ticket) if alert.lead else None
    if leader is not None:
        meant.append(leader)
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


def _leader(tx: DeskTx, ticket: Ticket) -> UUID | None:
    """Who leads the team that serves a ticket's queue by now."""
    queue = None if ticket.queue_id is None else queue_or_none(tx, ticket.queue_id)
    team_id = None if queue is None else queue.definition.team_id
    return None if team_id is None else leader_of(tx, team_id)


_SERVING = Statement(
    "SELECT id FROM agents WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
    " AND %(queue_id)s = ANY(queue_ids) ORDER BY id LIMIT %(most)s"
)
