"""What becomes of promises when something happens to their ticket (DE-4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict
from chassis.work.timers import cancel_timer, set_timer
from desk.promises.domain import KeptBy, Promise
from desk.ticket_facts.domain import Happening, Moment
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx

_CLOSED = frozenset((Happening.CLOSED, Happening.MERGED))
PROMISE_TIMER = "promise"
"""Fires when a promise reminds or breaks next; its key is the promise."""


def hear_of_promises(tx: DeskTx, ticket: Ticket, moment: Moment) -> None:
    """Have a reply keep promises, and a merged ticket's be the other's.

    Raises `Conflict` when somebody closes a ticket by hand whose customer still waits to hear: say
    first what becomes of it. The timer that closes resolved tickets leaves promises as they are.
    """
    if moment.what is Happening.REPLY:
        keep_promises(tx, ticket, KeptBy.REPLY, moment.at)
    elif moment.what in _CLOSED and ticket.merged_into_id is not None:
        _move(tx, ticket, ticket.merged_into_id, moment.at)
    elif moment.what is Happening.CLOSED and tx.caller.user_id is not None:
        _require_none(tx, ticket)


def keep_promises(tx: DeskTx, ticket: Ticket, kept_by: KeptBy, at: datetime) -> None:
    """Have what the customer heard keep those promises of a ticket that are kept so."""
    for promise in tx.promises.pending_of(ticket.id):
        if promise.promised.kept_by_reply:
            promise.keep(ticket.header, kept_by, at)
            time_promise(tx, promise)


def time_promise(tx: DeskTx, promise: Promise) -> None:
    """Have the timer fire when a promise reminds or breaks next."""
    at = promise.next_at
    if at is None:
        cancel_timer(tx, PROMISE_TIMER, str(promise.id))
    else:
        set_timer(tx, PROMISE_TIMER, str(promise.id), at)


def _move(tx: DeskTx, ticket: Ticket, into_id: UUID, now: datetime) -> None:
    target = tx.tickets.whosever(into_id)
    if target is not None:
        for promise in tx.promises.pending_of(ticket.id):
            promise.pass_time(ticket.header, now)
            promise.move_to(target.header, now)
            time_promise(tx, promise)


def _require_none(tx: DeskTx, ticket: Ticket) -> None:
    if tx.promises.pending_of(ticket.id):
        message = "The customer was promised to hear from the desk: keep or withdraw that first."
        raise Conflict(message, code="promises_pending")
