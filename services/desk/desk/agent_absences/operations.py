"""What agents, and those who lead them, say of their absences, and what follows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, Forbidden, Invalid
from chassis.work.timers import Timer, cancel_timer, set_timer
from desk.agent_absences.domain import MOST_ABSENCES, AgentAbsence
from desk.routing.due import look_for_others, refill_agent
from desk.transaction import DeskTx

ABSENCE = "agent_absence"


def enter_absence(
    tx: DeskTx, agent_id: UUID | None, begins_at: datetime, ends_at: datetime, reason: str
) -> AgentAbsence:
    """Have nothing handed to an agent for a time; the caller unless somebody is named.

    When it begins, others go on with their tickets. Raises `Invalid`, `Forbidden` for somebody out of
    the caller's reach, `Conflict` when there are too many.
    """
    agent_id = agent_id or tx.caller.user_id
    if agent_id is None:
        raise Invalid.at("/agent_id", "agent_missing", "Who is away? An agent is needed.")
    if not tx.scope.allows(agent_id):
        raise Forbidden("You may enter absences of those within your reach.")
    if not tx.agents.is_there(agent_id):
        raise Invalid.at("/agent_id", "agent_unknown", f"There is no agent {agent_id}.")
    if tx.agent_absences.to_come(agent_id) >= MOST_ABSENCES:
        message = f"{MOST_ABSENCES} absences that are to come are enough."
        raise Conflict(message, code="too_many_absences")
    now = tx.clock.now()
    absence = AgentAbsence(
        id=tx.ids.new(),
        agent_id=agent_id,
        begins_at=begins_at,
        ends_at=ends_at,
        reason=reason,
        created_at=now,
    )
    absence.enter(now)
    tx.agent_absences.add(absence)
    set_timer(tx, ABSENCE, str(absence.id), max(begins_at, now))
    return absence


def remove_absence(tx: DeskTx, absence_id: UUID) -> AgentAbsence:
    """Have an agent be there after all; tickets that others have stay theirs. Raises `NotFound`."""
    absence = tx.agent_absences.get(absence_id)
    absence.take_back()
    tx.agent_absences.remove(absence)
    cancel_timer(tx, ABSENCE, str(absence_id))
    refill_agent(tx, absence.agent_id)
    return absence


def absence_has_come(tx: DeskTx, timer: Timer) -> None:
    """Have others go on with the tickets of who is away, and hand out to who is back."""
    absence = next(iter(tx.agent_absences.get_many([UUID(timer.key)])), None)
    if absence is None:
        return
    if absence.ends_at > tx.clock.now():
        set_timer(tx, ABSENCE, timer.key, absence.ends_at)
        look_for_others(tx, absence.agent_id)
    else:
        refill_agent(tx, absence.agent_id)
