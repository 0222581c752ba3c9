"""What users and other slices do to coupons; each function is one transaction, or part of one."""

from __future__ import annotations

from uuid import UUID

from chassis.domain import Conflict
from chassis.http.words import said_in
from loyalty.coupon_pools.domain import CouponPool, PoolState
from loyalty.coupon_pools.queries import find_pool
from loyalty.coupons.domain import REQUEST, Coupon, IssueCause, window
from loyalty.coupons.making import blank_coupon, code_of
from loyalty.coupons.storage import issued_for
from loyalty.messages.domain import MessageAsked, request_id_of
from loyalty.people.erased import require_not_erased
from loyalty.people.named import current_person
from loyalty.profiles.queries import profile_or_none
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx


def issue_coupon(
    tx: LoyaltyTx, pool_id: UUID, person_id: UUID, cause: IssueCause = REQUEST
) -> Coupon:
    """Give a person a coupon of an active pool; for a cause with a key, the one that there is.

    Where the pool names a template, notifications tells the person of it. Raises `NotFound`, and
    `Conflict` where the pool is not active or has one public code, and for somebody who was erased.
    """
    pool = find_pool(tx, pool_id)
    tx.try_again_on("coupons_cause_once")
    known = issued_for(tx, pool_id, cause)
    if known is not None:
        return tx.coupons.get(known)
    pool.require_making()
    if pool.state is not PoolState.ACTIVE:
        raise Conflict("The pool is not active.", code="coupon_pool_not_active")
    now, holder = tx.clock.now(), current_person(tx, person_id)
    require_not_erased(tx, holder)
    program_zone, profile = program(tx, pool.program_id).zone, profile_or_none(tx, holder)
    zone = program_zone if profile is None else profile.zone(program_zone)
    coupon = blank_coupon(tx, pool, now)
    coupon.person_id, coupon.cause, coupon.issued_at = holder, cause, now
    coupon.time_zone = zone.key
    coupon.expires_at = pool.terms.validity.runs_out_at(now, zone)
    coupon.issue(pool, program_zone.key)
    _tell(tx, coupon, pool, program_zone.key)
    tx.coupons.add(coupon)
    return coupon


def revoke_coupon(tx: LoyaltyTx, coupon_id: UUID, reason: str) -> Coupon:
    """Have a coupon good for nothing any more. Raises `NotFound`, `Conflict` once it was used."""
    coupon = tx.coupons.get(coupon_id)
    coupon.revoke(reason, tx.clock.now())
    return coupon


def withdraw_coupon(tx: LoyaltyTx, coupon_id: UUID, reason: str) -> Coupon:
    """Revoke a coupon that must not have been used at all. Raises `NotFound`, `Conflict`."""
    coupon = tx.coupons.get(coupon_id)
    if coupon.uses:
        raise Conflict("The coupon was used already.", code="coupon_used")
    coupon.revoke(reason, tx.clock.now())
    return coupon


def _tell(tx: LoyaltyTx, coupon: Coupon, pool: CouponPool, program_zone: str) -> None:
    if not pool.terms.template or coupon.person_id is None:
        return
    ends_at = window(coupon, pool.terms.validity, program_zone).ends_at
    coupon.record(
        MessageAsked(
            request_id=request_id_of(coupon.id, "issued"),
            person_id=coupon.person_id,
            template=pool.terms.template,
            variables={
                "coupon_id": str(coupon.id),
                "code": code_of(tx.secrecy.sealer, coupon),
                "name": said_in("en", pool.terms.name),
                "names": pool.terms.name,
                **({} if ends_at is None else {"ends_at": ends_at.isoformat()}),
            },
            expires_at=ends_at,
        )
    )
