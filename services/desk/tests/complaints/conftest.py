"""The time for tests whose callers come one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import MovableClock


@pytest.fixture
def clock() -> MovableClock:
    """A clock that the test moves; a minute ahead, so that tokens made while it stands are valid."""
    return MovableClock(datetime.now(UTC) + timedelta(minutes=1))
