"""Tiers as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.money import decimal_out
from loyalty.names import Key, Label, Sentence
from loyalty.tiers.domain import (
    MOST_TIERS,
    Benefit,
    BenefitKind,
    QualifyBy,
    Tier,
    TierScheme,
    TierTerms,
    WindowKind,
)

Threshold = Annotated[str, Field(max_length=20, pattern=r"^[0-9]{1,15}(\.[0-9]{1,4})?$")]
Days = Annotated[int, Field(ge=0, le=366)]


class BenefitIn(Body):
    """Something that members of a tier have; `percent` for `earning_multiplier` and `discount`."""

    kind: BenefitKind
    percent: Annotated[int, Field(ge=1, le=1_000)] | None = None
    text: Sentence = Field(default={})


class TierIn(Body):
    """A tier; its key is what other records know it by."""

    key: Key
    name: Label
    threshold: Threshold
    benefits: Annotated[tuple[BenefitIn, ...], Field(max_length=20)] = ()


class TiersIn(Body):
    """The tiers of a program from the lowest to the highest, and by what they are reached.

    Up at once; down when there was too little for `grace_days` after the window moved on, and for
    `hold_months` after the tier was reached in any case. `one_step`: one tier at a time, and no more
    within the length of a window. Who falls short by a change of this has `change_grace_days` at
    least. A calendar year counts for itself and for the year after.
    """

    tiers: Annotated[tuple[TierIn, ...], Field(max_length=MOST_TIERS)]
    by: QualifyBy
    window: WindowKind = WindowKind.ROLLING
    months: Annotated[int, Field(ge=1, le=60)] = 12
    grace_days: Days = 0
    hold_months: Annotated[int, Field(ge=0, le=36)] = 0
    one_step: bool = False
    change_grace_days: Days = 30


class BenefitOut(BaseModel):
    """Something that members of a tier have."""

    kind: BenefitKind
    percent: int | None
    text: dict[str, str]


class TierOut(BaseModel):
    """A tier."""

    key: str
    name: dict[str, str]
    threshold: str
    benefits: list[BenefitOut]


class TiersOut(BaseModel):
    """The tiers of a program. `replaced` says where members of tiers that are gone belong."""

    program_id: UUID
    version: int
    revision: int
    tiers: list[TierOut]
    by: QualifyBy
    window: WindowKind
    months: int
    grace_days: int
    hold_months: int
    one_step: bool
    change_grace_days: int
    replaced: dict[str, str | None]
    created_at: datetime
    updated_at: datetime


class TierRevisionOut(BaseModel):
    """What held from a time on."""

    revision: int
    valid_from: datetime
    changed_by: str
    tiers: list[TierOut]
    by: QualifyBy
    window: WindowKind
    months: int
    grace_days: int
    hold_months: int
    one_step: bool
    change_grace_days: int


class TierRevisionsOut(BaseModel):
    """All that ever held, the latest first."""

    items: list[TierRevisionOut]


class TierStepOut(BaseModel):
    """How many members would go from a tier into another; null stands for none."""

    before: str | None
    after: str | None
    members: int


class TierPreviewOut(BaseModel):
    """What other tiers would mean to members: `moves` at once, `falls` once patience is over."""

    members: int
    unchanged: int
    moves: list[TierStepOut]
    falls: list[TierStepOut]
    definitions: dict[str, str]


def terms_in(body: TiersIn) -> TierTerms:
    """The terms that a body states."""
    return TierTerms(
        tiers=tuple(
            Tier(
                key=tier.key,
                name=tier.name,
                threshold=Decimal(tier.threshold),
                benefits=tuple(Benefit(one.kind, one.percent, one.text) for one in tier.benefits),
            )
            for tier in body.tiers
        ),
        by=body.by,
        window=body.window,
        months=body.months,
        grace_days=body.grace_days,
        hold_months=body.hold_months,
        one_step=body.one_step,
        change_grace_days=body.change_grace_days,
    )


def shown(scheme: TierScheme) -> dict[str, Any]:
    """The tiers of a program as the API shows them."""
    return {
        "program_id": scheme.program_id,
        "version": scheme.version,
        "revision": scheme.revision,
        **terms_out(scheme.terms),
        "replaced": scheme.terms.replaced,
        "created_at": scheme.created_at,
        "updated_at": scheme.updated_at,
    }


def terms_out(terms: TierTerms) -> dict[str, Any]:
    """Terms as the API shows them."""
    plain = ("by", "window", "months", "grace_days", "hold_months", "one_step")
    return {
        "tiers": [tier_out(tier) for tier in terms.tiers],
        **{name: getattr(terms, name) for name in (*plain, "change_grace_days")},
    }


def tier_out(tier: Tier) -> dict[str, Any]:
    """A tier as the API shows one."""
    return {
        "key": tier.key,
        "name": tier.name,
        "threshold": decimal_out(tier.threshold),
        "benefits": [
            {"kind": one.kind, "percent": one.percent, "text": one.text} for one in tier.benefits
        ],
    }
