"""What a batch of codes is: coupons of a pool that are made together, to be printed or sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact

MOST_CODES = 100_000


@dataclass(frozen=True, slots=True)
class CouponBatchOrdered(Fact):
    """Codes are being made."""

    batch: CouponBatch


@dataclass(frozen=True, slots=True)
class CouponBatchCompleted(Fact):
    """All codes are made."""

    batch: CouponBatch


@dataclass(frozen=True, slots=True)
class CouponCodesExported(Fact):
    """Somebody fetched the codes."""

    batch: CouponBatch


@dataclass(kw_only=True)
class CouponBatch(Aggregate):
    """So many coupons of a pool, made by a job; none of them is anybody's before it is used."""

    pool_id: UUID
    count: int
    job_id: UUID | None
    created_by: str
    created_at: datetime
    made_at: datetime | None = None

    def order(self) -> None:
        """Have the codes made."""
        self.record(CouponBatchOrdered(self))

    def complete(self, now: datetime) -> None:
        """Say that all are made."""
        self.made_at = now
        self.record(CouponBatchCompleted(self))

    def note_export(self) -> None:
        """Say that somebody fetched them. Raises `Conflict` before all are made."""
        if self.made_at is None:
            raise Conflict("The codes are not made yet.", code="coupon_batch_unfinished")
        self.record(CouponCodesExported(self))
