"""Has codes made in batches, and notes who fetches them; each function is one transaction."""

from __future__ import annotations

from uuid import UUID

from chassis.work.jobs import start_job
from loyalty.coupon_batches.domain import CouponBatch
from loyalty.coupon_pools.queries import find_pool
from loyalty.transaction import LoyaltyTx

MAKE_CODES = "make_coupon_codes"
"""The kind of job."""


def order_batch(tx: LoyaltyTx, pool_id: UUID, count: int) -> CouponBatch:
    """Have a job make codes. Raises `NotFound`, `Conflict` where no coupon can be made."""
    find_pool(tx, pool_id).require_making()
    batch_id = tx.ids.new()
    batch = CouponBatch(
        id=batch_id,
        pool_id=pool_id,
        count=count,
        job_id=start_job(tx, MAKE_CODES, {"batch_id": str(batch_id)}),
        created_by=tx.caller.actor,
        created_at=tx.clock.now(),
    )
    batch.order()
    tx.coupon_batches.add(batch)
    return batch


def note_export(tx: LoyaltyTx, batch_id: UUID) -> CouponBatch:
    """Note that somebody fetches the codes. Raises `NotFound`, `Conflict` before all are made."""
    batch = tx.coupon_batches.get(batch_id)
    batch.note_export()
    return batch
