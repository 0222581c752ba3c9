"""What administrators do to pools of coupons; each function is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chassis.domain import Invalid
from loyalty.coupon_pools.domain import CouponPool, PoolKind, PoolState, PoolTerms
from loyalty.coupons.making import public_coupon
from loyalty.discounts.domain import Benefit
from loyalty.programs.queries import program
from loyalty.transaction import LoyaltyTx

Change = Callable[[Benefit, PoolTerms], tuple[Benefit, PoolTerms]]


def draft_pool(
    tx: LoyaltyTx,
    program_id: UUID,
    kind: PoolKind,
    public_code: str,
    benefit: Benefit,
    terms: PoolTerms,
) -> CouponPool:
    """Draft a pool. A public one has its one coupon at once.

    Raises `NotFound`, `Invalid`, and `Conflict` where another coupon has the code.
    """
    program(tx, program_id)
    now = tx.clock.now()
    pool = CouponPool(
        id=tx.ids.new(),
        program_id=program_id,
        kind=kind,
        public_code=public_code,
        benefit=benefit,
        terms=terms,
        state=PoolState.DRAFT,
        created_at=now,
        updated_at=now,
    )
    _require_pools(tx, terms)
    pool.draft()
    tx.coupon_pools.add(pool)
    if kind is PoolKind.PUBLIC:
        tx.flush()  # the pool has to be there before its coupon
        tx.coupons.add(public_coupon(tx, pool))
    return pool


def change_pool(tx: LoyaltyTx, pool_id: UUID, change: Change) -> CouponPool:
    """Change a pool. Raises `NotFound`, `Invalid`, and `Conflict` for what is settled."""
    pool = tx.coupon_pools.get(pool_id)
    benefit, terms = change(pool.benefit, pool.terms)
    if terms.stacking != pool.terms.stacking:
        _require_pools(tx, terms)
    pool.change(benefit, terms, tx.clock.now())
    return pool


def activate_pool(tx: LoyaltyTx, pool_id: UUID) -> CouponPool:
    """Let the coupons of a pool be used. Raises `NotFound`, `Conflict`."""
    pool = tx.coupon_pools.get(pool_id)
    pool.activate(tx.clock.now())
    return pool


def pause_pool(tx: LoyaltyTx, pool_id: UUID) -> CouponPool:
    """Let none of a pool be used for now. Raises `NotFound`, `Conflict`."""
    pool = tx.coupon_pools.get(pool_id)
    pool.pause(tx.clock.now())
    return pool


def end_pool(tx: LoyaltyTx, pool_id: UUID) -> CouponPool:
    """Let none of a pool be used ever again. Raises `NotFound`."""
    pool = tx.coupon_pools.get(pool_id)
    pool.end(tx.clock.now())
    return pool


def _require_pools(tx: LoyaltyTx, terms: PoolTerms) -> None:
    """Raises `Invalid` for a pool that is listed and not there."""
    listed = list(terms.stacking.pools)
    known = {pool.id for pool in tx.coupon_pools.get_many(listed)}
    for place, pool_id in enumerate(listed):
        if pool_id not in known:
            at, message = f"/stacking/pools/{place}", f"There is no coupon pool {pool_id}."
            raise Invalid.at(at, "coupon_pool_unknown", message)
