"""Who has asked, where only an address is known: contacts is asked, and knows or makes the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Requester:
    """Whoever has asked by a ticket, as far as it is known."""

    ticket_id: UUID
    address: str
    name: str = ""
    language: str = ""


class Requesters(Protocol):
    """Who knows people by their addresses."""

    def person_of(self, tenant_id: UUID, requester: Requester) -> UUID | None:
        """The person of an address, made if there is none; None where several may be meant.

        The same ticket gives the same person, however often it is asked for. Raises `Unavailable`,
        `Invalid` for an address that is none.
        """
        ...
