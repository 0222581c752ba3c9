"""Gives agents what waits: when they have become free, and when they ask for the next ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from chassis.domain import Conflict, NotFound
from chassis.work.timers import Timer, set_timer
from desk.agents.domain import AgentProfile
from desk.queues.domain import Queue
from desk.routing.choosing import FULL, QUEUE_FULL, Candidate, obstacle, unfit
from desk.routing.domain import Need, Purpose, RoutingDecision
from desk.routing.due import REFILL
from desk.routing.operations import note_decision, place_of
from desk.routing.storage import Waiting, heard_about, waiting_in
from desk.routing.workforce import agent_locked, open_by_queue
from desk.tickets.domain import Ticket
from desk.tickets.operations import assign_ticket
from desk.transaction import DeskTx

MOST_GIVEN = 20
"""How many tickets an agent is given in one transaction."""
_MOST_SEEN = 50
_MOST_LOOKS = 50
"""So often it is looked further when all that was seen needs what the agent lacks."""
_SOON = timedelta(seconds=2)


def agent_may_have_more(tx: DeskTx, timer: Timer) -> None:
    """Give an agent what waits in their queues, the most urgent first, as far as they have room."""
    agent_id = UUID(timer.key)
    tx.routing_decisions.one_at_a_time()
    agent = agent_locked(tx, agent_id, None)
    if agent is None or agent.unavailable or not agent.profile.queue_ids:
        return
    in_queue = dict(open_by_queue(tx, [agent_id]).get(agent_id, {}))
    handing_out = _handing_out(tx, agent.profile.queue_ids)
    queues = {key: queue for key, queue in handing_out.items() if not _is_full(queue, in_queue)}
    room = min(agent.profile.capacity - agent.open_tickets, MOST_GIVEN)
    given, has_missed = 0, False
    for one in _fitting(tx, agent.profile, queues):
        if given >= room:
            break
        if _give(tx, one.ticket_id, agent_id, one.need, Purpose.REFILL) is None:
            has_missed = True
            continue
        tx.routing_decisions.note_turn(one.queue_id, agent_id)
        in_queue[one.queue_id] = in_queue.get(one.queue_id, 0) + 1
        if _is_full(queues[one.queue_id], in_queue):
            del queues[one.queue_id]
        given += 1
    if given == MOST_GIVEN or has_missed:
        # Somebody has such a ticket in their hands just now, or there is more.
        set_timer(tx, REFILL, timer.key, tx.clock.now() + _SOON)


def pull_ticket(tx: DeskTx, queue_id: UUID) -> Ticket | None:
    """Give the caller the next ticket of a queue; None when none waits that they can take.

    It need not be within their reach: that they serve the queue is enough. Two who ask at once get
    two tickets. Raises `NotFound`, `Conflict` for who is no agent of the queue or has no room.
    """
    queue = tx.queues.seen(queue_id)
    if queue is None:
        raise NotFound.of("queue", queue_id)
    agent = _who_asks(tx, queue)
    for one in _fitting(tx, agent.profile, {queue_id: queue}, undecided=True):
        ticket = _give(tx, one.ticket_id, agent.agent_id, one.need, Purpose.PULL)
        if ticket is not None:
            return ticket
    return None


def _fitting(
    tx: DeskTx, profile: AgentProfile, queues: Mapping[UUID, Queue], *, undecided: bool = False
) -> Iterator[Waiting]:
    """What waits in queues that an agent is fit for, in its order, each once.

    However much waits before it that the agent lacks something for: what is lacked is left out of the
    next look. A queue that is taken out of `queues` meanwhile is looked at no more.
    """
    seen: set[UUID] = set()
    lacked: set[str] = set()
    for _ in range(_MOST_LOOKS):
        looked_at, before = tuple(queues), len(lacked)
        rows = waiting_in(tx, looked_at, _MOST_SEEN, undecided=undecided, besides=lacked)
        for one in rows:
            if unfit(profile, one.need):
                lacked.add(one.written)
            elif one.queue_id in queues and one.ticket_id not in seen:
                seen.add(one.ticket_id)
                yield one
        if len(rows) < _MOST_SEEN or (len(lacked) == before and looked_at == tuple(queues)):
            return


def _is_full(queue: Queue, in_queue: Mapping[UUID | None, int]) -> bool:
    most = queue.definition.most_open
    return most is not None and in_queue.get(queue.id, 0) >= most


def _who_asks(tx: DeskTx, queue: Queue) -> Candidate:
    user_id = tx.caller.user_id
    agent = None if user_id is None else agent_locked(tx, user_id, queue.id)
    if agent is None or queue.id not in agent.profile.queue_ids:
        raise Conflict("Agents who serve the queue take from it.", code="queue_not_served")
    # Who asks is there, whatever their status says.
    because = obstacle(replace(agent, unavailable=""), Need(), queue.definition.most_open)
    if because in (FULL, QUEUE_FULL):
        raise Conflict("You have as many open tickets as you can carry.", code="agent_full")
    if agent.unavailable == "archived":
        raise Conflict("The agent is archived.", code="agent_archived")
    return agent


def _handing_out(tx: DeskTx, queue_ids: Sequence[UUID]) -> dict[UUID, Queue]:
    seen = (tx.queues.seen(queue_id) for queue_id in queue_ids)
    return {queue.id: queue for queue in seen if queue is not None and queue.hands_out}


def _give(
    tx: DeskTx, ticket_id: UUID, agent_id: UUID, need: Need, purpose: Purpose
) -> Ticket | None:
    """Give a ticket to an agent; None while somebody else has it in their hands, or for good."""
    if not tx.routing_decisions.claim(ticket_id):
        return None
    ticket = tx.tickets.whosever(ticket_id)
    if ticket is None:
        return None
    before = place_of(ticket)
    assign_ticket(tx, ticket_id, assignee_id=agent_id, cause=purpose.value)
    decision = RoutingDecision(
        id=tx.ids.new(),
        ticket_id=ticket_id,
        purpose=purpose,
        routing_rule_id=None,
        before=before,
        after=place_of(ticket),
        reason=None,
        heard=heard_about(tx, ticket_id),
        need=need,
        considered=(),
        skipped=(),
        decided_at=tx.clock.now(),
    )
    note_decision(tx, ticket, decision)
    return ticket
