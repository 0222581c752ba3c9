"""The job that makes the codes of a batch, some at a time; after a crash it goes on behind the last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.storage.bulk import BulkInsert
from chassis.storage.unit_of_work import Operations
from chassis.work.jobs import JobHandler, JobRun
from loyalty.coupon_batches.operations import MAKE_CODES
from loyalty.coupon_pools.domain import CouponPool
from loyalty.coupon_pools.queries import find_pool
from loyalty.coupons.making import blank_coupon
from loyalty.coupons.storage import coupons, row_of
from loyalty.transaction import LoyaltyTx

AT_ONCE = 1_000
_INSERT = BulkInsert.into(coupons)


class CodesMaking:
    """Makes codes, `at_once` in a transaction."""

    def __init__(self, operations: Operations[LoyaltyTx], at_once: int = AT_ONCE) -> None:
        self._operations = operations
        self._at_once = at_once

    def __call__(self, run: JobRun) -> Mapping[str, Any] | None:
        """Make what is missing. Raises what the pool refuses: it may have ended meanwhile."""
        batch_id, done, count = UUID(run.arguments["batch_id"]), run.kept.done, None
        while count is None or done < count:
            run.check()
            done, count = self._operations.run(run.caller, self._some, run, batch_id, done)
        return None

    def _some(self, tx: LoyaltyTx, run: JobRun, batch_id: UUID, done: int) -> tuple[int, int]:
        batch = tx.coupon_batches.get(batch_id)
        pool = find_pool(tx, batch.pool_id)
        pool.require_making()
        tx.bulk = True
        some = min(self._at_once, batch.count - done)
        make_codes(tx, pool, batch_id, some)
        done += some
        run.progress_in(tx, done, batch.count)
        if done >= batch.count:
            batch.complete(tx.clock.now())
            run.succeed_in(tx, {"batch_id": str(batch_id), "codes": done})
        return done, batch.count


def make_codes(tx: LoyaltyTx, pool: CouponPool, batch_id: UUID, count: int) -> None:
    """Add coupons that are nobody's yet; their batch tells of them all."""
    now, rows = tx.clock.now(), []
    for _ in range(count):
        coupon = blank_coupon(tx, pool, now)
        coupon.batch_id = batch_id
        rows.append({**row_of(coupon), "id": coupon.id, "version": 1})
    tx.write(_INSERT.statement, _INSERT.parameters(tx.tenant_id, rows))


def coupon_jobs(operations: Operations[LoyaltyTx]) -> Mapping[str, JobHandler]:
    """The handlers of the jobs of coupons."""
    return {MAKE_CODES: CodesMaking(operations)}
