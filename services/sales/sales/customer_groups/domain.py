"""Which customers belong to which group, so that price books can be for groups (SA-9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact, Invalid


@dataclass(frozen=True, slots=True)
class CustomerGroupJoined(Fact):
    """A customer belongs to a group."""

    membership: Membership


@dataclass(frozen=True, slots=True)
class CustomerGroupLeft(Fact):
    """A customer belongs to a group no more."""

    membership: Membership


@dataclass(kw_only=True)
class Membership(Aggregate):
    """That a person or a company belongs to a group, which is named by its key alone."""

    group: str
    person_id: UUID | None
    company_id: UUID | None
    created_at: datetime

    def begin(self) -> None:
        """Say that it is there. Raises `Invalid` unless it is of a person or of a company."""
        if (self.person_id is None) == (self.company_id is None):
            message = "Either person_id or company_id is needed, and not both."
            raise Invalid.at("/person_id", "customer_missing", message)
        self.record(CustomerGroupJoined(self))

    def end(self) -> None:
        """Have the customer belong to the group no more."""
        self.record(CustomerGroupLeft(self))
