"""Redemptions as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from loyalty.names import Reason
from loyalty.redemptions.domain import Redemption, RedemptionState
from loyalty.redemptions.operations import Wish
from loyalty.rewards.domain import Fulfilment

MOST_AT_ONCE = 100
Branch = Annotated[str, Field(max_length=100)]


class RedemptionIn(Body):
    """A reward for a member; `branch` is where it is to be collected, needed where each has its stock."""

    reward_id: UUID
    member_id: UUID
    quantity: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 1
    branch: Branch = ""


class CollectIn(Body):
    """The code that a member shows, and the branch that hands the reward over."""

    code: Annotated[str, Field(min_length=1, max_length=200)]
    branch: Branch = ""


class FulfilIn(Body):
    """How a reward was fulfilled: the number of a parcel, say."""

    reference: Annotated[str, Field(max_length=200)] = ""


class CancelIn(Body):
    """Why a reservation is called off."""

    reason: Reason


class ReturnIn(Body):
    """Why a reward comes back, and whether others can have it then."""

    reason: Reason
    restock: bool = False


class RedemptionOut(BaseModel):
    """A reward that a member has for points, or that is held for them.

    `points` is what all pieces cost by the price of the reservation. It is held until `held_until`.
    `ended_at` is when it was handed over, called off, or held no more.
    """

    id: UUID
    version: int
    reward_id: UUID
    reward_name: dict[str, str]
    program_id: UUID
    member_id: UUID
    person_id: UUID | None
    quantity: int
    points: int
    fulfilment: Fulfilment
    branch: str
    state: RedemptionState
    coupon_id: UUID | None
    reference: str
    reason: str
    points_restored: int
    reserved_at: datetime
    held_until: datetime | None
    ended_at: datetime | None
    returned_at: datetime | None


class RedemptionWithCodeOut(RedemptionOut):
    """The same with the code that it is collected by: it is shown now, and never again."""

    code: str | None


def wish_in(body: RedemptionIn) -> Wish:
    """What a body asks for."""
    return Wish(body.member_id, body.reward_id, body.quantity, body.branch.strip())


def shown(redemption: Redemption) -> dict[str, Any]:
    """A redemption as the API shows one."""
    promised = redemption.promised
    return {
        "id": redemption.id,
        "version": redemption.version,
        "reward_id": promised.reward_id,
        "reward_name": promised.reward_name,
        "program_id": redemption.program_id,
        "member_id": redemption.member_id,
        "person_id": redemption.person_id,
        "quantity": promised.quantity,
        "points": promised.points,
        "fulfilment": promised.fulfilment,
        "branch": redemption.branch,
        "state": redemption.state,
        "coupon_id": redemption.coupon_id,
        "reference": redemption.reference,
        "reason": redemption.reason,
        "points_restored": redemption.points_restored,
        "reserved_at": redemption.reserved_at,
        "held_until": redemption.held_until,
        "ended_at": redemption.ended_at,
        "returned_at": redemption.returned_at,
    }
