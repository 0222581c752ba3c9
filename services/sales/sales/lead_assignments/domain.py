"""That a rule has given a lead to somebody, or to nobody, and whether first contact followed (SA-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Fact
from sales.lead_facts.domain import LeadStanding


class PoolReason(StrEnum):
    """Why nobody got a lead."""

    NO_RULE = "no_rule"
    NOBODY_AVAILABLE = "nobody_available"
    PROMISES_BROKEN = "promises_broken"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who could not take the lead: away, suspended or full, for example."""

    user_id: UUID
    because: str


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that was tried: taken, or passed over for unmet conditions or for want of people."""

    assignment_rule_id: UUID
    taken: bool = False
    unmet: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadAssigned(Fact):
    """A rule has given a lead to somebody."""

    standing: LeadStanding
    assignment: LeadAssignment


@dataclass(frozen=True, slots=True)
class LeadLeftUnassigned(Fact):
    """No rule has found somebody for a lead."""

    standing: LeadStanding
    assignment: LeadAssignment


@dataclass(frozen=True, slots=True)
class LeadFirstContactMissed(Fact):
    """A promise of first contact is broken."""

    standing: LeadStanding
    assignment: LeadAssignment
    missed: int


@dataclass(frozen=True, slots=True)
class LeadFirstContactPromised(Fact):
    """Whoever has taken a lead over promises first contact, as whoever had it before did."""

    standing: LeadStanding
    assignment: LeadAssignment


@dataclass(frozen=True, slots=True)
class LeadFirstContactPromiseEnded(Fact):
    """A promise of first contact has ended, neither kept nor broken."""

    standing: LeadStanding
    assignment: LeadAssignment


@dataclass(kw_only=True)
class LeadAssignment(Aggregate):
    """One time that rules were tried for a lead. Without an owner it stayed in the pool.

    With `taken_over` somebody has claimed it or was chosen by hand, and its rule is the one that had
    first contact promised before. `promise_ended_at` is when a promise ended that was neither kept
    nor broken.
    """

    lead_id: UUID
    assignment_rule_id: UUID | None
    territory_id: UUID | None
    owner_id: UUID | None
    previous_owner_id: UUID | None
    reason: PoolReason | None
    considered: tuple[Considered, ...]
    assigned_at: datetime
    contact_due_at: datetime | None = None
    missed_at: datetime | None = None
    promise_ended_at: datetime | None = None
    taken_over: bool = False

    def tell(self, standing: LeadStanding) -> None:
        """Say who has it now."""
        fact = LeadLeftUnassigned if self.owner_id is None else LeadAssigned
        self.record(fact(standing, self))

    def promise(self, standing: LeadStanding) -> None:
        """Say that whoever has taken the lead over promises first contact."""
        self.record(LeadFirstContactPromised(standing, self))

    def end_promise(self, standing: LeadStanding, now: datetime) -> None:
        """Note that the promise has ended, neither kept nor broken; nothing happens to a broken one."""
        if self.contact_due_at is None or self.missed_at or self.promise_ended_at:
            return
        self.promise_ended_at = now
        self.record(LeadFirstContactPromiseEnded(standing, self))

    def miss(self, standing: LeadStanding, missed: int, now: datetime) -> None:
        """Note that the promise is broken, the `missed`-th of this lead; a second time is no error."""
        if self.missed_at is None:
            self.missed_at = now
            self.record(LeadFirstContactMissed(standing, self, missed))
