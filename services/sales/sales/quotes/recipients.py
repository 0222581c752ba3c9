"""What is asked about the person whom a quote is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person as far as a quote needs to know one; `has_mail` is whether mail can reach them."""

    person_id: UUID
    name: str
    language: str
    has_mail: bool


class Recipients(Protocol):
    """People to whom quotes go."""

    def find(self, tenant_id: UUID, person_id: UUID) -> Recipient | None:
        """The person; None when there is none any more. Raises `Unavailable`."""
        ...
