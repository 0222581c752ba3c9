"""Win-backs as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import MoneyOut, PercentIn, decimal_out
from loyalty.names import Label
from loyalty.retention.domain import CustomerState, ValueBand
from loyalty.win_backs.domain import (
    MOST_DAYS,
    MOST_POINTS,
    Audience,
    Offer,
    OfferKind,
    Plan,
    WinBack,
    WinBackStatus,
)

RESULT_DEFINITIONS = {
    "offered": "Who was made the offer.",
    "held_out": "Who would have been made it and, by chance, was not: control_percent of all. The same"
    " person is always on the same side of a win-back.",
    "returned": "Who has bought between the offer, or the time at which it would have been made, and"
    " counts_days later. A purchase is an order of which anything was delivered then for the first"
    " time, unless all of it was paid back.",
    "return_rate": "returned / customers x 100.",
    "revenue": "What they bought in that time, less what was paid back of it, in the program's currency.",
    "uplift": "The return rate of the offered less that of the held out, in percentage points; lowest"
    " and highest are Newcombe's 95 % interval. is_sure says whether 0 is outside of it.",
    "extra_revenue": "The revenue of the offered, less what as many of the held out would have bought.",
    "open": "Offers whose time is not over yet; they are counted as they stand.",
}

Days = Annotated[int, Field(ge=0, le=MOST_DAYS)]
Template = Annotated[str, Field(pattern="^([a-z][a-z0-9_]*)?$", max_length=100)]
States = Annotated[
    tuple[Annotated[CustomerState, Field(strict=False)], ...], Field(min_length=1, max_length=2)
]
Bands = Annotated[tuple[Annotated[ValueBand, Field(strict=False)], ...], Field(max_length=2)]


class AudienceIn(Body):
    """Who is made the offer: who has been in one of the states for `wait_days`.

    `value_bands` narrows it to customers of that worth. Nobody gets an offer within `between_days` of
    another, or of being held out of one. `control_percent` of them are held out to compare with.
    """

    states: States
    value_bands: Bands = ()
    wait_days: Days = 0
    between_days: Days = 0
    control_percent: PercentIn = "10"


class OfferIn(Body):
    """What they get: `points` (which expire after `points_days`), a coupon of `pool_id`, or a message."""

    kind: Annotated[OfferKind, Field(strict=False)]
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] | None = None
    points_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    pool_id: UUID | None = None
    template: Template = ""
    purpose: Template = ""


CountsDays = Annotated[int, Field(ge=1, le=366)]


class WinBackIn(Body):
    """An offer to members who drift away or were lost."""

    program_id: UUID
    name: Label
    audience: AudienceIn
    offer: OfferIn
    counts_days: CountsDays = 30


class WinBackPatch(Patch):
    """What is said of a win-back now; only before it has begun."""

    name: Label | None = None
    audience: AudienceIn | None = None
    offer: OfferIn | None = None
    counts_days: CountsDays = 30


class AudienceOut(BaseModel):
    states: list[CustomerState]
    value_bands: list[ValueBand]
    wait_days: int
    between_days: int
    control_percent: str


class OfferOut(BaseModel):
    kind: OfferKind
    points: int | None
    points_days: int | None
    pool_id: UUID | None
    template: str
    purpose: str


class WinBackOut(BaseModel):
    """A win-back."""

    id: UUID
    version: int
    program_id: UUID
    name: dict[str, str]
    audience: AudienceOut
    offer: OfferOut
    counts_days: int
    status: WinBackStatus
    created_at: datetime
    updated_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None


class MadeOfferOut(BaseModel):
    """An offer that was made, or held out. `won_at` is the first purchase in time."""

    id: UUID
    person_id: UUID | None
    member_id: UUID
    state: CustomerState
    value_band: ValueBand | None
    held_out: bool
    coupon_id: UUID | None
    made_at: datetime
    counts_until: datetime
    won_at: datetime | None


class GroupOut(BaseModel):
    customers: int
    open: int
    returned: int
    return_rate: str | None
    revenue: MoneyOut
    revenue_per_customer: MoneyOut | None


class UpliftOut(BaseModel):
    percentage_points: str
    lowest: str
    highest: str
    is_sure: bool


class ResultOut(BaseModel):
    """What a win-back led to; `uplift` and `extra_revenue` are null while a group is empty."""

    win_back_id: UUID
    as_of: datetime
    offered: GroupOut
    held_out: GroupOut
    uplift: UpliftOut | None
    extra_revenue: MoneyOut | None
    definitions: dict[str, str]


def plan_in(body: WinBackIn) -> Plan:
    """The plan that a body asks for."""
    return Plan(
        name=body.name,
        audience=_audience_in(body.audience),
        offer=_offer_in(body.offer),
        counts_days=body.counts_days,
    )


def changed(plan: Plan, body: WinBackPatch) -> Plan:
    """A plan with what a patch mentions."""
    given = body.model_fields_set
    return Plan(
        name=body.name if body.name is not None else plan.name,
        audience=plan.audience if body.audience is None else _audience_in(body.audience),
        offer=plan.offer if body.offer is None else _offer_in(body.offer),
        counts_days=body.counts_days if "counts_days" in given else plan.counts_days,
    )


def shown(win_back: WinBack) -> dict[str, Any]:
    """A win-back as the API shows one."""
    plan, own = (
        win_back.plan,
        "id version program_id status created_at updated_at begun_at ended_at",
    )
    audience, offer = plan.audience, plan.offer
    offered = ("kind", "points", "points_days", "pool_id", "template", "purpose")
    return {
        **{name: getattr(win_back, name) for name in own.split()},
        "name": plan.name,
        "audience": {
            "states": list(audience.states),
            "value_bands": list(audience.value_bands),
            "wait_days": audience.wait_days,
            "between_days": audience.between_days,
            "control_percent": decimal_out(audience.control_percent),
        },
        "offer": {name: getattr(offer, name) for name in offered},
        "counts_days": plan.counts_days,
    }


def _audience_in(body: AudienceIn) -> Audience:
    return Audience(
        states=tuple(dict.fromkeys(body.states)),
        value_bands=tuple(dict.fromkeys(body.value_bands)),
        wait_days=body.wait_days,
        between_days=body.between_days,
        control_percent=Decimal(body.control_percent),
    )


def _offer_in(body: OfferIn) -> Offer:
    return Offer(**body.model_dump())
