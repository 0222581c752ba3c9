"""What the timers of clocks do: warn, break, escalate, and go round after a change of policies (DE-3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from chassis.work.timers import Timer, set_timer
from desk.clocks.operations import CLOCK_TIMER, ESCALATION_TIMER, look_again
from desk.clocks.renewal import RENEWAL
from desk.service_levels.escalating import escalate
from desk.service_levels.storage import policy_named
from desk.ticket_actions.alerting import alert_leader
from desk.ticket_actions.domain import Source
from desk.transaction import DeskTx

CAUSE = "service_level"
TICKETS_AT_ONCE = 100
"""How many tickets are reckoned anew in one transaction."""


def clock_is_due(tx: DeskTx, timer: Timer) -> None:
    """Warn, or have a clock break, if it still has to. By then the ticket may have changed."""
    ticket_id = tx.clocks.ticket_of(UUID(timer.key))
    if ticket_id is not None:
        look_again(tx, ticket_id)


def escalation_is_due(tx: DeskTx, timer: Timer) -> None:
    """Do with a ticket what its policy wants when a deadline has passed, unless that was met since.

    What nobody has after it is told to who leads the team of its queue.
    """
    clock_id = UUID(timer.key)
    ticket_id = tx.clocks.ticket_of(clock_id)
    if ticket_id is None:
        return
    ticket = tx.tickets.get(ticket_id)
    clock = tx.clocks.get(clock_id)
    if ticket.is_settled or not clock.is_open or clock.service_level_id is None:
        return
    policy = policy_named(tx, clock.service_level_id)
    if policy is not None and policy.escalation.does_anything:
        escalate(tx, ticket, policy.escalation, CAUSE)
    alert_leader(tx, ticket, Source(CAUSE, clock.service_level_id))


def renewal_is_due(tx: DeskTx, timer: Timer) -> None:
    """Reckon some tickets anew; the rest follows in transactions of its own."""
    after = timer.data.get("after")
    ticket_ids = tx.clocks.unsettled_after(UUID(after) if after else None, TICKETS_AT_ONCE)
    # Locked in one order, so that no deadlock arises.
    tx.tickets.get_many(list(ticket_ids))
    for ticket_id in ticket_ids:
        look_again(tx, ticket_id)
    if len(ticket_ids) == TICKETS_AT_ONCE:
        behind = {"after": str(ticket_ids[-1])}
        set_timer(tx, RENEWAL, timer.key, tx.clock.now(), behind)


CLOCK_TIMERS: Mapping[str, Callable[[DeskTx, Timer], object]] = {
    CLOCK_TIMER: clock_is_due,
    ESCALATION_TIMER: escalation_is_due,
    RENEWAL: renewal_is_due,
}
