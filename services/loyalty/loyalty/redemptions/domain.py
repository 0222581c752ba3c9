"""What a redemption is: a reward that a member has for points, from the reservation to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact
from loyalty.ledger.domain import Cause
from loyalty.rewards.domain import Fulfilment

CODE_PURPOSE = "collection"
"""What digests of the codes are made for by which rewards are collected."""


class RedemptionState(StrEnum):
    """How a redemption stands; what was collected or fulfilled may still be returned."""

    RESERVED = "reserved"
    COLLECTED = "collected"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Promised:
    """What was reserved, as the reward was then: its later changes change nothing here.

    `points` is for all pieces. `stock_branch` is the stock that they were taken out of: None for
    none. Of what comes back, `return_percent` of the points are given back.
    """

    reward_id: UUID
    reward_name: Mapping[str, str]
    quantity: int
    points: int
    fulfilment: Fulfilment
    stock_branch: str | None
    return_percent: int


@dataclass(frozen=True, slots=True)
class RewardReserved(Fact):
    """Points and pieces are held for a member."""

    redemption: Redemption


@dataclass(frozen=True, slots=True)
class RewardCollected(Fact):
    """A member came for it."""

    redemption: Redemption


@dataclass(frozen=True, slots=True)
class RewardFulfilled(Fact):
    """A member has it."""

    redemption: Redemption


@dataclass(frozen=True, slots=True)
class RedemptionCancelled(Fact):
    """It was called off."""

    redemption: Redemption


@dataclass(frozen=True, slots=True)
class RedemptionExpired(Fact):
    """Nobody came for it in time."""

    redemption: Redemption


@dataclass(frozen=True, slots=True)
class RewardReturned(Fact):
    """It came back."""

    redemption: Redemption


@dataclass(frozen=True, slots=True)
class CollectionCodeRenewed(Fact):
    """Another code is good for it, and the one before no more."""

    redemption: Redemption


@dataclass(kw_only=True)
class Redemption(Aggregate):
    """A reward in a member's hands, or held for them.

    `code_digest` is that of the code it is collected by, as long as it may be. `branch` is where it
    is to be collected, or was. `held_until` is the first instant at which it is held no more.
    `reason` says why it ended early, `reference` how it was fulfilled: a parcel's number, say.
    """

    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    promised: Promised
    branch: str = ""
    state: RedemptionState = RedemptionState.RESERVED
    code_digest: bytes | None = None
    coupon_id: UUID | None = None
    reference: str = ""
    reason: str = ""
    points_restored: int = 0
    reserved_at: datetime
    held_until: datetime | None
    ended_at: datetime | None = None
    returned_at: datetime | None = None

    @property
    def reservation(self) -> Cause:
        """Why points are held."""
        return Cause("reservation", f"redemption:{self.id}")

    @property
    def spending(self) -> Cause:
        """Why points were spent."""
        return Cause("redemption", f"redemption:{self.id}")

    @property
    def freeing(self) -> Cause:
        """Why held points are free again."""
        return Cause("cancellation", f"redemption:{self.id}")

    @property
    def giving_back(self) -> Cause:
        """Why spent points were given back."""
        return Cause("return", f"redemption:{self.id}")

    def reserve(self) -> None:
        """Be held for the member."""
        self.record(RewardReserved(self))

    def renew_code(self, digest: bytes) -> None:
        """Be collected by another code from now on. Raises `Conflict`."""
        self._require(RedemptionState.RESERVED)
        if self.promised.fulfilment is not Fulfilment.COLLECT:
            raise Conflict("Nothing of it is collected.", code="redemption_not_collected_so")
        self.code_digest = digest
        self.record(CollectionCodeRenewed(self))

    def collect(self, branch: str, now: datetime) -> None:
        """Be handed over in a branch. Raises `Conflict`, also where it is reserved in another."""
        self._require(RedemptionState.RESERVED)
        if self.held_until is not None and now >= self.held_until:
            raise Conflict("It is held no more.", code="redemption_hold_over")
        if self.promised.stock_branch and branch != self.promised.stock_branch:
            message = f"It is reserved in the branch {self.promised.stock_branch}."
            raise Conflict(message, code="redemption_elsewhere")
        self.branch = branch or self.branch
        self._end(RedemptionState.COLLECTED, now)
        self.record(RewardCollected(self))

    def fulfil(self, reference: str, now: datetime, coupon_id: UUID | None = None) -> None:
        """Be shipped or rendered, or be a coupon. Raises `Conflict`, also for what is collected."""
        self._require(RedemptionState.RESERVED)
        if self.promised.fulfilment is Fulfilment.COLLECT:
            message = "It is collected in a branch, by its code."
            raise Conflict(message, code="redemption_not_fulfilled_so")
        self.reference, self.coupon_id = reference, coupon_id
        self._end(RedemptionState.FULFILLED, now)
        self.record(RewardFulfilled(self))

    def cancel(self, reason: str, now: datetime) -> None:
        """Be called off. Raises `Conflict` once it is not only reserved any more."""
        self._require(RedemptionState.RESERVED)
        self.reason = reason
        self._end(RedemptionState.CANCELLED, now)
        self.record(RedemptionCancelled(self))

    def expire(self, now: datetime) -> bool:
        """Be held no more; whether it was until now and its time has come."""
        held_until = self.held_until
        if self.state is not RedemptionState.RESERVED or held_until is None or now < held_until:
            return False
        self._end(RedemptionState.EXPIRED, now)
        self.record(RedemptionExpired(self))
        return True

    @property
    def worth_back(self) -> int:
        """How many points are given back when it comes back, rounded down."""
        return self.promised.points * self.promised.return_percent // 100

    def give_back(self, reason: str, restored: int, now: datetime) -> None:
        """Come back; `restored` points were given back for it."""
        self.state, self.reason, self.returned_at = RedemptionState.RETURNED, reason, now
        self.points_restored = restored
        self.record(RewardReturned(self))

    def require_returnable(self) -> None:
        """Raise `Conflict` unless a member has it."""
        self._require(RedemptionState.COLLECTED, RedemptionState.FULFILLED)

    def _require(self, *states: RedemptionState) -> None:
        if self.state not in states:
            message = f"It is {self.state}, not {' or '.join(states)}."
            raise Conflict(message, code="redemption_not_in_state")

    def _end(self, state: RedemptionState, now: datetime) -> None:
        self.state, self.ended_at, self.code_digest = state, now, None
