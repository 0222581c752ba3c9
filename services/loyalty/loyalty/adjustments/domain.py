"""Points that somebody gives or takes by hand: with a reason, and beyond a limit with a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Forbidden, Invalid
from loyalty.ledger.domain import MOST_POINTS

LONGEST = timedelta(days=36525)
"""Points that are given expire within a hundred years, if at a time of their own."""


class AdjustmentState(StrEnum):
    """How far an adjustment has come."""

    WAITING = "waiting"
    MADE = "made"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"

    @property
    def counts(self) -> bool:
        """Whether it counts towards what its asker may do alone."""
        return self in (AdjustmentState.WAITING, AdjustmentState.MADE)


@dataclass(frozen=True, slots=True)
class AdjustmentRequested(Fact):
    """Somebody asked to give points or to take some."""

    adjustment: Adjustment


@dataclass(frozen=True, slots=True)
class AdjustmentApplied(Fact):
    """The points have moved."""

    adjustment: Adjustment


@dataclass(frozen=True, slots=True)
class AdjustmentRejected(Fact):
    """A second person said no."""

    adjustment: Adjustment


@dataclass(frozen=True, slots=True)
class AdjustmentLapsed(Fact):
    """Nobody decided in time, or the asker took it back."""

    adjustment: Adjustment


@dataclass(kw_only=True)
class Adjustment(Aggregate):
    """Points for a member, or fewer of them; `points` is below zero for those that are taken.

    `asked_on` is the day of the asking in the program's time zone.
    """

    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    points: int
    reason: str
    expires_at: datetime | None = None
    asked_by: str
    asked_on: date
    state: AdjustmentState = AdjustmentState.WAITING
    waits_until: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""
    transaction_id: UUID | None = None
    created_at: datetime
    updated_at: datetime

    def request(self, waits_until: datetime | None) -> None:
        """Ask for it; it waits until then, or not at all.

        Raises `Invalid` for no points, and for a time of expiry that has passed, is more than a hundred
        years away, or that points which are taken would have.
        """
        if not 0 < abs(self.points) <= MOST_POINTS:
            message = f"Points are moved by 1 to {MOST_POINTS}."
            raise Invalid.at("/points", "points_impossible", message)
        if self.expires_at is not None and not (
            self.points > 0 and timedelta() < self.expires_at - self.created_at <= LONGEST
        ):
            message = "Points given expire later than now, within 100 years; those taken do not."
            raise Invalid.at("/expires_at", "expiry_impossible", message)
        self.waits_until = waits_until
        self.record(AdjustmentRequested(self))

    def make(self, transaction_id: UUID, now: datetime) -> None:
        """Note that its points have moved."""
        self.state, self.transaction_id, self.updated_at = AdjustmentState.MADE, transaction_id, now
        self.record(AdjustmentApplied(self))

    def approve(self, approver: str, now: datetime) -> None:
        """Have a second person agree.

        Raises `Conflict` unless it waits and while its points would not be expired, `Forbidden` for
        the asker.
        """
        self._decide(approver, now)
        if self.expires_at is not None and self.expires_at <= now:
            message = f"The points were to expire at {self.expires_at.isoformat()}."
            raise Conflict(message, code="adjustment_expired")

    def reject(self, approver: str, reason: str, now: datetime) -> None:
        """Have a second person refuse. Raises what `approve` raises."""
        self._decide(approver, now)
        self.state, self.decision_reason = AdjustmentState.REJECTED, reason
        self.record(AdjustmentRejected(self))

    def withdraw(self, actor: str, now: datetime) -> None:
        """Take it back. Raises `Conflict` unless it waits, `Forbidden` for others than the asker."""
        self._require_waiting(now)
        if actor != self.asked_by:
            raise Forbidden("Only who asked takes an adjustment back.", code="not_asker")
        self.state, self.updated_at = AdjustmentState.WITHDRAWN, now
        self.record(AdjustmentLapsed(self))

    def lapse(self, now: datetime) -> None:
        """Be over, if nobody has decided; nothing happens otherwise."""
        if self.state is AdjustmentState.WAITING:
            self.state, self.updated_at = AdjustmentState.LAPSED, now
            self.record(AdjustmentLapsed(self))

    def _decide(self, approver: str, now: datetime) -> None:
        self._require_waiting(now)
        if approver == self.asked_by:
            message = "Who asks for an adjustment does not decide on it: a second person does."
            raise Forbidden(message, code="second_person_needed")
        self.decided_by, self.decided_at, self.updated_at = approver, now, now

    def _require_waiting(self, now: datetime) -> None:
        over = self.waits_until is not None and self.waits_until <= now
        if self.state is not AdjustmentState.WAITING or over:
            state = AdjustmentState.LAPSED if over else self.state
            raise Conflict(f"The adjustment is {state}.", code="adjustment_not_waiting")


def needs_second_person(points: int, asked_before: int, limit: int) -> bool:
    """Whether points go beyond what one may move alone, with those asked for before on the same day.

    Points given and points taken do not make up for each other: sizes are added.
    """
    return asked_before + abs(points) > limit
