"""Who works on an opportunity besides its owner: colleagues with a role, since when, until when (SA-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Fact

MOST_MEMBERS = 50
"""How many colleagues work on one opportunity at a time."""


@dataclass(frozen=True, slots=True)
class OpportunityMemberJoined(Fact):
    """A user works on an opportunity from now on."""

    membership: Membership


@dataclass(frozen=True, slots=True)
class OpportunityMemberRoleChanged(Fact):
    """A user does something else there."""

    membership: Membership
    role: str
    previous_role: str


@dataclass(frozen=True, slots=True)
class OpportunityMemberLeft(Fact):
    """A user works on an opportunity no more."""

    membership: Membership
    at: datetime


@dataclass(kw_only=True)
class Membership(Aggregate):
    """A user on an opportunity. `role` is the tenant's own key; who comes back has another one."""

    opportunity_id: UUID
    user_id: UUID
    role: str
    joined_at: datetime
    left_at: datetime | None = None

    def join(self) -> None:
        """Say that the user is there."""
        self.record(OpportunityMemberJoined(self))

    def take_role(self, role: str) -> None:
        """Do something else; nothing happens when it is the same."""
        if role != self.role:
            before, self.role = self.role, role
            self.record(OpportunityMemberRoleChanged(self, role, before))

    def leave(self, now: datetime) -> None:
        """Work there no more; that the user did stays known."""
        self.left_at = now
        self.record(OpportunityMemberLeft(self, now))
