"""The real clock and the real factory of identifiers, and fixed ones to put in their place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands still until it is moved; for tests and rehearsals."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """The time it was last moved to."""
        return self._at

    def move(self, by: timedelta) -> None:
        """Move by a span, forwards or backwards."""
        self._at += by


class TimeOrderedIds:
    """UUIDs of version 7: they sort by the time they were made at."""

    def new(self) -> UUID:
        """A new identifier."""
        return UUID(int=uuid_utils.uuid7().int)
