"""Waits for a condition, and no longer than a bound."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, seconds: float = 20) -> T:
    """What the condition gives once it is true; fails with `what` when it stays false."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < end, f"waited {seconds} seconds for {what}"
        pause.wait(0.05)
