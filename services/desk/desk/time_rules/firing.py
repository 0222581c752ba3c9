"""Has time rules fire about a ticket that is due, and its timer be set for what is due next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from chassis.conditions.evaluation import Value
from chassis.domain import DomainError
from chassis.work.timers import Timer
from desk.calendars.storage import hours_by
from desk.clocks.storage import history_of
from desk.ticket_actions.applying import apply_actions
from desk.ticket_actions.domain import Source
from desk.ticket_actions.effects import does_anything
from desk.ticket_actions.seeing import values_seen
from desk.ticket_facts.domain import Status
from desk.ticket_vocabulary import condition_of
from desk.tickets.domain import Ticket
from desk.time_rules.domain import Since, TimeRule, TimeRuleFired, due_at
from desk.time_rules.storage import DONE, fired_about, keep_fired, time_rules_in_use
from desk.time_rules.timing import look_at_ticket
from desk.transaction import DeskTx

TIME_RULE = "time_rule"


def ticket_is_due(tx: DeskTx, timer: Timer) -> None:
    """Have those rules fire that are due and whose condition holds; the next is waited for.

    A condition that does not hold is judged again when the ticket changes.
    """
    ticket_id, rules = UUID(timer.key), time_rules_in_use(tx)
    found = tx.tickets.get_many([ticket_id])
    if not found or found[0].status is Status.CLOSED or not rules:
        return
    fired, following = fired_about(tx, ticket_id), list[datetime]()
    for rule in rules:
        ticket = tx.tickets.get(ticket_id)
        counted_from = moment_of(tx, ticket, rule.definition.since)
        if counted_from is None or fired.get(rule.id) == counted_from:
            continue
        hours = hours_by(tx, rule.definition.business_calendar_id)
        due = due_at(counted_from, rule.definition.hours, hours)
        if due is not None and due > tx.clock.now():
            following.append(due)
        elif due is not None and _fits(rule, _values(tx, ticket, rules)):
            _fire(tx, ticket, rule, counted_from)
    if following:
        look_at_ticket(tx, ticket_id, min(following))


def moment_of(tx: DeskTx, ticket: Ticket, since: Since) -> datetime | None:
    """From when hours count about a ticket; None while there is no such moment."""
    match since:
        case Since.OPENED:
            return ticket.opened_at
        case Since.UPDATED:
            return ticket.updated_at
        case Since.CUSTOMER_MESSAGE:
            return ticket.last_customer_message_at
        case Since.REPLY:
            return ticket.last_reply_at
        case Since.WAITING:
            return ticket.waiting_since
        case Since.STATUS_CHANGED:
            return _standing_since(tx, ticket)


def _standing_since(tx: DeskTx, ticket: Ticket) -> datetime:
    """When its status became what it is."""
    since, before = ticket.opened_at, Status.NEW
    for past in history_of(tx, ticket.id):
        if past.status is not before:
            since, before = past.at, past.status
    return since


def _fire(tx: DeskTx, ticket: Ticket, rule: TimeRule, counted_from: datetime) -> None:
    """Do what the rule says; what it changes itself does not have it count anew."""
    actions, source, outcome = rule.definition.actions, Source(TIME_RULE, rule.id), DONE
    if not does_anything(ticket, actions):
        return
    try:
        tx.apart(lambda: apply_actions(tx, ticket.id, actions, source, automatic=True))
    except DomainError as error:
        outcome = error.violations[0].code if error.violations else error.code
    after = tx.tickets.get(ticket.id)
    moment = moment_of(tx, after, rule.definition.since) or counted_from
    keep_fired(tx, rule.id, ticket.id, moment, outcome)
    firing_id, reason = tx.ids.new(), "" if outcome == DONE else outcome
    now = tx.clock.now()
    fact = TimeRuleFired(firing_id, rule.id, after.header, counted_from, reason, now)
    tx.publish(fact, firing_id, 1)


def _fits(rule: TimeRule, values: Mapping[str, Value]) -> bool:
    condition = rule.definition.condition
    return not condition or condition_of(condition).holds(values)


def _values(tx: DeskTx, ticket: Ticket, rules: Sequence[TimeRule]) -> Mapping[str, Value]:
    return values_seen(tx, ticket, [one.definition.condition for one in rules])
