"""The job that makes codes goes on behind the last when its worker is gone, and makes none twice (LO-7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.clock import MovableClock
from chassis.context import Caller
from chassis.domain import Unavailable
from chassis.storage.unit_of_work import Operations
from chassis.work.job_runner import JobRunner
from chassis.work.jobs import start_job
from loyalty.coupon_batches.domain import CouponBatch
from loyalty.coupon_batches.jobs import CodesMaking
from loyalty.coupons.storage import coupons
from loyalty.transaction import LoyaltyTx
from services.loyalty.tests.builders import Loyalty, good, lasting_app
from services.loyalty.tests.couponing import BATCHES, POOLS, Till

_KIND = "make_coupon_codes_here"
"""A kind of its own, so that no other worker of the tests takes it."""


class FailingOperations(Operations[LoyaltyTx]):
    """Does so many operations, and then no more."""

    def __init__(self, real: Operations[LoyaltyTx], left: int) -> None:
        self._real, self._left = real, left

    def run(self, caller: Caller, operation: Callable[..., Any], *args: Any, **more: Any) -> Any:
        """Run an operation, unless the worker is gone."""
        if not self._left:
            raise Unavailable("The worker is gone.")
        self._left -= 1
        return self._real.run(caller, operation, *args, **more)


def ordered(loyalty: Loyalty, till: Till, pool: dict[str, Any], count: int) -> UUID:
    """A batch whose job waits for a worker of the test."""

    def order(tx: LoyaltyTx) -> UUID:
        batch_id = tx.ids.new()
        job_id = start_job(tx, _KIND, {"batch_id": str(batch_id)})
        batch = CouponBatch(
            id=batch_id,
            pool_id=UUID(pool["id"]),
            count=count,
            job_id=job_id,
            created_by=tx.caller.actor,
            created_at=tx.clock.now(),
        )
        batch.order()
        tx.coupon_batches.add(batch)
        return batch_id

    return loyalty.service.operations.run(Caller(till.app.tenant_id, "test"), order)


def made(loyalty: Loyalty, till: Till, batch_id: UUID) -> int:
    """How many codes of a batch there are."""

    def count(tx: LoyaltyTx) -> int:
        of_batch = sa.select(sa.func.count()).where(coupons.c.batch_id == batch_id)
        return int(tx.connection.execute(of_batch).scalar_one())

    return loyalty.service.operations.run(Caller(till.app.tenant_id, "test"), count)


def work(loyalty: Loyalty, clock: MovableClock, left: int) -> None:
    """A worker that makes ten codes at a time, and is gone after so many times."""
    handler = CodesMaking(FailingOperations(loyalty.service.operations, left), at_once=10)
    JobRunner(loyalty.service.database, "loyalty", {_KIND: handler}, clock).run_next()


def test_after_a_crash_the_next_worker_goes_on_behind_the_last(
    timed: Loyalty, clock: MovableClock
) -> None:
    till = Till(lasting_app(timed, clock))
    batch_id = ordered(timed, till, till.pool(), 45)
    work(timed, clock, 2)
    assert made(timed, till, batch_id) == 20
    clock.move(timedelta(hours=2))
    work(timed, clock, 1)
    clock.move(timedelta(hours=2))
    work(timed, clock, 100)
    assert made(timed, till, batch_id) == 45
    batch = good(till.app.get(f"{BATCHES}/{batch_id}"))
    assert batch["made_at"] is not None
    assert till.app.get(f"/v1/loyalty/jobs/{batch['job_id']}").json["state"] == "succeeded"


def test_of_a_pool_that_ends_meanwhile_no_more_is_made(timed: Loyalty, clock: MovableClock) -> None:
    till = Till(lasting_app(timed, clock))
    pool = till.pool()
    batch_id = ordered(timed, till, pool, 45)
    work(timed, clock, 2)
    good(till.app.post(f"{POOLS}/{pool['id']}/end"))
    clock.move(timedelta(hours=2))
    work(timed, clock, 100)
    assert made(timed, till, batch_id) == 20
    batch = good(till.app.get(f"{BATCHES}/{batch_id}"))
    job = till.app.get(f"/v1/loyalty/jobs/{batch['job_id']}").json
    assert (job["state"], job["error"]["code"]) == ("failed", "coupon_pool_ended")
