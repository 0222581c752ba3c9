"""How much time is left for the work in hand: set where a call comes in, kept where one goes out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float | None) -> Iterator[None]:
    """Give the block `seconds`, or what an outer block has left if that is less; None adds nothing."""
    outer = _ends_at.get()
    ends = None if seconds is None else time.monotonic() + seconds
    known = [moment for moment in (outer, ends) if moment is not None]
    token = _ends_at.set(min(known, default=None))
    try:
        yield
    finally:
        _ends_at.reset(token)


def time_left() -> float | None:
    """Seconds until the deadline, negative when it has passed; None when there is none."""
    ends = _ends_at.get()
    return None if ends is None else ends - time.monotonic()
