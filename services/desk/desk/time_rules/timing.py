"""When tickets are looked at: one timer each, for the time rule that is due next.

A change of the ticket, of a rule or of a calendar has it looked at anew. So nothing is searched for, and
what was due while nothing ran is done as soon as something does.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.storage.unit_of_work import UnitOfWork
from chassis.work.timers import Timer, set_timer
from desk.time_rules.storage import are_there_time_rules, unclosed_after

TICKET_TIMER = "time_rules_of_ticket"
"""Fires when a time rule may be due about a ticket; its key is the ticket."""
ROUND = "time_rules_round"
AT_ONCE = 100
"""For how many tickets the timer is set in one transaction."""


def look_at_ticket(tx: UnitOfWork, ticket_id: UUID, at: datetime | None = None) -> None:
    """Have a ticket looked at: now, or then."""
    set_timer(tx, TICKET_TIMER, str(ticket_id), at or tx.clock.now())


def look_at_all(tx: UnitOfWork) -> None:
    """Have all tickets that are not closed looked at, some after the other."""
    set_timer(tx, ROUND, str(tx.tenant_id), tx.clock.now())


def round_is_due(tx: UnitOfWork, timer: Timer) -> None:
    """Have some tickets looked at; the rest follows in transactions of its own."""
    if not are_there_time_rules(tx):
        return
    after = timer.data.get("after")
    ticket_ids = unclosed_after(tx, UUID(after) if after else None, AT_ONCE)
    for ticket_id in ticket_ids:
        look_at_ticket(tx, ticket_id)
    if len(ticket_ids) == AT_ONCE:
        behind = {"after": str(ticket_ids[-1])}
        set_timer(tx, ROUND, timer.key, tx.clock.now(), behind)
