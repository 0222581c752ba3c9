"""What a quote asks contacts about the person whom it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Customer:
    """A person as far as a quote needs to know one; `has_mail` is whether mail can reach them."""

    name: str
    language: str
    has_mail: bool


class Customers(Protocol):
    """People as contacts knows them."""

    def find(self, tenant_id: UUID, person_id: UUID) -> Customer | None:
        """The person; None when there is none any more. Raises `Unavailable`."""
        ...
