"""Stand-ins for the services that loyalty asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

from chassis.domain import Unavailable
from loyalty.profiles.domain import ImportantDay, Profile


class FakePeople:
    """People of whom is known what the test says.

    Of who is in `away` nothing is said. What is in `meanwhile` happens once while it is being asked.
    """

    def __init__(self) -> None:
        self.known: dict[UUID, Profile] = {}
        self.away: set[UUID] = set()
        self.meanwhile: dict[UUID, Callable[[], object]] = {}
        self.asked: Counter[UUID] = Counter()

    def know(
        self, person_id: UUID, *, time_zone: str = "", language: str = "", **days: str
    ) -> None:
        """Say what is known of a person; days by their kind, as `birthday="1990-02-28"`."""
        self.known[person_id] = Profile(
            person_id,
            language,
            time_zone,
            tuple(ImportantDay(kind, date.fromisoformat(first)) for kind, first in days.items()),
            datetime.now(UTC),
        )

    def profile(self, tenant_id: UUID, person_id: UUID) -> Profile | None:
        """What is known of the person."""
        del tenant_id
        self.asked[person_id] += 1
        if person_id in self.away:
            raise Unavailable("contacts does not answer now.", code="peer_unavailable")
        self.meanwhile.pop(person_id, lambda: None)()
        return self.known.get(person_id)
