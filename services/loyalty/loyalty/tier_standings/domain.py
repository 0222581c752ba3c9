"""In which tier a member is, since when, and until when: reached at once, lost with patience."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Unpublished
from loyalty.qualifying.domain import Reckoning, days_after, midnight, months_after
from loyalty.tiers.domain import TierTerms


class MoveKind(StrEnum):
    """What a step in a member's history is."""

    REACHED = "reached"
    LOST = "lost"
    AT_RISK = "at_risk"
    SAFE = "safe"
    GRANTED = "granted"
    GRANT_ENDED = "grant_ended"


class MoveCause(StrEnum):
    """Why a member's tier was looked at."""

    COUNTED = "counted"
    TIME = "time"
    TERMS_CHANGED = "terms_changed"
    GRANT = "grant"
    MERGE = "merge"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Move:
    """A step in a member's history: from which tier into which, None for none."""

    kind: MoveKind
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class TierReached(Fact):
    """A member is in a higher tier than before."""

    standing: TierStanding
    person_id: UUID | None
    before: str | None
    after: str
    cause: MoveCause


@dataclass(frozen=True, slots=True)
class TierLost(Fact):
    """A member is in a lower tier than before, or in none."""

    standing: TierStanding
    person_id: UUID | None
    before: str
    after: str | None
    cause: MoveCause


@dataclass(frozen=True, slots=True)
class TierEndangered(Fact):
    """A member has not enough for its tier any more, and loses it at a time unless more is added."""

    standing: TierStanding
    person_id: UUID | None
    tier: str
    loses_at: datetime


@dataclass(frozen=True, slots=True)
class TierGranted(Fact):
    """Somebody gave a member a tier until a time, whatever it has of what counts."""

    standing: TierStanding
    person_id: UUID | None
    grant: Grant


@dataclass(frozen=True, slots=True)
class TierGrantEnded(Fact):
    """What was given to a member is over, or was taken back."""

    standing: TierStanding
    person_id: UUID | None
    tier: str


@dataclass(frozen=True, slots=True)
class StandingReviewed(Unpublished):
    """Nothing has changed that anybody outside would care for."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A tier that somebody gave, until when and why."""

    tier: str
    until: datetime
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Review:
    """A look at a member: by which terms and clock, when, why, and whose membership it is."""

    terms: TierTerms
    revision: int
    reckoning: Reckoning
    zone: ZoneInfo
    now: datetime
    cause: MoveCause
    person_id: UUID | None


@dataclass(kw_only=True)
class TierStanding(Aggregate):
    """In which tier a member is; its id is the member's.

    `earned` is the tier by what counts, reached at `reached_at`; `grant` one that was given besides.
    `tier` is the higher of both, since `since`. `at_risk_since` and `loses_at` say that there is not
    enough for the earned one any more; `enough_until` is when that will be so, if nothing is added.
    `tally` is what counts in all where there is no window, by the terms of `tally_revision`; None
    where it has to be counted anew. Points are counted in it up to the transaction `tally_number`.
    """

    program_id: UUID
    tier: str | None = None
    since: datetime | None = None
    earned: str | None = None
    reached_at: datetime | None = None
    at_risk_since: datetime | None = None
    loses_at: datetime | None = None
    enough_until: datetime | None = None
    grant: Grant | None = None
    revision: int = 0
    holds: Decimal = Decimal(0)
    reviewed_at: datetime | None = None
    tally: Decimal | None = None
    tally_revision: int = 0
    tally_number: int = 0

    def review(self, look: Review) -> tuple[Move, ...]:
        """Go by what the member has now; gives the steps that this led to.

        Up at once; down when there was too little for as long as the terms say.
        """
        moves = [*self._judge(look), *self._settle(look)]
        self.revision, self.holds = look.revision, look.reckoning.holds
        self.reviewed_at = look.now
        if not self.recorded:
            self.record(StandingReviewed())
        return tuple(moves)

    def give(self, grant: Grant, look: Review) -> tuple[Move, ...]:
        """Be in a tier until a time at least. Raises `Invalid` for a time gone by."""
        if grant.until <= look.now:
            raise Invalid.at("/until", "time_past", "The time has gone by already.")
        self.grant = grant
        self.record(TierGranted(self, look.person_id, grant))
        return (Move(MoveKind.GRANTED, self.tier, grant.tier), *self.review(look))

    def take_back(self, look: Review) -> tuple[Move, ...]:
        """Be in the tier that was earned, and in no other. Raises `Conflict` without a grant."""
        if self.grant is None:
            raise Conflict("Nothing was given to the member.", code="tier_not_granted")
        return (*self._end_grant(look), *self.review(look))

    def inherit(self, other: TierStanding, terms: TierTerms) -> None:
        """Have what another member had who turned out to be the same person, where it was higher."""
        if terms.rank(other.earned) > terms.rank(self.earned):
            self.earned, self.reached_at = other.earned, other.reached_at
            self.at_risk_since, self.loses_at = other.at_risk_since, other.loses_at
            self.enough_until = other.enough_until
        if other.grant is not None and (
            self.grant is None or terms.rank(other.grant.tier) > terms.rank(self.grant.tier)
        ):
            self.grant = other.grant

    @property
    def next_review_at(self) -> datetime | None:
        """When something happens by itself; None for never."""
        until = None if self.grant is None else self.grant.until
        times = [at for at in (self.loses_at, self.enough_until, until) if at is not None]
        return min(times, default=None)

    def _judge(self, look: Review) -> list[Move]:
        terms, now = look.terms, look.now
        rank, reached = terms.rank(self.earned), terms.reached_by(look.reckoning.holds)
        before = terms.key_at(rank)
        moves: list[Move] = []
        if reached >= rank:
            if self.loses_at is not None:
                moves.append(Move(MoveKind.SAFE, before, before))
            if reached > rank:
                self.reached_at = now
            rank, self.at_risk_since, self.loses_at = reached, None, None
        else:
            if self.loses_at is None:
                loses_at = self._fall_short(look)
                if before is not None and loses_at > now:
                    moves.append(Move(MoveKind.AT_RISK, before, terms.key_at(reached)))
                    self.record(TierEndangered(self, look.person_id, before, loses_at))
            rank = self._step_down(look, rank, reached)
        self.earned = terms.key_at(rank)
        tier, falls = terms.at(rank), None
        if tier is not None and self.loses_at is None:
            falls = look.reckoning.enough_until(tier.threshold)
        self.enough_until = None if falls is None else falls[0]
        return moves

    def _fall_short(self, look: Review) -> datetime:
        """Note since when there is too little; gives when that costs the tier."""
        terms, fell_at = look.terms, look.now
        if self.enough_until is not None and self.enough_until < fell_at:
            fell_at = self.enough_until  # whoever looks late takes nothing off the patience
        grace = terms.grace_days
        if self.revision != look.revision:  # whatever it was that somebody looked for first
            grace, fell_at = max(grace, terms.change_grace_days), look.now
        loses_at = days_after(fell_at, grace, look.zone) if grace else fell_at
        if terms.hold_months and self.reached_at is not None:
            reached_on = self.reached_at.astimezone(look.zone).date()
            held_until = midnight(months_after(reached_on, terms.hold_months), look.zone)
            loses_at = max(loses_at, held_until)
        self.at_risk_since, self.loses_at = fell_at, loses_at
        return loses_at

    def _step_down(self, look: Review, rank: int, reached: int) -> int:
        """The tier that is left by now: one step after another, or all at once."""
        while self.loses_at is not None and self.loses_at <= look.now:
            lost_at = self.loses_at
            rank = rank - 1 if look.terms.one_step else reached
            self.at_risk_since = self.loses_at = None
            if rank > reached:
                lost_on = lost_at.astimezone(look.zone).date()
                next_on = months_after(lost_on, look.terms.window_months)
                self.at_risk_since = lost_at
                self.loses_at = midnight(next_on, look.zone)
        return rank

    def _settle(self, look: Review) -> list[Move]:
        """Be in the higher of what was earned and what was given."""
        terms, moves = look.terms, list[Move]()
        if self.grant is not None and self.grant.until <= look.now:
            moves += self._end_grant(look)
        granted = None if self.grant is None else self.grant.tier
        rank, before = max(terms.rank(self.earned), terms.rank(granted)), self.tier
        after = terms.key_at(rank)
        if after == before:
            return moves
        self.tier, self.since = after, look.now
        if after is not None and (before is None or rank > terms.rank(before)):
            moves.append(Move(MoveKind.REACHED, before, after))
            self.record(TierReached(self, look.person_id, before, after, look.cause))
        elif before is not None:
            moves.append(Move(MoveKind.LOST, before, after))
            self.record(TierLost(self, look.person_id, before, after, look.cause))
        return moves

    def _end_grant(self, look: Review) -> list[Move]:
        ended, self.grant = self.grant, None
        if ended is None:
            return []
        self.record(TierGrantEnded(self, look.person_id, ended.tier))
        return [Move(MoveKind.GRANT_ENDED, ended.tier, self.earned)]
