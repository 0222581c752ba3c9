"""Has triggers fire on what has happened: in the order of their positions, each at most once for a fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from chassis.conditions.evaluation import Value
from chassis.domain import DomainError
from chassis.events.reactions import Envelope
from desk.action_wording.domain import in_language
from desk.desk_settings.storage import preferences_of
from desk.messages.adding import Said
from desk.messages.operations import note
from desk.ticket_actions.applying import apply_actions
from desk.ticket_actions.domain import Source
from desk.ticket_actions.effects import does_anything
from desk.ticket_actions.seeing import values_seen
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx
from desk.trigger_chains.domain import Barred, Chain
from desk.triggers.domain import Trigger, TriggerFired, TriggerLoopStopped
from desk.triggers.storage import (
    DONE,
    STOPPED,
    chain_from,
    fired_on,
    firings_since,
    keep_chain,
    keep_firing,
    triggers_on,
)
from desk.triggers.vocabulary import Happened, trigger_condition

TRIGGER = "trigger"
_HOUR = timedelta(hours=1)
_STOPPED_NOTE: Mapping[Barred, str] = {
    Barred.AGAIN: "They called each other in a circle: {names}.",
    Barred.TOO_DEEP: "Too many followed from each other: {names}.",
    Barred.TOO_OFTEN: "Too many fired about this ticket within an hour; the last was {names}.",
}


@dataclass(slots=True)
class _Run:
    """What is done about one fact."""

    tx: DeskTx
    happened: Happened
    fact_id: UUID
    chain: Chain
    triggers: Sequence[Trigger]
    fired: list[UUID] = field(default_factory=list)
    stopped: bool = False


def fire_triggers(tx: DeskTx, happened: Happened, envelope: Envelope) -> None:
    """Have those fire whose condition holds, and note how the chain goes on from this fact."""
    parent = chain_from(tx, envelope.cause)
    found = triggers_on(tx, happened.event)
    if not found and parent is None:
        return
    chain = (parent or Chain(happened.ticket_id)).about(happened.ticket_id)
    run = _Run(tx, happened, envelope.id, chain, found)
    if found and tx.tickets.get_many([happened.ticket_id]):
        _try_each(run)
    if run.fired or run.stopped or parent is not None:
        following = chain.after(tuple(run.fired), stopped=run.stopped)
        keep_chain(tx, envelope.id, following, tx.clock.now())


def fits(trigger: Trigger, values: Mapping[str, Value]) -> bool:
    """Whether the condition of a trigger holds; an empty one does."""
    condition = trigger.definition.condition
    return not condition or trigger_condition(condition).holds(values)


def _try_each(run: _Run) -> None:
    before = fired_on(run.tx, run.fact_id)
    values = _values(run)
    for trigger in run.triggers:
        ticket = run.tx.tickets.get(run.happened.ticket_id)
        if trigger.id in before or not fits(trigger, values):
            continue
        if not does_anything(ticket, trigger.definition.actions):
            continue
        fired, stops = firings_since(run.tx, ticket.id, run.tx.clock.now() - _HOUR)
        why = run.chain.bars(trigger.id, fired)
        if why is None:
            _fire(run, trigger)
            values = _values(run)
        else:
            _stop(run, trigger, why, is_new=not (run.chain.stopped or run.stopped or stops))


def _fire(run: _Run, trigger: Trigger) -> None:
    tx, ticket_id = run.tx, run.happened.ticket_id
    source, actions = Source(TRIGGER, trigger.id), trigger.definition.actions
    outcome = DONE
    try:
        tx.apart(lambda: apply_actions(tx, ticket_id, actions, source, automatic=True))
    except DomainError as error:
        outcome = _code(error)
    run.fired.append(trigger.id)
    firing_id = _keep(run, trigger, outcome)
    reason = "" if outcome == DONE else outcome
    header, now = tx.tickets.get(ticket_id).header, tx.clock.now()
    event, depth = run.happened.event, run.chain.depth
    fact = TriggerFired(firing_id, trigger.id, header, event, depth, reason, now)
    tx.publish(fact, firing_id, 1)


def _stop(run: _Run, trigger: Trigger, why: Barred, *, is_new: bool) -> None:
    """Note that a trigger was stopped; in a chain, and within an hour, once for colleagues to read."""
    stop_id = _keep(run, trigger, STOPPED)
    run.stopped = True
    if not is_new:
        return
    tx, ticket = run.tx, run.tx.tickets.get(run.happened.ticket_id)
    involved = (*run.chain.fired, *run.fired, trigger.id)
    note(tx, ticket.id, Said(_told(tx, ticket, why, involved)))
    now = tx.clock.now()
    tx.publish(TriggerLoopStopped(stop_id, ticket.header, why, involved, now), stop_id, 1)


def _told(tx: DeskTx, ticket: Ticket, why: Barred, involved: Sequence[UUID]) -> str:
    default = preferences_of(tx).default_language
    known = tx.triggers.get_many(list(dict.fromkeys(involved)))
    names = {one.id: in_language(one.definition.name, default, ticket.language) for one in known}
    chosen = involved[-1:] if why is Barred.TOO_OFTEN else involved
    listed = ", ".join(names.get(one, str(one)) for one in chosen)
    return f"Triggers were stopped. {_STOPPED_NOTE[why].format(names=listed)}"


def _keep(run: _Run, trigger: Trigger, outcome: str) -> UUID:
    firing_id = run.tx.ids.new()
    about = {"id": firing_id, "trigger_id": trigger.id, "ticket_id": run.happened.ticket_id}
    how = {"event": run.happened.event.value, "depth": run.chain.depth, "outcome": outcome}
    at = run.tx.clock.now()
    keep_firing(run.tx, {**about, **how, "fact_id": run.fact_id, "at": at})
    return firing_id


def _values(run: _Run) -> Mapping[str, Value]:
    ticket = run.tx.tickets.get(run.happened.ticket_id)
    conditions = [one.definition.condition for one in run.triggers]
    return {**values_seen(run.tx, ticket, conditions), **run.happened.values}


def _code(error: DomainError) -> str:
    return error.violations[0].code if error.violations else error.code
