"""Wires what is done to tickets by one click or by itself: macros, triggers, time rules (DE-6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.domain import Clock
from chassis.http.routes import Routes
from chassis.storage.database import Database
from chassis.work.periodic import PeriodicWork
from chassis.work.timers import Timer
from desk.macros.api import macros, macros_of_ticket
from desk.time_rules.api import time_rules
from desk.time_rules.firing import ticket_is_due
from desk.time_rules.pruning import time_rule_pruning
from desk.time_rules.timing import ROUND, TICKET_TIMER, round_is_due
from desk.transaction import DeskTx
from desk.triggers.api import trigger_firings, trigger_vocabulary, triggers
from desk.triggers.pruning import trigger_pruning

AUTOMATING_ROUTES: Sequence[Routes] = (
    macros,
    macros_of_ticket,
    triggers,
    trigger_firings,
    trigger_vocabulary,
    time_rules,
)
AUTOMATING_TIMERS: Mapping[str, Callable[[DeskTx, Timer], object]] = {
    TICKET_TIMER: ticket_is_due,
    ROUND: round_is_due,
}


def firing_pruning(database: Database, clock: Clock) -> Sequence[PeriodicWork]:
    """The periodic works that have go what nobody looks back to."""
    return (*trigger_pruning(database, clock), *time_rule_pruning(database, clock))
