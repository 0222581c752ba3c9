"""Fires timers in tests, by the clock of whoever's they are."""

from __future__ import annotations

import time
from typing import Any

from chassis.work.timers import HELD_SECONDS, TimerRunner

_TRIES = 400


def fire_due(runner: TimerRunner[Any]) -> None:
    """Fire all that is due, and wait for what a runner of the same database has in hand."""
    for _ in range(_TRIES):
        wait = runner.run_due()
        if wait == HELD_SECONDS:
            time.sleep(HELD_SECONDS / 4)
        elif wait:
            return
