"""What a fault is: something that is done to the platform, and whom it may touch."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from chassis.testing.waiting import eventually
from tests.reliability.estate import Estate
from tests.reliability.keeper import Keeper


@dataclass
class Scene:
    """What faults work on."""

    estate: Estate
    keeper: Keeper
    rng: random.Random

    def last(self, seconds: float) -> None:
        """Let a state last for a while, during which the load goes on."""
        threading.Event().wait(seconds)

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait until something holds; fails if it does not in time."""
        eventually(condition, seconds)


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    `inflict` does it and takes it back again as far as hands would (a server that was stopped is
    started, a wire is mended); what follows, the platform has to do by itself. `silences` are the
    services that need not answer meanwhile: all others have to, all the time. `touches` are those
    whose recovery is timed.
    """

    name: str
    inflict: Callable[[Scene], None]
    silences: frozenset[str]
    touches: frozenset[str]
