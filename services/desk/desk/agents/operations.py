"""What administrators say of agents, and agents of themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from chassis.domain import Conflict, Invalid, Violation
from chassis.work.timers import Timer, cancel_timer, set_timer
from desk.agents.domain import (
    MOST_AGENTS,
    Agent,
    AgentProfile,
    AgentStatus,
    Standing,
)
from desk.colleagues.standing import unknown
from desk.queues.storage import keys_of_queues
from desk.routing.due import look_for_others, refill_agent
from desk.routing_settings.storage import routing_settings_of
from desk.transaction import DeskTx

AGENT_STATUS = "agent_status"
AGENT_EXISTS = Conflict("This user is an agent already.", code="agent_exists")


def add_agent(tx: DeskTx, user_id: UUID, profile: AgentProfile, standing: Standing) -> Agent:
    """Have a user take care of tickets.

    Raises `Invalid` for who is no user, or for queues that are none, `Conflict` for who does already.
    """
    if unknown(tx, [user_id]):
        raise Invalid.at("/user_id", "user_unknown", f"There is no user {user_id}.")
    if tx.agents.is_there(user_id):
        raise AGENT_EXISTS
    if tx.agents.count() >= MOST_AGENTS:
        raise Conflict(f"There are {MOST_AGENTS} agents already.", code="too_many_agents")
    _require_queues(tx, profile)
    now = tx.clock.now()
    agent = Agent(
        id=user_id,
        profile=profile,
        standing=standing,
        status_since=now,
        created_at=now,
        updated_at=now,
    )
    agent.add()
    tx.agents.add(agent)
    refill_agent(tx, user_id)
    return agent


def change_agent(
    tx: DeskTx, agent_id: UUID, change: Callable[[AgentProfile], AgentProfile]
) -> Agent:
    """Have an agent be able to do something else. Raises `NotFound`, `Invalid`.

    Tickets stay with whom they are.
    """
    agent = tx.agents.get(agent_id)
    profile = change(agent.profile)
    if profile.queue_ids != agent.profile.queue_ids:
        _require_queues(tx, profile)
    if agent.change(profile, tx.clock.now()):
        refill_agent(tx, agent_id)
    return agent


def set_agent_status(tx: DeskTx, agent_id: UUID, standing: Standing) -> Agent:
    """Have an agent take new tickets, or none for a while. Raises `NotFound`, `Invalid`, `Conflict`.

    What becomes of the tickets of who is not there, and after how long, the tenant's settings say.
    """
    agent = tx.agents.get(agent_id)
    if agent.stand(standing, tx.clock.now()):
        _follow(tx, agent)
    return agent


def status_time_is_up(tx: DeskTx, timer: Timer) -> None:
    """Have what an agent has said end when its time has come."""
    agent = next(iter(tx.agents.get_many([UUID(timer.key)])), None)
    if agent is not None and agent.time_is_up(tx.clock.now()):
        _follow(tx, agent)


def archive_agent(tx: DeskTx, agent_id: UUID) -> Agent:
    """Have a user take care of no more tickets; theirs find others. Raises `NotFound`."""
    agent = tx.agents.get(agent_id)
    if agent.archive(tx.clock.now()):
        cancel_timer(tx, AGENT_STATUS, str(agent_id))
        look_for_others(tx, agent_id)
    return agent


def restore_agent(tx: DeskTx, agent_id: UUID) -> Agent:
    """Have a user take care of tickets again. Raises `NotFound`."""
    agent = tx.agents.get(agent_id)
    agent.restore(tx.clock.now())
    return agent


def _follow(tx: DeskTx, agent: Agent) -> None:
    """Have come about what follows from where an agent stands now."""
    standing, key = agent.standing, str(agent.id)
    if standing.until is None:
        cancel_timer(tx, AGENT_STATUS, key)
    else:
        set_timer(tx, AGENT_STATUS, key, standing.until)
    if standing.status is AgentStatus.AVAILABLE:
        refill_agent(tx, agent.id)
        return
    minutes = routing_settings_of(tx).preferences.patience(standing.status)
    if minutes is not None:
        look_for_others(tx, agent.id, tx.clock.now() + timedelta(minutes=minutes))


def _require_queues(tx: DeskTx, profile: AgentProfile) -> None:
    known = keys_of_queues(tx)
    wrong = tuple(
        Violation(f"/queue_ids/{place}", "queue_unknown", f"There is no queue {queue_id}.")
        for place, queue_id in enumerate(profile.queue_ids)
        if queue_id not in known
    )
    if wrong:
        raise Invalid("Such an agent cannot be.", violations=wrong)
