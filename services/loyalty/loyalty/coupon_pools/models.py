"""Pools of coupons as the REST face takes and shows them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.money import MoneyIn, MoneyOut, PercentIn, decimal_out, money_in, worth_in
from loyalty.codes.domain import normalized
from loyalty.coupon_pools.domain import (
    CouponPool,
    IssuedOn,
    Limits,
    PoolKind,
    PoolState,
    PoolTerms,
    Validity,
)
from loyalty.coupon_pools.storage import benefit_out, conditions_out
from loyalty.discounts.domain import Benefit, BenefitKind, Conditions, Stacking, StackingRule
from loyalty.names import Label

Sku = Annotated[str, Field(min_length=1, max_length=100)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
Campaign = Annotated[str, Field(max_length=100)]
TemplateKey = Annotated[str, Field(max_length=50, pattern="^([a-z][a-z0-9_]*)?$")]
Words = Annotated[tuple[Word, ...], Field(max_length=200)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]


class BenefitIn(Body):
    """What a coupon promises. Each kind needs what it is called by, and takes nothing else.

    `amount_off` needs an `amount`; `percent_off` a `percent`, and an `amount` that is the most; `free_item`
    the `skus` of which the cheapest in the basket is free, `quantity` of them; `gift` what it is
    called by language; `points` how many.
    """

    kind: BenefitKind
    amount: MoneyIn | None = None
    percent: PercentIn | None = None
    skus: Annotated[tuple[Sku, ...], Field(max_length=200)] = ()
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    gift: Label | None = None
    points: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class ConditionsIn(Body):
    """What a purchase has to be like; what is not said of products, channels or branches means all.

    A coupon for products applies to lines with one of `skus`, `product_ids` or `categories`. The
    minimum is asked of the lines that it applies to, before any coupon. `first_purchase_only` asks
    that the person has no other order but cancelled ones.
    """

    minimum_spend: MoneyIn | None = None
    skus: Annotated[tuple[Sku, ...], Field(max_length=500)] = ()
    product_ids: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    categories: Words = ()
    excluded_skus: Annotated[tuple[Sku, ...], Field(max_length=500)] = ()
    excluded_categories: Words = ()
    channels: Words = ()
    branches: Words = ()
    first_purchase_only: bool = False


class LimitsIn(Body):
    """How often coupons may be used; null is without limit. `uses_per_code` counts for `codes`.

    `personal` coupons are for whom they were issued to, others for whoever bears them.
    """

    total_uses: Count | None = None
    uses_per_person: Count | None = None
    uses_per_code: Count | None = 1
    personal: bool = False


class StackingIn(Body):
    """Which coupons may be used at the same purchase: both of two have to allow the other.

    `most_per_basket` counts those of the same pool.
    """

    rule: StackingRule = StackingRule.ALONE
    pools: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()
    most_per_basket: Annotated[int, Field(ge=1, le=20)] = 1


class CouponPoolIn(Body):
    """A new pool, a draft. `public_code` is for the kind `public`, and may never change.

    Days are whole days in the zone of whoever holds a coupon, or the program's. `valid_days` count
    from the day on which a coupon is issued. With `issued_on`, whoever that happens to is issued one.
    `template` is the template of notifications that tells a person of a coupon, and its code.
    """

    program_id: UUID
    name: Label
    description: Label | None = None
    campaign: Campaign = ""
    kind: PoolKind = PoolKind.CODES
    public_code: Annotated[str, Field(max_length=100)] = ""
    benefit: BenefitIn
    conditions: ConditionsIn = Field(default_factory=ConditionsIn)
    limits: LimitsIn = Field(default_factory=LimitsIn)
    stacking: StackingIn = Field(default_factory=StackingIn)
    valid_from: date | None = None
    valid_until: date | None = None
    valid_days: Annotated[int, Field(ge=0, le=3660)] | None = None
    issued_on: IssuedOn = IssuedOn.NOTHING
    template: TemplateKey = ""


class CouponPoolPatch(Patch):
    """What may change about a pool; objects are replaced as a whole, the benefit in a draft only."""

    name: Label = Field(default_factory=dict)
    description: Label | None = None
    campaign: Campaign = ""
    benefit: BenefitIn = BenefitIn(kind=BenefitKind.POINTS)
    conditions: ConditionsIn = Field(default_factory=ConditionsIn)
    limits: LimitsIn = Field(default_factory=LimitsIn)
    stacking: StackingIn = Field(default_factory=StackingIn)
    valid_from: date | None = None
    valid_until: date | None = None
    valid_days: Annotated[int, Field(ge=0, le=3660)] | None = None
    issued_on: IssuedOn = IssuedOn.NOTHING
    template: TemplateKey = ""


class BenefitOut(BaseModel):
    """What a coupon promises."""

    kind: BenefitKind
    amount: MoneyOut | None
    percent: str | None
    skus: list[str]
    quantity: int
    gift: dict[str, str]
    points: int


class ConditionsOut(BaseModel):
    """What a purchase has to be like."""

    minimum_spend: MoneyOut | None
    skus: list[str]
    product_ids: list[UUID]
    categories: list[str]
    excluded_skus: list[str]
    excluded_categories: list[str]
    channels: list[str]
    branches: list[str]
    first_purchase_only: bool


class LimitsOut(BaseModel):
    """How often coupons may be used."""

    total_uses: int | None
    uses_per_person: int | None
    uses_per_code: int | None
    personal: bool


class StackingOut(BaseModel):
    """Which coupons may be used at the same purchase."""

    rule: StackingRule
    pools: list[UUID]
    most_per_basket: int


class CouponPoolOut(BaseModel):
    """A pool of coupons."""

    id: UUID
    version: int
    program_id: UUID
    name: dict[str, str]
    description: dict[str, str]
    campaign: str
    kind: PoolKind
    public_code: str
    state: PoolState
    benefit: BenefitOut
    conditions: ConditionsOut
    limits: LimitsOut
    stacking: StackingOut
    valid_from: date | None
    valid_until: date | None
    valid_days: int | None
    issued_on: IssuedOn
    template: str
    created_at: datetime
    updated_at: datetime


def terms_in(body: CouponPoolIn) -> PoolTerms:
    """The terms that a body gives. Raises `Invalid` for what is no money."""
    return PoolTerms(
        name=body.name,
        description=body.description or {},
        campaign=body.campaign.strip(),
        conditions=_conditions_in(body.conditions),
        limits=_limits_in(body.limits),
        stacking=_stacking_in(body.stacking),
        validity=Validity(body.valid_from, body.valid_until, body.valid_days),
        issued_on=body.issued_on,
        template=body.template,
    )


def public_code_in(text: str) -> str:
    """A public code in its normal form; one that can be none stays as it is, to be refused."""
    return normalized(text) or text


def benefit_in(body: BenefitIn) -> Benefit:
    """The benefit that a body gives. Raises `Invalid` for what is no money."""
    return Benefit(
        kind=body.kind,
        amount=None if body.amount is None else worth_in(body.amount, "/benefit/amount"),
        percent=None if body.percent is None else Decimal(body.percent),
        skus=body.skus,
        quantity=body.quantity,
        gift=body.gift or {},
        points=body.points,
    )


def changed(
    benefit: Benefit, terms: PoolTerms, patch: CouponPoolPatch
) -> tuple[Benefit, PoolTerms]:
    """What a pool is after a patch. Raises `Invalid` for what is no money."""
    given = patch.model_fields_set
    if "benefit" in given:
        benefit = benefit_in(patch.benefit)
    validity = terms.validity
    return benefit, PoolTerms(
        name=patch.name if "name" in given else terms.name,
        description=(patch.description or {}) if "description" in given else terms.description,
        campaign=patch.campaign.strip() if "campaign" in given else terms.campaign,
        conditions=_conditions_in(patch.conditions) if "conditions" in given else terms.conditions,
        limits=_limits_in(patch.limits) if "limits" in given else terms.limits,
        stacking=_stacking_in(patch.stacking) if "stacking" in given else terms.stacking,
        validity=Validity(
            patch.valid_from if "valid_from" in given else validity.first,
            patch.valid_until if "valid_until" in given else validity.last,
            patch.valid_days if "valid_days" in given else validity.days,
        ),
        issued_on=patch.issued_on if "issued_on" in given else terms.issued_on,
        template=patch.template if "template" in given else terms.template,
    )


def _conditions_in(body: ConditionsIn) -> Conditions:
    least = body.minimum_spend
    return Conditions(
        minimum_spend=None if least is None else money_in(least, "/conditions/minimum_spend"),
        skus=body.skus,
        product_ids=body.product_ids,
        categories=body.categories,
        excluded_skus=body.excluded_skus,
        excluded_categories=body.excluded_categories,
        channels=body.channels,
        branches=body.branches,
        first_purchase_only=body.first_purchase_only,
    )


def _limits_in(body: LimitsIn) -> Limits:
    return Limits(body.total_uses, body.uses_per_person, body.uses_per_code, body.personal)


def _stacking_in(body: StackingIn) -> Stacking:
    return Stacking(body.rule, body.pools, body.most_per_basket)


def shown(pool: CouponPool) -> dict[str, Any]:
    """A pool as the API shows one."""
    terms, limits = pool.terms, pool.terms.limits
    return {
        "id": pool.id,
        "version": pool.version,
        "program_id": pool.program_id,
        "name": terms.name,
        "description": terms.description,
        "campaign": terms.campaign,
        "kind": pool.kind,
        "public_code": pool.public_code,
        "state": pool.state,
        "benefit": benefit_shown(pool.benefit),
        "conditions": conditions_out(terms.conditions),
        "limits": {name: getattr(limits, name) for name in LimitsOut.model_fields},
        "stacking": {
            "rule": terms.stacking.rule,
            "pools": list(terms.stacking.pools),
            "most_per_basket": terms.stacking.most_per_basket,
        },
        "valid_from": terms.validity.first,
        "valid_until": terms.validity.last,
        "valid_days": terms.validity.days,
        "issued_on": terms.issued_on,
        "template": terms.template,
        "created_at": pool.created_at,
        "updated_at": pool.updated_at,
    }


def benefit_shown(benefit: Benefit) -> dict[str, Any]:
    """A benefit as the API shows one."""
    percent = None if benefit.percent is None else decimal_out(benefit.percent)
    return {**benefit_out(benefit), "percent": percent}
