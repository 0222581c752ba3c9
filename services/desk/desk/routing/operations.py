"""Decides where a ticket goes, to whom, and how soon it is looked at; each function is one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from chassis.events.backoff import growing_delay
from chassis.storage.unit_of_work import Reading
from desk.entitlements.asked import entitled_if_asked
from desk.metrics import routing_decisions
from desk.queues.domain import Method
from desk.queues.operations import general_queue
from desk.queues.storage import keys_of_queues
from desk.requesters.storage import question_of
from desk.routing.choosing import AgentChoice, choose_agent, choose_rule, obstacle
from desk.routing.customers import CONTACTS, LOYALTY, Asking
from desk.routing.domain import (
    Considered,
    Heard,
    Need,
    NoAgent,
    Place,
    Purpose,
    RoutingDecision,
    Skipped,
)
from desk.routing.storage import State, is_routed
from desk.routing.values import customer_of
from desk.routing.workforce import agent_locked, agents_of_queue
from desk.routing_rules.domain import RoutingRule
from desk.routing_rules.storage import rules_in_use
from desk.routing_settings.domain import highest
from desk.routing_settings.storage import routing_settings_of
from desk.ticket_facts.domain import Priority, Status
from desk.ticket_vocabulary import values_of
from desk.tickets.domain import Ticket
from desk.tickets.operations import assign_ticket, change_ticket
from desk.tickets.storage import within_reach
from desk.transaction import DeskTx

ROUTING = "routing"
OPEN = frozenset((Status.NEW, Status.OPEN))
"""How a ticket stands while its agent has something to do."""
_FIRST_RETRY_SECONDS = 10.0
_LAST_RETRY_SECONDS = 600.0
_KNOWN_WITHIN = timedelta(seconds=15)
"""So long it is waited for contacts to say who has written: else nobody could say what they are worth."""
_LOOK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What the rules say of a ticket."""

    taken: RoutingRule | None
    considered: tuple[Considered, ...]

    @property
    def id(self) -> UUID | None:
        """The rule that took it."""
        return None if self.taken is None else self.taken.id

    @property
    def queue_id(self) -> UUID | None:
        """The queue that it names."""
        return None if self.taken is None else self.taken.definition.queue_id

    @property
    def priorities(self) -> tuple[Priority, ...]:
        """What it raises the priority to, if it does."""
        raised = None if self.taken is None else self.taken.definition.raise_priority_to
        return () if raised is None else (raised,)

    @property
    def is_owner_first(self) -> bool:
        """Whether the customer's owner gets it, if they can."""
        return self.taken is not None and self.taken.definition.owner_first

    def need(self, ticket: Ticket) -> Need:
        """What the ticket needs of an agent."""
        if self.taken is None:
            return Need()
        definition = self.taken.definition
        return Need(definition.skills, ticket.language if definition.same_language else "")


@dataclass(frozen=True, slots=True)
class _Choice:
    """Who gets a ticket, or why nobody does."""

    agent_id: UUID | None = None
    reason: NoAgent | None = None
    skipped: tuple[Skipped, ...] = ()


def asking_about(reading: Reading, ticket_id: UUID) -> Asking | None:
    """Whom to ask other services about for a ticket; None when there is nobody to ask about."""
    ticket = within_reach(reading, ticket_id)
    tenant_id = reading.caller.tenant_id
    if tenant_id is None or ticket.is_settled:
        return None
    if ticket.person_id is None and ticket.company_id is None:
        return None
    return Asking(tenant_id, ticket.person_id, ticket.company_id)


def decide(tx: DeskTx, ticket_id: UUID, round_: int, heard: Heard) -> RoutingDecision | None:
    """Decide about a ticket by what was heard of its customer; None when there is nothing to decide.

    A ticket that somebody has stays theirs, and one that was opened in a queue stays there: of these
    the priority alone is decided. Nobody lowers a priority here, nor raises one that somebody has
    changed since. Who gave no answer is asked again later.
    """
    tx.routing_decisions.one_at_a_time()
    ticket, state = tx.tickets.whosever(ticket_id), tx.routing_decisions.state(ticket_id)
    if ticket is None or state is None or state.round != round_:
        return None
    if ticket.is_settled or not is_routed(tx):
        tx.routing_decisions.settle(ticket_id, round_)
        return None
    if state.priority is None and _is_being_known(tx, ticket):
        tx.routing_decisions.put_off(ticket_id, tx.clock.now() + _LOOK_AGAIN)
        return None
    is_silent = bool(heard.missing) and heard.missing == state.heard.missing
    if is_silent and state.purpose is Purpose.APPRAISE:
        tx.routing_decisions.put_off(ticket_id, _again_at(tx, state.attempts))
        return None
    return _decide(tx, ticket, state, _together(state.heard, heard))


def note_decision(tx: DeskTx, ticket: Ticket, decision: RoutingDecision) -> None:
    """Keep a decision that was carried out, and tell of it."""
    decision.tell(ticket.header)
    tx.routing_decisions.add(decision)
    outcome = "assigned" if decision.after.assignee_id is not None else decision.reason or "kept"
    tx.once_committed(partial(routing_decisions.labels(outcome).inc))


def place_of(ticket: Ticket) -> Place:
    """Where a ticket is now."""
    return Place(ticket.queue_id, ticket.assignee_id, ticket.priority)


def _decide(tx: DeskTx, ticket: Ticket, state: State, heard: Heard) -> RoutingDecision:
    before, rule = place_of(ticket), _rule_for(tx, ticket, heard)
    need = rule.need(ticket)
    queue_id = _queue_for(tx, ticket, state, rule)
    priority = _priority_for(tx, ticket, state, rule, heard, queue_id)
    choice = _Choice()
    if ticket.assignee_id is None and ticket.status in OPEN:
        choice = _agent_for(tx, queue_id, rule, need, heard, state.barred_id)
    if priority is not ticket.priority:
        change_ticket(tx, ticket.id, {"priority": priority})
    if ticket.assignee_id is None and (queue_id, choice.agent_id) != (ticket.queue_id, None):
        assign_ticket(tx, ticket.id, queue_id=queue_id, assignee_id=choice.agent_id, cause=ROUTING)
        if queue_id is not None and choice.agent_id is not None:
            tx.routing_decisions.note_turn(queue_id, choice.agent_id)
    decision = RoutingDecision(
        id=tx.ids.new(),
        ticket_id=ticket.id,
        purpose=state.purpose,
        routing_rule_id=rule.id,
        before=before,
        after=place_of(ticket),
        reason=choice.reason,
        heard=heard,
        need=need,
        considered=rule.considered,
        skipped=choice.skipped,
        decided_at=tx.clock.now(),
    )
    note_decision(tx, ticket, decision)
    placed = ticket.queue_id if _is_placed_here(before, ticket, state) else None
    kept = Place(placed, None, ticket.priority)
    again_at = _again_at(tx, 1) if heard.missing else None
    tx.routing_decisions.keep(ticket.id, kept, heard, need, again_at)
    return decision


def _rule_for(tx: DeskTx, ticket: Ticket, heard: Heard) -> _Rule:
    rules = rules_in_use(tx)
    if not rules:
        return _Rule(None, ())
    queue = "" if ticket.queue_id is None else keys_of_queues(tx).get(ticket.queue_id, "")
    entitled = entitled_if_asked(tx, ticket, [rule.definition.condition for rule in rules])
    values = values_of(
        ticket, tx.clock.now(), queue=queue, customer=customer_of(heard), entitled=entitled
    )
    return _Rule(*choose_rule(rules, values))


def _queue_for(tx: DeskTx, ticket: Ticket, state: State, rule: _Rule) -> UUID | None:
    """Where it goes: nowhere else, unless routing has put it where it is and nobody has begun."""
    is_free = ticket.assignee_id is None and ticket.status is Status.NEW
    is_ours = ticket.queue_id is None or ticket.queue_id == state.queue_id
    if ticket.assignee_id is not None:
        return ticket.queue_id
    if ticket.queue_id is not None and not (is_free and is_ours):
        return ticket.queue_id
    if rule.queue_id is not None:
        queue = tx.queues.seen(rule.queue_id)
        if queue is not None and queue.archived_at is None:
            return queue.id
    return ticket.queue_id or general_queue(tx)


def _priority_for(
    tx: DeskTx,
    ticket: Ticket,
    state: State,
    rule: _Rule,
    heard: Heard,
    queue_id: UUID | None,
) -> Priority:
    priority, is_first = ticket.priority, state.priority is None
    if not is_first and priority is not state.priority:
        return priority
    queue = None if queue_id is None else tx.queues.seen(queue_id)
    if is_first and priority is Priority.NORMAL and queue is not None:
        priority = queue.definition.default_priority
    preferences = routing_settings_of(tx).preferences
    return preferences.raised(highest([priority, *rule.priorities]), heard.tier, heard.value)


def _agent_for(
    tx: DeskTx,
    queue_id: UUID | None,
    rule: _Rule,
    need: Need,
    heard: Heard,
    barred_id: UUID | None,
) -> _Choice:
    queue = None if queue_id is None else tx.queues.seen(queue_id)
    if queue is None:
        return _Choice(reason=NoAgent.NO_QUEUE)
    # What was given in this transaction counts, too.
    tx.flush()
    passed: tuple[Skipped, ...] = ()
    if rule.is_owner_first and heard.owner_id is not None and heard.owner_id != barred_id:
        owner = agent_locked(tx, heard.owner_id, queue_id)
        if owner is not None:
            because = obstacle(owner, need, queue.definition.most_open)
            if not because:
                return _Choice(owner.agent_id)
            passed = (Skipped(owner.agent_id, because),)
    if not queue.hands_out:
        return _Choice(reason=NoAgent.MANUAL_QUEUE, skipped=passed)
    found = _among(
        tx, queue.id, queue.definition.method, need, queue.definition.most_open, barred_id
    )
    skipped = tuple(dict.fromkeys((*passed, *found.skipped)))
    reason = NoAgent.NOBODY_FREE if found.agent_id is None else None
    return _Choice(found.agent_id, reason, skipped)


def _among(
    tx: DeskTx,
    queue_id: UUID,
    method: Method,
    need: Need,
    most_open: int | None,
    barred_id: UUID | None,
) -> AgentChoice:
    people = agents_of_queue(tx, queue_id)
    return choose_agent(method, people, need, most_open=most_open, barred=barred_id)


def _is_being_known(tx: DeskTx, ticket: Ticket) -> bool:
    """Whether contacts is still being asked who it is: once it has said so, it is routed at once."""
    is_new = tx.clock.now() - ticket.opened_at < _KNOWN_WITHIN
    return is_new and ticket.person_id is None and question_of(tx, ticket.id) is not None


def _is_placed_here(before: Place, ticket: Ticket, state: State) -> bool:
    """Whether it is routing that has put the ticket where it is, now or before."""
    return ticket.queue_id != before.queue_id or ticket.queue_id == state.queue_id


def _together(before: Heard, heard: Heard) -> Heard:
    """What is known now: of who was silent, what they have said before."""
    if LOYALTY in heard.missing:
        heard = replace(heard, tier=before.tier, value=before.value)
    if CONTACTS in heard.missing and heard.owner_id is None:
        heard = replace(heard, owner_id=before.owner_id)
    return heard


def _again_at(tx: DeskTx, attempts: int) -> datetime:
    seconds = growing_delay(max(attempts, 1), first=_FIRST_RETRY_SECONDS, most=_LAST_RETRY_SECONDS)
    return tx.clock.now() + timedelta(seconds=seconds)
