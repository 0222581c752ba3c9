"""What stands in for those whom desk asks, in tests."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chassis.access.leaders import Led
from chassis.domain import DomainError, Unavailable
from desk.people.erased import MOST_AT_ONCE, Said
from desk.requesters.domain import Requester


class FakeRequesters:
    """Knows the people that a test has told of, by their addresses; does not answer about others."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, str], UUID | None] = {}
        self.asked: list[Requester] = []

    def tell(self, tenant_id: UUID | None, address: str, person_id: UUID | None) -> None:
        """Say who has an address in a tenant; None for one that several may be meant by."""
        assert tenant_id is not None
        self._known[(tenant_id, address)] = person_id

    def asked_about(self, ticket_id: str) -> list[Requester]:
        """What was asked about a ticket; others of the same database are asked about, too."""
        return [one for one in self.asked if str(one.ticket_id) == ticket_id]

    def person_of(self, tenant_id: UUID, requester: Requester) -> UUID | None:
        """The person, if a test has told of one."""
        self.asked.append(requester)
        if (tenant_id, requester.address) not in self._known:
            raise Unavailable("Nobody has said who that is.")
        return self._known[(tenant_id, requester.address)]


class FakeLeads:
    """Knows the teams that a test has told of, and answers about all tenants unless it is `away`."""

    def __init__(self) -> None:
        self.away = False
        self._known: dict[UUID, Sequence[Led] | DomainError] = {}
        self.asked: list[UUID] = []

    def tell(self, tenant_id: UUID | None, *teams: Led) -> None:
        """Say which teams a tenant has, and who leads them."""
        assert tenant_id is not None
        self._known[tenant_id] = teams

    def refuse(self, tenant_id: UUID | None, error: DomainError) -> None:
        """Say no whenever this tenant is asked about."""
        assert tenant_id is not None
        self._known[tenant_id] = error

    def teams_of(self, tenant_id: UUID) -> Sequence[Led]:
        """The teams, if a test has told of them."""
        self.asked.append(tenant_id)
        if self.away:
            raise Unavailable("Nobody answers.")
        known = self._known.get(tenant_id, ())
        if isinstance(known, DomainError):
            raise known
        return known


class FakeErasedPeople:
    """Erased people by an address and a number, as the test says; `away` is contacts not answering."""

    def __init__(self) -> None:
        self.known: dict[UUID, tuple[str, str]] = {}
        self.away = False
        self.asked: list[Said] = []

    def matches(self, _tenant_id: UUID, person_id: UUID, said: Sequence[Said]) -> Sequence[int]:
        """What is the address, or a text with the address or the number in it."""
        if self.away:
            raise Unavailable("contacts does not answer.", code="peer_unavailable")
        assert len(said) <= MOST_AT_ONCE
        self.asked += said
        theirs = set(self.known.get(person_id, ()))
        return [
            place
            for place, one in enumerate(said)
            if theirs & {one.address.lower(), *one.text.lower().split()}
        ]
