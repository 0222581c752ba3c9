"""A recommendation from the day a friend comes until both were rewarded, or it does not count (LO-8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Money, Unpublished
from loyalty.referral_terms.domain import ReferralPolicy


class ReferralState(StrEnum):
    """How far a recommendation has come.

    `completed`: the friend's first order was delivered, and one of the two has to become a member
    to be rewarded. `held`: somebody has to look at it first.
    """

    CLAIMED = "claimed"
    COMPLETED = "completed"
    HELD = "held"
    REWARDED = "rewarded"
    REFUSED = "refused"
    EXPIRED = "expired"
    REVERSED = "reversed"


class Side(StrEnum):
    """The two who are rewarded."""

    REFERRER = "referrer"
    FRIEND = "friend"


class Reason(StrEnum):
    """Why a recommendation does not count, or has to be looked at."""

    SELF_REFERRAL = "self_referral"
    RING = "ring"
    VELOCITY = "velocity"
    OTHER_CURRENCY = "other_currency"
    ORDERED_BEFORE = "ordered_before"
    ORDER_TOO_SMALL = "order_too_small"
    ORDER_REFUNDED = "order_refunded"
    FRIEND_CLAIMED = "friend_claimed"
    PERSON_GONE = "person_gone"
    REVIEWED = "reviewed"


OPEN = frozenset({ReferralState.CLAIMED, ReferralState.EXPIRED})
"""What a delivery may still complete: one that is told late can have been ordered in time."""
COUNTED = frozenset({ReferralState.COMPLETED, ReferralState.HELD, ReferralState.REWARDED})


@dataclass(frozen=True, slots=True)
class ReferralClaimed(Fact):
    """Somebody came by a member's code."""

    referral: Referral


@dataclass(frozen=True, slots=True)
class ReferralCompleted(Fact):
    """The friend's first order was delivered."""

    referral: Referral


@dataclass(frozen=True, slots=True)
class ReferralHeldBack(Fact):
    """Somebody has to look at it."""

    referral: Referral


@dataclass(frozen=True, slots=True)
class ReferralApproved(Fact):
    """Somebody has looked at it, and it counts."""

    referral: Referral


@dataclass(frozen=True, slots=True)
class ReferralRewarded(Fact):
    """One of the two has what is due."""

    referral: Referral
    side: Side
    person_id: UUID
    member_id: UUID
    points: int


@dataclass(frozen=True, slots=True)
class ReferralRefused(Fact):
    """It does not count."""

    referral: Referral
    reason: Reason


@dataclass(frozen=True, slots=True)
class ReferralExpired(Fact):
    """The friend has not ordered in time."""

    referral: Referral


@dataclass(frozen=True, slots=True)
class ReferralReversed(Fact):
    """What was given for it was taken back."""

    referral: Referral
    reason: Reason


@dataclass(frozen=True, slots=True)
class ReferralCapped(Unpublished):
    """Whoever recommended gets nothing for it: facts tell of those who get something."""


@dataclass(frozen=True, slots=True)
class Rewarding:
    """How one side was rewarded: with how many points, and as which member."""

    at: datetime
    member_id: UUID
    points: int


@dataclass(kw_only=True)
class Referral(Aggregate):
    """One friend who came by a member's code.

    `policy` is what held when the friend came. `capped` says that whoever recommended had been
    rewarded for as many friends as count. `decided_by` is who looked at it.
    """

    program_id: UUID
    code_id: UUID
    referrer_person_id: UUID | None
    friend_person_id: UUID | None
    state: ReferralState
    policy: ReferralPolicy
    claimed_at: datetime
    expires_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    order_id: UUID | None = None
    order_value: Money | None = None
    reason: Reason | None = None
    decided_by: str = ""
    capped: bool = False
    rewards: dict[Side, Rewarding] = field(default_factory=dict)

    def claim(self) -> None:
        """Say that the friend has come."""
        self.record(ReferralClaimed(self))

    def complete(self, order_id: UUID, value: Money, at: datetime, now: datetime) -> None:
        """Note the friend's first order, delivered at `at`; of one that does not wait, nothing."""
        if self.state in OPEN:
            self.state, self.completed_at, self.updated_at = ReferralState.COMPLETED, at, now
            self.order_id, self.order_value = order_id, value
            self.record(ReferralCompleted(self))

    def hold(self, reason: Reason, now: datetime) -> None:
        """Have somebody look at a completed one before anything is given."""
        if self.state is ReferralState.COMPLETED:
            self.state, self.reason, self.updated_at = ReferralState.HELD, reason, now
            self.record(ReferralHeldBack(self))

    def block(self, now: datetime) -> None:
        """Have a completed one not count before anything is given, and nobody look at it."""
        if self.state is ReferralState.COMPLETED:
            self.state, self.reason, self.updated_at = ReferralState.REFUSED, Reason.VELOCITY, now
            self.record(ReferralRefused(self, Reason.VELOCITY))

    def approve(self, by: str, now: datetime) -> None:
        """Let it count after all. Raises `Conflict` unless it is held."""
        self._require_held()
        self.state, self.reason, self.updated_at = ReferralState.COMPLETED, None, now
        self.decided_by = by
        self.record(ReferralApproved(self))

    def turn_down(self, by: str, now: datetime) -> None:
        """Have it not count. Raises `Conflict` unless it is held."""
        self._require_held()
        self.decided_by = by
        self.refuse(Reason.REVIEWED, now)

    def refuse(self, reason: Reason, now: datetime) -> None:
        """Have one that nothing was given for not count."""
        if self.state in OPEN or self.state is ReferralState.HELD:
            self.state, self.reason, self.updated_at = ReferralState.REFUSED, reason, now
            self.record(ReferralRefused(self, reason))

    def expire(self, now: datetime) -> None:
        """Wait no more. What was ordered in time counts all the same when it is told later."""
        if self.state is ReferralState.CLAIMED and now >= self.expires_at:
            self.state, self.updated_at = ReferralState.EXPIRED, now
            self.record(ReferralExpired(self))

    def cap(self, now: datetime) -> None:
        """Note that whoever recommended has been rewarded for as many as count, once and for all."""
        self.capped = True
        self.settle(now)
        self.record(ReferralCapped())

    def reward(
        self, side: Side, member_id: UUID, person_id: UUID, points: int, now: datetime
    ) -> None:
        """Note what one side was given; when nothing is due any more, it is rewarded."""
        if self.state is not ReferralState.COMPLETED or side in self.rewards:
            return
        self.rewards[side] = Rewarding(now, member_id, points)
        self.settle(now)
        self.record(ReferralRewarded(self, side, person_id, member_id, points))

    def settle(self, now: datetime) -> None:
        """Have it be rewarded once nothing is due any more; recorded by whoever rewards or caps."""
        if self.state is ReferralState.COMPLETED and not self.due:
            self.state, self.updated_at = ReferralState.REWARDED, now

    @property
    def due(self) -> tuple[Side, ...]:
        """Who has yet to be rewarded."""
        sides = (Side.FRIEND,) if self.capped else (Side.REFERRER, Side.FRIEND)
        return tuple(side for side in sides if side not in self.rewards)

    def reverse(self, reason: Reason, now: datetime) -> None:
        """Note that what was given was taken back."""
        if self.state in (ReferralState.COMPLETED, ReferralState.REWARDED):
            self.state, self.reason, self.updated_at = ReferralState.REVERSED, reason, now
            self.record(ReferralReversed(self, reason))

    def person_on(self, side: Side) -> UUID | None:
        """Who is on a side; None once they were erased."""
        return self.referrer_person_id if side is Side.REFERRER else self.friend_person_id

    def _require_held(self) -> None:
        if self.state is not ReferralState.HELD:
            message = f"The referral is {self.state}: only one that is held is decided on."
            raise Conflict(message, code="referral_not_held")
