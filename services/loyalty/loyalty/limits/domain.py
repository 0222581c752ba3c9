"""How much may be done within how long, and what becomes of those who do more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid

LONGEST_WINDOW = timedelta(days=92)
MOST = 10**12
LIMIT_CODES = frozenset({"velocity_limit_exceeded", "velocity_limit_held"})
"""The codes of refusals for which a review is opened: by a transaction of its own, since nothing stays
of what was refused."""


class Act(StrEnum):
    """What is counted."""

    EARNING = "earning"
    REDEMPTION = "redemption"
    COUPON = "coupon"
    REFERRAL = "referral"


class Measure(StrEnum):
    """How often it is done, or how many points it comes to."""

    TIMES = "times"
    POINTS = "points"


class Scope(StrEnum):
    """Of whom or what it is counted; an actor is whoever works at a till, or an app."""

    MEMBER = "member"
    COUPON = "coupon"
    REFERRER = "referrer"
    ACTOR = "actor"


class Response(StrEnum):
    """What follows beyond the limit: nothing but a note, a wait for a decision, or a no."""

    FLAG = "flag"
    HOLD = "hold"
    BLOCK = "block"

    @property
    def weight(self) -> int:
        """Of several that follow, the gravest counts."""
        return list(Response).index(self)


@dataclass(frozen=True, slots=True)
class VelocityTerms:
    """A limit: at most `most` times, or points, by one of the `scope` within a window."""

    name: str
    act: Act
    measure: Measure
    scope: Scope
    most: int
    window_minutes: int
    response: Response
    active: bool = True

    @property
    def window(self) -> timedelta:
        """How far back is counted."""
        return timedelta(minutes=self.window_minutes)


@dataclass(frozen=True, slots=True)
class VelocityRuleCreated(Fact):
    """There is a limit that was not there before."""

    rule: VelocityRule


@dataclass(frozen=True, slots=True)
class VelocityRuleChanged(Fact):
    """A limit is another one now."""

    rule: VelocityRule


@dataclass(frozen=True, slots=True)
class VelocityRuleRemoved(Fact):
    """A limit is no more."""

    rule_id: UUID


@dataclass(frozen=True, slots=True)
class VelocityReviewOpened(Fact):
    """Somebody went beyond a limit."""

    review: VelocityReview


@dataclass(frozen=True, slots=True)
class VelocityReviewCleared(Fact):
    """It was looked at, and is in order."""

    review: VelocityReview


@dataclass(frozen=True, slots=True)
class VelocityReviewConfirmed(Fact):
    """It was looked at, and is abuse."""

    review: VelocityReview


@dataclass(kw_only=True)
class VelocityRule(Aggregate):
    """A limit of a program."""

    program_id: UUID
    terms: VelocityTerms
    created_at: datetime
    updated_at: datetime

    def create(self) -> None:
        """Come into being. Raises `Invalid`."""
        _require_possible(self.terms)
        self.record(VelocityRuleCreated(self))

    def change(self, terms: VelocityTerms, now: datetime) -> None:
        """Be another one; nothing happens when nothing differs. Raises `Invalid`."""
        _require_possible(terms)
        if terms != self.terms:
            self.terms, self.updated_at = terms, now
            self.record(VelocityRuleChanged(self))

    def remove(self) -> None:
        """Be no more."""
        self.record(VelocityRuleRemoved(self.id))


class ReviewStatus(StrEnum):
    """Whether somebody has looked at it, and what they found."""

    OPEN = "open"
    CLEARED = "cleared"
    CONFIRMED = "confirmed"


@dataclass(kw_only=True)
class VelocityReview(Aggregate):
    """An act that went beyond a limit: it `measured` so much, itself included, of `most`.

    `subject` is what the limit counts by, `key` the business key of the act.
    """

    rule_id: UUID
    program_id: UUID
    member_id: UUID | None
    act: Act
    subject: str
    key: str
    points: int
    measured: int
    most: int
    response: Response
    status: ReviewStatus = ReviewStatus.OPEN
    reason: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = None
    created_at: datetime

    def open(self) -> None:
        """Come into being."""
        self.record(VelocityReviewOpened(self))

    def clear(self, reason: str, decided_by: str, now: datetime) -> None:
        """Find it in order. Raises `Invalid` without a reason, `Conflict` once decided."""
        self._decide(ReviewStatus.CLEARED, reason, decided_by, now)
        self.record(VelocityReviewCleared(self))

    def confirm(self, reason: str, decided_by: str, now: datetime) -> None:
        """Find it to be abuse. Raises `Invalid` without a reason, `Conflict` once decided."""
        self._decide(ReviewStatus.CONFIRMED, reason, decided_by, now)
        self.record(VelocityReviewConfirmed(self))

    def _decide(self, status: ReviewStatus, reason: str, decided_by: str, now: datetime) -> None:
        if self.status is not ReviewStatus.OPEN:
            raise Conflict(f"The review was {self.status} before.", code="velocity_review_decided")
        if not reason.strip():
            raise Invalid.at("/reason", "reason_missing", "Say why.")
        self.status, self.reason = status, reason.strip()
        self.decided_by, self.decided_at = decided_by, now


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows of an act: nothing, or the gravest response of the limits that it passes.

    `review_id` is the review that was opened for that limit.
    """

    response: Response | None = None
    review_id: UUID | None = None
    refused: bool = False

    @property
    def blocks(self) -> bool:
        """Whether the act must not be done, now or ever."""
        return self.response is Response.BLOCK or self.refused

    @property
    def holds(self) -> bool:
        """Whether the act waits for a decision."""
        return self.response is Response.HOLD and not self.refused

    def require_free(self) -> None:
        """Raise `Conflict` unless the act may be done now: for acts that cannot wait by themselves."""
        if self.blocks:
            raise Conflict(
                "That is more than the program's limits allow.", code="velocity_limit_exceeded"
            )
        if self.holds:
            raise Conflict(
                "That is more than usual; somebody has to look at it first.",
                code="velocity_limit_held",
            )


def _require_possible(terms: VelocityTerms) -> None:
    if not terms.name.strip():
        raise Invalid.at("/name", "name_missing", "A name is needed.")
    if not 0 < terms.most <= MOST:
        raise Invalid.at("/most", "limit_impossible", f"A limit is 1 to {MOST}.")
    if not timedelta(0) < terms.window <= LONGEST_WINDOW:
        message = f"A window is a minute to {LONGEST_WINDOW.days} days."
        raise Invalid.at("/window_minutes", "window_impossible", message)
    fitting = {
        Scope.COUPON: (Act.COUPON,),
        Scope.REFERRER: (Act.REFERRAL,),
    }.get(terms.scope, tuple(Act))
    if terms.act not in fitting:
        message = f"A limit of {terms.act} is not counted by {terms.scope}."
        raise Invalid.at("/scope", "scope_unfitting", message)
    if terms.response is Response.HOLD and terms.act not in (Act.EARNING, Act.REFERRAL):
        message = "Whoever stands at a till cannot wait for a review: block it, or flag it."
        raise Invalid.at("/response", "response_unfitting", message)
