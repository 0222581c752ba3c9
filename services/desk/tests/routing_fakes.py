"""Stand-ins for those who know what a customer is to the tenant."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from threading import Event
from uuid import UUID

from chassis.domain import Money, Unavailable
from desk.routing.customers import Worth


class FakeMemberships:
    """Knows how customers stand as the test says; of who is in `away` nothing is said.

    Who is in `slow` is answered about once `hurry` is set.
    """

    def __init__(self) -> None:
        self.known: dict[UUID, Worth] = {}
        self.away: set[UUID] = set()
        self.slow: set[UUID] = set()
        self.hurry = Event()
        self.asked: Counter[UUID] = Counter()

    def know(
        self, person_id: UUID, *, tier: str = "", value: str = "", currency: str = "TWD"
    ) -> None:
        """Say how a person stands."""
        worth = Money(Decimal(value), currency) if value else None
        self.known[person_id] = Worth(tier, worth)

    def worth(self, tenant_id: UUID, person_id: UUID) -> Worth:
        """How the person stands."""
        del tenant_id
        self.asked[person_id] += 1
        if person_id in self.slow:
            self.hurry.wait(10)
        if person_id in self.away:
            raise Unavailable("loyalty does not answer now.", code="peer_unavailable")
        return self.known.get(person_id, Worth())


class FakeOwners:
    """Knows whose customers people and companies are, likewise."""

    def __init__(self) -> None:
        self.known: dict[UUID, UUID] = {}
        self.away: set[UUID] = set()
        self.slow: set[UUID] = set()
        self.hurry = Event()

    def owner_of_person(self, tenant_id: UUID, person_id: UUID) -> UUID | None:
        """The owner of the person."""
        del tenant_id
        return self._owner(person_id)

    def owner_of_company(self, tenant_id: UUID, company_id: UUID) -> UUID | None:
        """The owner of the company."""
        del tenant_id
        return self._owner(company_id)

    def _owner(self, key: UUID) -> UUID | None:
        if key in self.slow:
            self.hurry.wait(10)
        if key in self.away:
            raise Unavailable("contacts does not answer now.", code="peer_unavailable")
        return self.known.get(key)
