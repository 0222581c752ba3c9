"""The service without its own facts, and the time, for tests of reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import MovableClock
from services.desk.tests.builders import Desk


@pytest.fixture
def clock() -> MovableClock:
    """A clock that the test moves; a minute ahead, so that tokens made while it stands are valid."""
    return MovableClock(datetime.now(UTC) + timedelta(minutes=1))


@pytest.fixture
def desk(timed: Desk) -> Desk:
    """The service without its own facts: the test alone decides which arrive, and when."""
    return timed
