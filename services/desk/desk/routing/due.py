"""What routing has yet to do: noted in the transaction that it follows from, and done in others."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import UnitOfWork
from chassis.work.timers import Timer, set_timer
from desk.queues.domain import Queue
from desk.routing.domain import Purpose
from desk.transaction import DeskTx

REFILL = "agent_refill"
QUEUE_REFILL = "queue_refill"
LEAVER = "tickets_of_leaver"
_FIRST = UUID(int=0)
MOST_AT_ONCE = 200
"""How many of a queue's agents are looked after in one transaction."""


def want_routing(
    tx: UnitOfWork, ticket_id: UUID, purpose: Purpose, barred_id: UUID | None = None
) -> None:
    """Have it decided about a ticket, soon and until it is; not in favour of `barred_id`.

    Who waits for a queue is not content with less.
    """
    about = {"ticket_id": ticket_id, "purpose": purpose, "barred_id": barred_id}
    tx.write(_WANT, {"tenant_id": tx.tenant_id, "now": tx.clock.now(), **about})


def refill_agent(tx: UnitOfWork, agent_id: UUID) -> None:
    """Have an agent given what waits in the queues, as far as they have room."""
    set_timer(tx, REFILL, str(agent_id), tx.clock.now())


def refill_queue(tx: UnitOfWork, queue: Queue) -> None:
    """Have what waits in a queue handed out, if the queue does that."""
    if queue.hands_out:
        _refill_agents(tx, queue.id, _FIRST)


def agents_may_have_more(tx: DeskTx, timer: Timer) -> None:
    """Look after the next agents of a queue, unless it has stopped handing out meanwhile."""
    queue = tx.queues.seen(UUID(timer.key))
    if queue is not None and queue.hands_out:
        _refill_agents(tx, queue.id, UUID(timer.data["after"]))


def look_for_others(tx: UnitOfWork, user_id: UUID, at: datetime | None = None) -> None:
    """Have others go on with somebody's tickets, if by then they are not there to do so."""
    set_timer(tx, LEAVER, str(user_id), at or tx.clock.now())


def _refill_agents(tx: UnitOfWork, queue_id: UUID, after: UUID) -> None:
    """Look after some of a queue's agents; the rest follows in transactions of its own."""
    about = {"tenant_id": tx.tenant_id, "queue_id": queue_id, "after": after, "most": MOST_AT_ONCE}
    agent_ids = [row["id"] for row in tx.fetch_all(_AVAILABLE, about)]
    for agent_id in agent_ids:
        refill_agent(tx, agent_id)
    if len(agent_ids) == MOST_AT_ONCE:
        behind = {"after": str(agent_ids[-1])}
        set_timer(tx, QUEUE_REFILL, str(queue_id), tx.clock.now(), behind)


_WANT = Statement(
    "INSERT INTO ticket_routings (tenant_id, ticket_id, round, purpose, due_at, barred_id)"
    " VALUES (%(tenant_id)s, %(ticket_id)s, 1, %(purpose)s, %(now)s, %(barred_id)s)"
    " ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET round = ticket_routings.round + 1,"
    " purpose = CASE WHEN ticket_routings.due_at IS NOT NULL AND"
    " ticket_routings.purpose = 'route' THEN 'route' ELSE excluded.purpose END,"
    " due_at = excluded.due_at, barred_id = excluded.barred_id, attempts = 0"
)
_AVAILABLE = Statement(
    "SELECT id FROM agents WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
    " AND status = 'available' AND %(queue_id)s = ANY(queue_ids)"
    " AND id > %(after)s ORDER BY id LIMIT %(most)s"
)
