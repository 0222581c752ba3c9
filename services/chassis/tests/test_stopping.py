"""A service stops within its time, however long its parts take."""

from __future__ import annotations

import threading
from pathlib import Path

from chassis.description import Description
from chassis.events.outbox import FactEncoder
from chassis.service import Service
from chassis.settings import ServiceSettings
from chassis.storage.unit_of_work import UnitOfWork
from chassis.testing.access import FakeAccessSource
from chassis.testing.harness import TestDatabase, settings_for


class Part:
    """Takes all the time that it is given to stop, or none."""

    def __init__(self, *, is_late: bool) -> None:
        self._is_late = is_late
        self.given: float | None = None

    def start(self) -> None:
        """There is nothing to do."""

    def stop(self, timeout: float) -> None:
        """End, late or at once."""
        self.given = timeout
        if self._is_late:
            threading.Event().wait(timeout)

    def is_healthy(self) -> bool:
        """Always."""
        return True


def test_parts_that_are_late_share_the_time_that_there_is() -> None:
    nowhere = TestDatabase(*["postgresql://nobody@127.0.0.1:1/nothing"] * 4)
    settings = ServiceSettings(**settings_for(nowhere, drain_seconds=0.6))
    access = FakeAccessSource()
    service = Service(
        Description("shop", "1", "Sells.", Path("nowhere")),
        settings,
        UnitOfWork,
        facts=FactEncoder({}),
        access=lambda _: access,
    )
    parts = [Part(is_late=late) for late in (True, True, False)]
    service.at_work(*parts)
    service.start(["worker"])
    service.stop()
    first, second, third = (part.given or 0 for part in parts)
    assert 0.6 >= third >= second > 0.5, "all of it is there while nobody has taken any"
    assert first == 0.3, "what is stopped last has a moment still, and no more"
