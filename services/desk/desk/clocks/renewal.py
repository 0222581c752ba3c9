"""Has open deadlines reckoned anew after a policy or a calendar was changed: some tickets at a time (DE-3).

Each change begins two rounds over the tickets that are not settled: one at once, and one a little
later, for tickets that were being written by the old policies while the first went past them.
"""

from __future__ import annotations

from datetime import timedelta

from chassis.storage.unit_of_work import UnitOfWork
from chassis.work.timers import set_timer

RENEWAL = "service_levels_renewal"
ROUNDS = {"first": timedelta(), "second": timedelta(minutes=1)}
"""When each round begins: a transaction is over long before the second does."""


def have_reckoned_anew(tx: UnitOfWork) -> None:
    """Have both rounds begin, whether one is on its way or not."""
    now = tx.clock.now()
    for key, later in ROUNDS.items():
        set_timer(tx, RENEWAL, key, now + later)
