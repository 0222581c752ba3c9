"""Coupons at purchases as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid
from chassis.http.body import Body, Moment
from chassis.http.money import DecimalIn, MoneyOut, amount_out, money_out, pointed
from chassis.http.query_string import Query
from chassis.money import minor_unit, money, total
from loyalty.coupon_pools.models import BenefitOut, benefit_shown
from loyalty.coupon_uses.domain import CouponUse, OrderNamed, Purchase, Verdict
from loyalty.coupon_uses.messages import MESSAGES
from loyalty.discounts.domain import Basket, BasketLine, Refusal

MOST_CODES = 20
MOST_LINES = 500

Code = Annotated[str, Field(min_length=1, max_length=200)]
Reference = Annotated[str, Field(min_length=1, max_length=100)]
Short = Annotated[str, Field(max_length=100)]


class LineIn(Body):
    """What is bought: `total` is with tax, and after all discounts but coupons."""

    line_id: Annotated[str, Field(min_length=1, max_length=100)]
    sku: Short = ""
    product_id: UUID | None = None
    category: Short = ""
    quantity: DecimalIn = "1"
    total: DecimalIn


class ValidateIn(Body):
    """Coupons that are shown at a purchase. `order_reference` is what the order is called there."""

    codes: Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST_CODES)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    lines: Annotated[tuple[LineIn, ...], Field(min_length=1, max_length=MOST_LINES)]
    person_id: UUID | None = None
    channel: Short = ""
    branch: Short = ""
    order_reference: Short = ""
    order_id: UUID | None = None


class RedeemIn(ValidateIn):
    """Coupons that are used at an order; `order_id` is that in sales, if it is kept there."""

    order_reference: Reference


class RollBackIn(Body):
    """The order at which coupons were used; without `coupon_ids`, all of them."""

    order_reference: Reference
    coupon_ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_CODES)] = ()


class LineOut(BaseModel):
    """What comes off a line, and what is left of it."""

    line_id: str
    discount: MoneyOut
    total: MoneyOut


class LineDiscountOut(BaseModel):
    """What comes off a line."""

    line_id: str
    discount: MoneyOut


class ReasonOut(BaseModel):
    """Why a coupon cannot be used; `beside` is the place of the one that it does not go with."""

    code: Refusal
    message: str
    beside: int | None


class VerdictOut(BaseModel):
    """What becomes of a coupon; of one that nobody knows here, nothing else is told."""

    code: str
    valid: bool
    reason: ReasonOut | None
    coupon_id: UUID | None
    coupon_pool_id: UUID | None
    name: dict[str, str] | None
    benefit: BenefitOut | None
    discount: MoneyOut
    lines: list[LineDiscountOut]


class ValidationOut(BaseModel):
    """What becomes of coupons at a purchase: the shares of the lines add up to the whole."""

    valid: bool
    coupons: list[VerdictOut]
    lines: list[LineOut]
    basket_total: MoneyOut
    discount: MoneyOut
    total: MoneyOut


class CouponUseOut(BaseModel):
    """A use of a coupon at an order. It does not count any more once it was rolled back."""

    id: UUID
    version: int
    coupon_id: UUID
    coupon_pool_id: UUID
    campaign: str
    person_id: UUID | None
    order_id: UUID | None
    order_reference: str
    channel: str
    branch: str
    discount: MoneyOut
    basket_total: MoneyOut
    lines: list[LineDiscountOut]
    points: int
    first_purchase: bool
    redeemed_at: datetime
    rolled_back_at: datetime | None
    rolled_back_for: str


class UsesOut(BaseModel):
    """The coupons used at an order, and what they take off that counts."""

    order_reference: str
    discount: MoneyOut
    uses: list[CouponUseOut]


class ResultsQuery(Query):
    """Which uses: from `since` on and before `until`, of a program, of a campaign."""

    since: Moment | None = None
    until: Moment | None = None
    program_id: UUID | None = None
    campaign: Short | None = None


class MoneyResultOut(BaseModel):
    """What came of coupons in one currency."""

    orders: int
    discount: MoneyOut
    revenue: MoneyOut


class CampaignResultOut(BaseModel):
    """What came of the coupons of a campaign."""

    campaign: str
    uses: int
    rolled_back: int
    points: int
    new_customers: int
    money: list[MoneyResultOut]


class PoolResultOut(CampaignResultOut):
    """What came of the coupons of a pool."""

    coupon_pool_id: UUID
    name: dict[str, str]
    made: int
    issued: int


class ResultsOut(BaseModel):
    """What came of coupons, by pool and by campaign; `definitions` says how it is counted."""

    as_of: datetime
    pools: list[PoolResultOut]
    campaigns: list[CampaignResultOut]
    definitions: dict[str, str]


def purchase_in(body: ValidateIn, now: datetime) -> Purchase:
    """The purchase that a body tells of. Raises `Invalid` for what is no money."""
    minor_unit(body.currency)
    lines = tuple(_line_in(line, place, body.currency) for place, line in enumerate(body.lines))
    if len({line.line_id for line in lines}) != len(lines):
        raise Invalid.at("/lines", "line_repeated", "Two lines have the same id.")
    basket = Basket(body.currency, lines, body.channel, body.branch)
    order = OrderNamed(body.order_reference.strip(), body.order_id)
    return Purchase(basket, body.person_id, order, now)


def _line_in(line: LineIn, place: int, currency: str) -> BasketLine:
    price = pointed(f"/lines/{place}/total", lambda: money(line.total, currency))
    return BasketLine(
        line_id=line.line_id,
        sku=line.sku,
        product_id=line.product_id,
        category=line.category,
        quantity=Decimal(line.quantity),
        total=price.amount,
    )


def validation_out(
    codes: Sequence[str], basket: Basket, verdicts: Sequence[Verdict]
) -> dict[str, Any]:
    """What becomes of coupons, as the API shows it."""
    currency = basket.currency
    off = [one.discount for one in verdicts if one.discount is not None]
    shares = [
        sum((one.lines[place] for one in off), 0 * line.total)
        for place, line in enumerate(basket.lines)
    ]
    discount = total(shares, currency)
    return {
        "valid": all(one.refusal is None for one in verdicts),
        "coupons": [
            _verdict_out(code, basket, verdict)
            for code, verdict in zip(codes, verdicts, strict=True)
        ],
        "lines": [
            {
                "line_id": line.line_id,
                "discount": amount_out(share, currency),
                "total": amount_out(line.total - share, currency),
            }
            for line, share in zip(basket.lines, shares, strict=True)
        ],
        "basket_total": money_out(basket.total),
        "discount": money_out(discount),
        "total": amount_out(basket.total.amount - discount.amount, currency),
    }


def _verdict_out(code: str, basket: Basket, verdict: Verdict) -> dict[str, Any]:
    candidate, refusal, discount = verdict.candidate, verdict.refusal, verdict.discount
    pool = None if candidate is None else candidate.pool
    lines = () if discount is None else zip(basket.lines, discount.lines, strict=True)
    return {
        "code": code,
        "valid": refusal is None,
        "reason": None
        if refusal is None
        else {"code": refusal, "message": MESSAGES[refusal], "beside": verdict.beside},
        "coupon_id": None if candidate is None else candidate.coupon.id,
        "coupon_pool_id": None if pool is None else pool.id,
        "name": None if pool is None else pool.terms.name,
        "benefit": None if pool is None else benefit_shown(pool.benefit),
        "discount": money_out(total([], basket.currency) if discount is None else discount.total),
        "lines": [
            {"line_id": line.line_id, "discount": amount_out(share, basket.currency)}
            for line, share in lines
        ],
    }


def shown(use: CouponUse) -> dict[str, Any]:
    """A use as the API shows one."""
    currency = use.discount.currency
    return {
        "id": use.id,
        "version": use.version,
        "coupon_id": use.coupon_id,
        "coupon_pool_id": use.pool_id,
        "campaign": use.campaign,
        "person_id": use.person_id,
        "order_id": use.order.id,
        "order_reference": use.order.reference,
        "channel": use.channel,
        "branch": use.branch,
        "discount": money_out(use.discount),
        "basket_total": amount_out(use.basket_total, currency),
        "lines": [
            {"line_id": one.line_id, "discount": amount_out(one.discount, currency)}
            for one in use.lines
        ],
        "points": use.points,
        "first_purchase": use.first_purchase,
        "redeemed_at": use.redeemed_at,
        "rolled_back_at": use.rolled_back_at,
        "rolled_back_for": use.rolled_back_for,
    }


def uses_out(uses: Sequence[CouponUse]) -> dict[str, Any]:
    """The uses at an order as the API shows them; there is one at least."""
    counting = [use.discount.amount for use in uses if use.rolled_back_at is None]
    return {
        "order_reference": uses[0].order.reference,
        "discount": money_out(total(counting, uses[0].discount.currency)),
        "uses": [shown(use) for use in uses],
    }
