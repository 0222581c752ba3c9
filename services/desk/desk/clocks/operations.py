"""Has the clocks of a ticket follow what happens to it, and warn and break when their time has come (DE-3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from chassis.work.timers import cancel_timer, set_timer
from desk.calendars.storage import hours_by
from desk.clock_courses.domain import Past, what_counts
from desk.clocks.domain import Clock, reckon
from desk.clocks.policies import policy_for
from desk.clocks.storage import history_of
from desk.metrics import service_levels_breached
from desk.promises.hearing import hear_of_promises
from desk.ticket_facts.domain import Channel, Happening, Moment
from desk.tickets.domain import Ticket
from desk.transaction import DeskTx

CLOCK_TIMER = "service_level_clock"
"""Fires when a clock warns or breaks next; its key is the clock."""
ESCALATION_TIMER = "service_level_escalation"
"""Fires at once when a clock has broken whose policy escalates; its key is the clock."""


def follow(tx: DeskTx, ticket: Ticket, moment: Moment) -> None:
    """Have the clocks of a ticket run, stand still or end after what has happened to it.

    Whoever calls has the ticket locked, and has changed it already.
    """
    history = history_of(tx, ticket.id)
    # Who takes a call speaks with the customer already.
    spoken = ticket.channel is Channel.PHONE and tx.caller.user_id is not None
    past = what_counts(
        history,
        moment,
        ticket.status,
        ticket.opened_at,
        spoken=spoken,
        waits=moment.what is Happening.TOOK_IN and ticket.waiting_since is not None,
    )
    if past:
        tx.clocks.note(ticket.id, len(history), past)
    _reckon(tx, ticket, [*history, *past], time_all=False)
    hear_of_promises(tx, ticket, moment)


def look_again(tx: DeskTx, ticket_id: UUID) -> None:
    """Have the clocks of a ticket go by the time and the policies that there are now."""
    for ticket in tx.tickets.get_many([ticket_id]):
        _reckon(tx, ticket, history_of(tx, ticket_id), time_all=True)


def _reckon(tx: DeskTx, ticket: Ticket, history: Sequence[Past], *, time_all: bool) -> None:
    """Have the clocks be as the history and the policy have it now.

    Timers are set where their time differs; with `time_all` all of them, for whoever took one away.
    """
    if not history:
        return
    now, header = tx.clock.now(), ticket.header
    known = {(one.target, one.round): one for one in tx.clocks.of_ticket(ticket.id)}
    timed = {} if time_all else {one.id: one.next_at for one in known.values()}
    for clock in known.values():
        if clock.pass_time(header, now):
            tx.once_committed(partial(service_levels_breached.labels(clock.target).inc))
            set_timer(tx, ESCALATION_TIMER, str(clock.id), now)
    policy = policy_for(tx, ticket, now)
    hours = hours_by(tx, None if policy is None else policy[1].business_calendar_id)
    for clock in reckon(known, history, policy, hours, header, now=now, new_id=tx.ids.new):
        if (clock.target, clock.round) not in known:
            tx.clocks.add(clock)
        if time_all or clock.next_at != timed.get(clock.id):
            _time(tx, clock)


def _time(tx: DeskTx, clock: Clock) -> None:
    """Have the timer fire when the clock warns or breaks next."""
    at = clock.next_at
    if at is None:
        cancel_timer(tx, CLOCK_TIMER, str(clock.id))
    else:
        set_timer(tx, CLOCK_TIMER, str(clock.id), at)
