"""What a conversion asks of whoever keeps the people and companies: a port."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from chassis.context import Caller
from sales.lead_conversions.domain import Customer
from sales.lead_facts.domain import ConsentSaying
from sales.leads.domain import Lead


class Customers(Protocol):
    """People and companies, who are one thing each however often they come.

    Each question is asked in the caller's own name, and may be repeated, writes included: what an attempt that failed
    has entered, the next one finds. All raise `Unavailable`, and `Forbidden` for callers who may not.
    """

    def person_of(
        self, caller: Caller, lead: Lead, owner_id: UUID | None, *, new: bool
    ) -> Customer:
        """The person that a lead is, entered for `owner_id` unless somebody is known.

        With `new` nobody who is known is meant. Raises `Conflict` (`lead_ambiguous`) that names all
        who might be, `Invalid` that names the field of the lead that is none.
        """
        ...

    def company_of(
        self, caller: Caller, lead: Lead, owner_id: UUID | None, *, new: bool
    ) -> Customer:
        """The company that a lead is of; as `person_of`."""
        ...

    def known_person(self, caller: Caller, person_id: UUID) -> UUID:
        """A person by their id now, who may have been merged. Raises `NotFound`, `Conflict` (archived)."""
        ...

    def known_company(self, caller: Caller, company_id: UUID) -> UUID:
        """A company within the caller's reach. Raises `NotFound`, `Conflict` (archived)."""
        ...

    def owner_of(self, caller: Caller, person_id: UUID) -> UUID | None:
        """Whose customer a person is; None while nobody's. Raises `NotFound`."""
        ...

    def employ(self, caller: Caller, person_id: UUID, company_id: UUID, title: str) -> None:
        """Note that the person works at the company, if the caller may change the person."""
        ...

    def pass_on(self, caller: Caller, person_id: UUID, lead_id: UUID, saying: ConsentSaying) -> str:
        """Pass on what was said about consent, with time and source; the same saying counts once.

        Gives why it was not taken, such as `purpose_unknown`; empty when it was. Said on a form that
        anybody may fill in, a yes waits for the address to confirm it where the purpose asks for that.
        """
        ...
