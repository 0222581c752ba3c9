"""Who is there to take tickets, and how much each has by now, as the database counts it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Reading, UnitOfWork
from desk.agents.domain import AgentStatus, Unavailable
from desk.agents.storage import profile_of
from desk.colleagues.standing import Standing
from desk.routing.choosing import Candidate
from desk.routing_settings.domain import RoutingPreferences


def agents_of_queue(tx: UnitOfWork, queue_id: UUID) -> Sequence[Candidate]:
    """Those who serve a queue, locked: what is said of them holds until the commit."""
    about = {"tenant_id": tx.tenant_id, "queue_id": queue_id}
    ids = [row["id"] for row in tx.fetch_all(_LOCK_SERVING, about)]
    return candidates(tx, ids, queue_id)


def agent_locked(tx: UnitOfWork, agent_id: UUID, queue_id: UUID | None) -> Candidate | None:
    """One agent, locked likewise; None for who is none."""
    tx.fetch_all(_LOCK_ONE, {"tenant_id": tx.tenant_id, "agent_id": agent_id})
    return next(iter(candidates(tx, [agent_id], queue_id)), None)


def serving(reading: Reading, queue_id: UUID) -> Sequence[Candidate]:
    """Those who serve a queue, to be looked at."""
    about = {"tenant_id": reading.caller.tenant_id, "queue_id": queue_id}
    ids = [row["id"] for row in reading.fetch_all(_SERVING, about)]
    return candidates(reading, ids, queue_id)


def candidates(
    reading: Reading | UnitOfWork, agent_ids: Collection[UUID], queue_id: UUID | None
) -> Sequence[Candidate]:
    """Agents with what they have on their hands, and when it was their turn in a queue."""
    if not agent_ids:
        return []
    now = reading.clock.now()
    about = {
        "tenant_id": reading.caller.tenant_id,
        "agent_ids": list(agent_ids),
        "queue_id": queue_id,
        "now": now,
    }
    loads = open_by_queue(reading, agent_ids)
    turns = {row["agent_id"]: row["turn"] for row in reading.fetch_all(_TURNS, about)}
    return [
        Candidate(
            agent_id=row["id"],
            profile=profile_of(row),
            open_tickets=sum(loads.get(row["id"], {}).values()),
            open_in_queue=loads.get(row["id"], {}).get(queue_id, 0),
            turn=turns.get(row["id"], 0),
            unavailable=_unavailable(row, now) or "",
        )
        for row in reading.fetch_all(_AGENTS, about)
    ]


def open_by_queue(
    reading: Reading | UnitOfWork, agent_ids: Collection[UUID]
) -> Mapping[UUID, Mapping[UUID | None, int]]:
    """How many open tickets each has in each queue, and in none; who has none is missing."""
    about = {"tenant_id": reading.caller.tenant_id, "agent_ids": list(agent_ids)}
    loads: dict[UUID, dict[UUID | None, int]] = {}
    for row in reading.fetch_all(OPEN_BY_QUEUE, about):
        loads.setdefault(row["assignee_id"], {})[row["queue_id"]] = row["tickets"]
    return loads


def needs_others_from(
    reading: Reading | UnitOfWork, user_id: UUID, preferences: RoutingPreferences
) -> datetime | None:
    """From when on others have to go on with somebody's tickets; None while they can do so.

    At once for who is absent, archived or has left; after the tenant's patience for who is away. Who
    may not sign in for a while keeps theirs.
    """
    now = reading.clock.now()
    about = {"tenant_id": reading.caller.tenant_id, "agent_ids": [user_id], "now": now}
    row = reading.fetch_one(_AGENTS, about)
    if row is None:
        told = reading.fetch_one(_TOLD, {"tenant_id": about["tenant_id"], "user_id": user_id})
        gone = told is not None and told["status"] == Standing.DEACTIVATED
        return now if gone else None
    if row["told"] == Standing.DEACTIVATED or row["archived_at"] is not None or row["absent"]:
        return now
    why = _unavailable(row, now)
    if why not in (Unavailable.AWAY, Unavailable.OFFLINE):
        return None
    minutes = preferences.patience(AgentStatus(row["status"]))
    since: datetime = row["status_since"]
    return None if minutes is None else since + timedelta(minutes=minutes)


def _unavailable(row: Mapping[str, Any], now: datetime) -> Unavailable | None:
    if row["archived_at"] is not None:
        return Unavailable.ARCHIVED
    if row["told"] not in (None, Standing.ACTIVE):
        return Unavailable.GONE
    if row["absent"]:
        return Unavailable.ABSENT
    status = AgentStatus(row["status"])
    # What ends by itself has ended, even before its timer has fired.
    if row["status_until"] is not None and row["status_until"] <= now:
        was_there = status is AgentStatus.AVAILABLE
        status = AgentStatus.OFFLINE if was_there else AgentStatus.AVAILABLE
    return None if status is AgentStatus.AVAILABLE else Unavailable(status.value)


_SERVED = (
    "SELECT id FROM agents WHERE tenant_id = %(tenant_id)s AND archived_at IS NULL"
    " AND %(queue_id)s = ANY(queue_ids) ORDER BY id"
)
_SERVING = Statement(_SERVED)
_LOCK_SERVING = Statement(f"{_SERVED} FOR UPDATE")
_LOCK_ONE = Statement(
    "SELECT id FROM agents WHERE tenant_id = %(tenant_id)s AND id = %(agent_id)s FOR UPDATE"
)
_AGENTS = Statement(
    "SELECT a.id, a.skills, a.languages, a.capacity, a.queue_ids, a.status, a.status_until,"
    " a.status_since, a.archived_at, c.status AS told, EXISTS (SELECT FROM agent_absences b"
    " WHERE b.tenant_id = a.tenant_id AND b.agent_id = a.id AND b.begins_at <= %(now)s"
    " AND b.ends_at > %(now)s) AS absent FROM agents a LEFT JOIN colleagues c"
    " ON c.tenant_id = a.tenant_id AND c.user_id = a.id"
    " WHERE a.tenant_id = %(tenant_id)s AND a.id = ANY(%(agent_ids)s) ORDER BY a.id"
)
_TOLD = Statement(
    "SELECT status FROM colleagues WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s"
)
OPEN_BY_QUEUE = Statement(
    "SELECT assignee_id, queue_id, count(*) AS tickets FROM tickets"
    " WHERE tenant_id = %(tenant_id)s AND assignee_id = ANY(%(agent_ids)s)"
    " AND status IN ('new', 'open') GROUP BY assignee_id, queue_id"
)
_TURNS = Statement(
    "SELECT agent_id, turn FROM routing_turns WHERE tenant_id = %(tenant_id)s"
    " AND queue_id = %(queue_id)s AND agent_id = ANY(%(agent_ids)s)"
)
