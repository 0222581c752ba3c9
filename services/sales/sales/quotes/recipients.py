"""What is asked about the customer whom a quote is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from chassis.context import Caller


@dataclass(frozen=True, slots=True)
class Recipient:
    """A customer as far as a quote needs to know one; `has_mail` is whether mail can reach them.

    What is not known is empty. `company` is the name of the company that the quote is for.
    """

    person_id: UUID | None
    name: str = ""
    language: str = ""
    has_mail: bool = False
    company_id: UUID | None = None
    company: str = ""


class Recipients(Protocol):
    """Customers to whom quotes go."""

    def person(self, tenant_id: UUID, person_id: UUID) -> Recipient | None:
        """The person; None when there is none any more. Raises `Unavailable`."""
        ...

    def company_name(self, caller: Caller, company_id: UUID) -> str:
        """What a company is called; empty when there is none for this caller. Raises `Unavailable`."""
        ...
