"""Waits for what is not there yet when a whole platform starts at once, and says what it waited for in vain."""

from __future__ import annotations

import time
from collections.abc import Callable

_PAUSE = 0.5


def still_missing(what_is_missing: Callable[[], str | None], seconds: float) -> str | None:
    """Ask until nothing is missing, at least once and for `seconds`; gives what still is then."""
    end = time.monotonic() + seconds
    while (missing := what_is_missing()) is not None:
        left = end - time.monotonic()
        if left <= 0:
            return missing
        time.sleep(min(_PAUSE, left))
    return None
