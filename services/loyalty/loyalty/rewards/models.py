"""Rewards as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid
from chassis.http.body import Body, Patch
from loyalty.coupon_pools.domain import Validity
from loyalty.names import Key, Label, Reason
from loyalty.rewards.domain import (
    LONGEST_HOLD,
    MOST_POINTS,
    MOST_STOCK,
    Fulfilment,
    Period,
    Ration,
    Reward,
    RewardKind,
    RewardState,
    RewardTerms,
    Stocking,
)

Points = Annotated[int, Field(ge=1, le=MOST_POINTS)]
Address = Annotated[str, Field(max_length=2_000, pattern=r"^\S*$")]
Branch = Annotated[str, Field(max_length=100)]
Tiers = Annotated[tuple[Key, ...], Field(max_length=20)]
Segments = Annotated[tuple[UUID, ...], Field(max_length=20)]
Most = Annotated[int, Field(ge=1, le=1_000_000)]
HoldDays = Annotated[int, Field(ge=0, le=LONGEST_HOLD)]
Percent = Annotated[int, Field(ge=0, le=100)]


class RewardIn(Body):
    """A new reward, a draft. `stocking` is for good; the stock itself is empty at first.

    `fulfilment`: `collect` in a branch by a one-time code, `ship`, `serve` by staff, or `code`: a
    coupon of `coupon_pool_id` is issued at once. `segments` are for later: contacts has none yet.
    Days are whole days where the member is. Of a reward that comes back, `return_percent` of the
    points are given back.
    """

    program_id: UUID
    name: Label
    description: Label | None = None
    kind: RewardKind = RewardKind.GOOD
    image_url: Address = ""
    points: Points
    fulfilment: Fulfilment = Fulfilment.COLLECT
    coupon_pool_id: UUID | None = None
    stocking: Stocking = Stocking.UNLIMITED
    tiers: Tiers = ()
    segments: Segments = ()
    valid_from: date | None = None
    valid_until: date | None = None
    most_per_member: Most | None = None
    per_period: Period = Period.EVER
    hold_days: HoldDays = 14
    return_percent: Percent = 100


class RewardPatch(Patch):
    """What may change about a reward; what is reserved stays as it was."""

    name: Label = Field(default_factory=dict)
    description: Label | None = None
    kind: RewardKind = RewardKind.GOOD
    image_url: Address = ""
    points: Points = 1
    fulfilment: Fulfilment = Fulfilment.COLLECT
    coupon_pool_id: UUID | None = None
    tiers: Tiers = ()
    segments: Segments = ()
    valid_from: date | None = None
    valid_until: date | None = None
    most_per_member: Most | None = None
    per_period: Period = Period.EVER
    hold_days: HoldDays = 14
    return_percent: Percent = 100


class StockChangeIn(Body):
    """How many pieces came in, or below zero went out, and why; `branch` where each has its own."""

    change: Annotated[int, Field(ge=-MOST_STOCK, le=MOST_STOCK)]
    branch: Branch = ""
    reason: Reason


class StockOut(BaseModel):
    """How many pieces can be reserved; `branch` is empty for one stock for all."""

    branch: str
    available: int


class RewardOut(BaseModel):
    """A reward. `stock` is empty where there is no end of it."""

    id: UUID
    version: int
    program_id: UUID
    name: dict[str, str]
    description: dict[str, str]
    kind: RewardKind
    image_url: str
    state: RewardState
    points: int
    fulfilment: Fulfilment
    coupon_pool_id: UUID | None
    stocking: Stocking
    stock: list[StockOut]
    tiers: list[str]
    valid_from: date | None
    valid_until: date | None
    most_per_member: int | None
    per_period: Period
    hold_days: int
    return_percent: int
    created_at: datetime
    updated_at: datetime


def terms_in(body: RewardIn) -> RewardTerms:
    """The terms that a body gives. Raises `Invalid` for segments."""
    _require_no_segments(body.segments)
    return RewardTerms(
        name=body.name,
        points=body.points,
        kind=body.kind,
        description=body.description or {},
        image_url=body.image_url,
        fulfilment=body.fulfilment,
        coupon_pool_id=body.coupon_pool_id,
        tiers=body.tiers,
        validity=Validity(body.valid_from, body.valid_until),
        ration=Ration(body.most_per_member, body.per_period),
        hold_days=body.hold_days,
        return_percent=body.return_percent,
    )


_PLAIN = (
    "name",
    "points",
    "kind",
    "image_url",
    "fulfilment",
    "coupon_pool_id",
    "tiers",
    "hold_days",
    "return_percent",
)


def changed(terms: RewardTerms, patch: RewardPatch) -> RewardTerms:
    """What a reward is after a patch. Raises `Invalid` for segments."""
    given = patch.model_fields_set
    _require_no_segments(patch.segments)
    values: dict[str, Any] = {name: getattr(patch, name) for name in _PLAIN if name in given}
    if "description" in given:
        values["description"] = patch.description or {}
    values["validity"] = Validity(
        patch.valid_from if "valid_from" in given else terms.validity.first,
        patch.valid_until if "valid_until" in given else terms.validity.last,
    )
    values["ration"] = Ration(
        patch.most_per_member if "most_per_member" in given else terms.ration.most,
        patch.per_period if "per_period" in given else terms.ration.period,
    )
    return replace(terms, **values)


def _require_no_segments(segments: Sequence[UUID]) -> None:
    if segments:
        message = "There are no segments yet; limit the reward to tiers."
        raise Invalid.at("/segments", "segments_unavailable", message)


def shown(reward: Reward, stock: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """A reward as the API shows one."""
    terms = reward.terms
    return {
        "id": reward.id,
        "version": reward.version,
        "program_id": reward.program_id,
        "name": terms.name,
        "description": terms.description,
        "kind": terms.kind,
        "image_url": terms.image_url,
        "state": reward.state,
        "points": terms.points,
        "fulfilment": terms.fulfilment,
        "coupon_pool_id": terms.coupon_pool_id,
        "stocking": reward.stocking,
        "stock": [{"branch": branch, "available": pieces} for branch, pieces in stock],
        "tiers": list(terms.tiers),
        "valid_from": terms.validity.first,
        "valid_until": terms.validity.last,
        "most_per_member": terms.ration.most,
        "per_period": terms.ration.period,
        "hold_days": terms.hold_days,
        "return_percent": terms.return_percent,
        "created_at": reward.created_at,
        "updated_at": reward.updated_at,
    }
