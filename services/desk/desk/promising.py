"""Wires what customers are promised: calendars, service levels and the clocks that run by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chassis.http.routes import Routes
from chassis.work.timers import Timer
from desk.calendars.api import business_calendars
from desk.clocks.api import attainment, clocks, clocks_of_ticket
from desk.clocks.timing import CLOCK_TIMERS
from desk.promises.api import promises, promises_kept, promises_of_ticket
from desk.promises.hearing import PROMISE_TIMER
from desk.promises.operations import promise_is_due
from desk.service_levels.api import service_levels, ticket_vocabulary
from desk.transaction import DeskTx

PROMISING_ROUTES: Sequence[Routes] = (
    business_calendars,
    service_levels,
    ticket_vocabulary,
    clocks,
    clocks_of_ticket,
    attainment,
    promises,
    promises_of_ticket,
    promises_kept,
)
PROMISING_TIMERS: Mapping[str, Callable[[DeskTx, Timer], object]] = {
    **CLOCK_TIMERS,
    PROMISE_TIMER: promise_is_due,
}
