"""What agents do about their promises; each function is one transaction (DE-4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from chassis.work.timers import Timer
from desk.colleagues.standing import gone, unknown
from desk.desk_settings.storage import preferences_of
from desk.promises.domain import MOST_OPEN, KeptBy, Promise, Promised, PromiseStatus
from desk.promises.hearing import time_promise
from desk.service_levels.escalating import escalate
from desk.ticket_facts.domain import Status
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx

CAUSE = "broken_promise"


def make_promise(tx: DeskTx, ticket_id: UUID, promised: Promised) -> Promise:
    """Promise a customer to be in touch.

    Who has to keep it is whoever is named, else the caller, else the assignee. Raises `NotFound`,
    `Invalid`, `Conflict` for a closed ticket, and when there are too many.
    """
    ticket = tx.tickets.get(ticket_id)
    ticket.require_not_closed()
    if len(tx.promises.pending_of(ticket_id)) >= MOST_OPEN:
        message = f"The ticket has {MOST_OPEN} promises that are neither kept nor withdrawn."
        raise Conflict(message, code="too_many_promises")
    user_id = promised.user_id or tx.caller.user_id or ticket.assignee_id
    _require_colleague(tx, promised.user_id)
    promise = Promise(
        id=tx.ids.new(),
        ticket_id=ticket_id,
        promised=replace(promised, user_id=user_id),
        made_by=tx.caller.actor,
        made_at=tx.clock.now(),
        queue_id=ticket.queue_id,
    )
    promise.make(ticket.header)
    tx.promises.add(promise)
    time_promise(tx, promise)
    return promise


def keep_promise(tx: DeskTx, promise_id: UUID) -> Promise:
    """Note that the customer has heard. Raises `NotFound`, `Conflict`."""
    return _done(tx, promise_id, lambda one, t, now: one.keep(t.header, KeptBy.MANUAL, now))


def reschedule_promise(tx: DeskTx, promise_id: UUID, due_at: datetime, reason: str) -> Promise:
    """Have a promise be for another time. Raises `NotFound`, `Invalid`, `Conflict`."""
    actor = tx.caller.actor
    return _done(
        tx, promise_id, lambda one, t, now: one.reschedule(t.header, due_at, reason, actor, now)
    )


def withdraw_promise(tx: DeskTx, promise_id: UUID) -> Promise:
    """Have nothing be promised any more. Raises `NotFound`, `Conflict`."""
    return _done(tx, promise_id, lambda one, t, now: one.withdraw(t.header, now))


def promise_is_due(tx: DeskTx, timer: Timer) -> None:
    """Remind of a promise, or have it break, if it still has to; what breaks is escalated.

    Where whoever has to keep it may not sign in any more, the ticket's assignee has to.
    """
    promise_id = UUID(timer.key)
    if tx.promises.ticket_of(promise_id) is not None:
        _done(tx, promise_id, lambda one, t, now: _pass_time(tx, one, t, now))


def _pass_time(tx: DeskTx, promise: Promise, ticket: Ticket, now: datetime) -> None:
    keeper_id = promise.promised.user_id
    if keeper_id is not None and gone(tx, [keeper_id]):
        assignee_id = ticket.assignee_id
        is_gone = assignee_id is not None and gone(tx, [assignee_id])
        promise.hand_over(None if is_gone else assignee_id)
    was_open = promise.status is PromiseStatus.OPEN
    promise.pass_time(ticket.header, now)
    broke = was_open and promise.status is PromiseStatus.BROKEN
    if broke and ticket.status is not Status.CLOSED:
        escalate(tx, ticket, preferences_of(tx).broken_promise, CAUSE)


def _done(
    tx: DeskTx, promise_id: UUID, step: Callable[[Promise, Ticket, datetime], None]
) -> Promise:
    ticket = _ticket_of(tx, promise_id)
    promise = tx.promises.get(promise_id)
    step(promise, ticket, tx.clock.now())
    time_promise(tx, promise)
    return promise


def _ticket_of(tx: DeskTx, promise_id: UUID) -> Ticket:
    """The ticket that a promise is about, locked; as one of a promise, it goes by its reach."""
    for _ in range(3):
        ticket_id = tx.promises.ticket_of(promise_id)
        if ticket_id is None:
            break
        found = tx.tickets.get_many([ticket_id])
        if not found:
            break
        # It may have been moved to another ticket while this one was waited for.
        if tx.promises.ticket_of(promise_id) == ticket_id:
            return found[0]
    raise NotFound.of("promise", promise_id)


def _require_colleague(tx: DeskTx, user_id: UUID | None) -> None:
    if user_id is None:
        return
    if unknown(tx, [user_id]):
        raise Invalid.at("/user_id", "user_unknown", f"There is no user {user_id}.")
    if gone(tx, [user_id]):
        raise Conflict("The user may not sign in.", code="assignee_gone")
