"""Days that matter to members, and what they are given on them: once a year, whatever changes (LO-9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from loyalty.gifts.domain import GIVEN_NOTHING, NOTHING, Gift, Given

MEMBERSHIP_DAY = "membership_day"
"""The day on which somebody became a member; all other kinds of dates are those of contacts."""
FURTHEST_DAYS = 60
"""How far from its date an occasion may lie; less than half a year, so that years stay apart."""
REST = timedelta(days=300)
"""How long after an occasion the same one is not kept again, though the date was moved meanwhile."""
MOST_LATE_DAYS = 30


class OccasionStatus(StrEnum):
    """Whether an occasion is kept."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class OccasionTerms:
    """What is done on an occasion, and for whom.

    `offset_days` is how many days after the date its time is, below 0 before it; `at` is in the
    member's own time zone. One that could not be kept in time is kept up to `late_days` later, and
    then no more. `tiers` are the keys of the tiers whose members it is for; everybody's without.
    """

    name: Mapping[str, str]
    offset_days: int = 0
    at: time = time(9)
    late_days: int = 3
    gift: Gift = NOTHING
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OccasionDefined(Fact):
    """A program keeps an occasion that it did not keep before."""

    occasion: Occasion


@dataclass(frozen=True, slots=True)
class OccasionChanged(Fact):
    """An occasion is kept differently, or no more."""

    occasion: Occasion


@dataclass(frozen=True, slots=True)
class OccasionReached(Fact):
    """The time of a member's occasion has come."""

    celebration: Celebration
    occasion: Occasion


@dataclass(kw_only=True)
class Occasion(Aggregate):
    """A day that a program keeps: `date_kind` says which date of members it follows.

    `resumed_at` is when it was last kept again after a pause; None if there was none.
    """

    program_id: UUID
    key: str
    date_kind: str
    terms: OccasionTerms
    status: OccasionStatus
    resumed_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    def define(self) -> None:
        """Say that it is kept from now on. Raises `Invalid`."""
        _require_possible(self.terms)
        self.record(OccasionDefined(self))

    def change(self, terms: OccasionTerms, now: datetime) -> bool:
        """Keep it differently; whether anything differs. Raises `Invalid`, `Conflict` if archived."""
        self._require_in_use()
        _require_possible(terms)
        if terms == self.terms:
            return False
        self.terms, self.updated_at = terms, now
        self.record(OccasionChanged(self))
        return True

    def pause(self, now: datetime) -> None:
        """Keep it no more for a while; what falls into that time is not made up for."""
        self._turn(OccasionStatus.PAUSED, now)

    def resume(self, now: datetime) -> None:
        """Keep it again. Raises `Conflict` if archived."""
        if self.status is OccasionStatus.PAUSED:
            self.resumed_at = now
        self._turn(OccasionStatus.ACTIVE, now)

    def archive(self, now: datetime) -> None:
        """Keep it no more; a second time is no error."""
        if self.status is not OccasionStatus.ARCHIVED:
            self._turn(OccasionStatus.ARCHIVED, now)

    def restore(self, now: datetime) -> None:
        """Be back, paused: what fell into the time of the archive is not made up for.

        Nothing happens to one that is not archived.
        """
        if self.status is OccasionStatus.ARCHIVED:
            self.status, self.updated_at = OccasionStatus.PAUSED, now
            self.record(OccasionChanged(self))

    def keeps(self, due_at: datetime) -> bool:
        """Whether a time is kept that has come: not one that fell before the end of a pause."""
        in_use = self.status is OccasionStatus.ACTIVE
        return in_use and (self.resumed_at is None or due_at >= self.resumed_at)

    def is_for(self, tier: str | None) -> bool:
        """Whether it is for members of a tier, or of none."""
        return not self.terms.tiers or tier in self.terms.tiers

    def _turn(self, status: OccasionStatus, now: datetime) -> None:
        self._require_in_use()
        if self.status is not status:
            self.status, self.updated_at = status, now
            self.record(OccasionChanged(self))

    def _require_in_use(self) -> None:
        if self.status is OccasionStatus.ARCHIVED:
            raise Conflict("The occasion is archived.", code="occasion_archived")


@dataclass(kw_only=True)
class Celebration(Aggregate):
    """An occasion of one member in one year: there is one at most."""

    occasion_id: UUID
    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    year: int
    due_at: datetime
    reached_at: datetime
    given: Given = GIVEN_NOTHING

    def reach(self, occasion: Occasion, given: Given) -> None:
        """Note that its time has come, and what was given."""
        self.given = given
        self.record(OccasionReached(self, occasion))


def _require_possible(terms: OccasionTerms) -> None:
    wrong = tuple(_wrong(terms))
    if wrong:
        raise Invalid("Such an occasion cannot be kept.", violations=wrong)


def _wrong(terms: OccasionTerms) -> Iterator[Violation]:
    yield from terms.gift.wrong("/gift")
    if abs(terms.offset_days) > FURTHEST_DAYS:
        message = f"It lies at most {FURTHEST_DAYS} days before or after the date."
        yield Violation("/offset_days", "days_impossible", message)
    if not 0 <= terms.late_days <= MOST_LATE_DAYS:
        message = f"It is kept up to {MOST_LATE_DAYS} days late."
        yield Violation("/late_days", "days_impossible", message)
    if len(set(terms.tiers)) < len(terms.tiers):
        yield Violation("/tiers", "tier_twice", "A tier is named twice.")
