"""Coupons as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.http.body import Body
from loyalty.coupon_pools.domain import CouponPool
from loyalty.coupon_pools.models import BenefitOut, benefit_shown
from loyalty.coupons.domain import Coupon, CouponState, window
from loyalty.names import Reason


class CouponIn(Body):
    """A coupon of an active pool, for a person."""

    coupon_pool_id: UUID
    person_id: UUID


class RevokeIn(Body):
    """Why a coupon is to be good for nothing any more."""

    reason: Reason


class CouponOut(BaseModel):
    """A coupon, without its code but for its last characters.

    It is valid from `valid_from` on, and before `expires_at`. `cause` says why it was issued:
    `request`, or what in loyalty gave it. `most_uses` is null without limit.
    """

    id: UUID
    version: int
    coupon_pool_id: UUID
    batch_id: UUID | None
    ending: str
    person_id: UUID | None
    state: CouponState
    uses: int
    most_uses: int | None
    valid_from: datetime | None
    expires_at: datetime | None
    issued_at: datetime | None
    cause: str | None
    created_at: datetime
    updated_at: datetime


class CouponCodeOut(CouponOut):
    """A coupon with its code, and what it promises: what its holder is shown."""

    code: str
    name: dict[str, str]
    description: dict[str, str]
    benefit: BenefitOut


def shown(coupon: Coupon, pool: CouponPool, program_zone: str) -> dict[str, Any]:
    """A coupon as the API shows one."""
    valid = window(coupon, pool.terms.validity, program_zone)
    return {
        "id": coupon.id,
        "version": coupon.version,
        "coupon_pool_id": coupon.pool_id,
        "batch_id": coupon.batch_id,
        "ending": coupon.code.ending,
        "person_id": coupon.person_id,
        "state": coupon.state,
        "uses": coupon.uses,
        "most_uses": coupon.most_uses,
        "valid_from": valid.begins_at,
        "expires_at": valid.ends_at,
        "issued_at": coupon.issued_at,
        "cause": None if coupon.cause is None else coupon.cause.kind,
        "created_at": coupon.created_at,
        "updated_at": coupon.updated_at,
    }


def shown_with_code(shown_one: dict[str, Any], pool: CouponPool, code: str) -> dict[str, Any]:
    """The same with the code and what the pool promises."""
    return {
        **shown_one,
        "code": code,
        "name": pool.terms.name,
        "description": pool.terms.description,
        "benefit": benefit_shown(pool.benefit),
    }
