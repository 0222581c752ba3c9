"""What a coupon is and what may happen to one; its code is known here by its digest alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from chassis.domain import Aggregate, Conflict, Fact, Unpublished
from loyalty.coupon_pools.domain import CouponPool, Validity

CODE_PURPOSE = "coupon"
"""What digests of coupons' codes are made for."""


class CouponState(StrEnum):
    """How a coupon stands: open while it may be used once more."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class IssueCause:
    """Why a coupon was issued: each kind and key has one coupon of a pool, however often it is told.

    Without a key, as on request, each time there is another coupon.
    """

    kind: str
    key: str | None = None


REQUEST = IssueCause("request")


@dataclass(frozen=True, slots=True)
class CodeKept:
    """How a code is kept: its digest to find it by, itself sealed, and its end to tell it apart."""

    digest: bytes
    sealed: bytes
    ending: str


@dataclass(frozen=True, slots=True)
class CouponIssued(Fact):
    """A person was given a coupon."""

    coupon: Coupon
    pool: CouponPool
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class CouponRevoked(Fact):
    """A coupon may not be used any more."""

    coupon: Coupon
    reason: str


@dataclass(kw_only=True)
class Coupon(Aggregate):
    """One coupon of a pool.

    `time_zone` is the holder's, None for the program's. `expires_at` is the first instant behind the
    days that count from its issue. `most_uses` is None without limit.
    """

    pool_id: UUID
    batch_id: UUID | None = None
    code: CodeKept
    person_id: UUID | None = None
    state: CouponState = CouponState.OPEN
    uses: int = 0
    most_uses: int | None
    time_zone: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    cause: IssueCause | None = None
    created_at: datetime
    updated_at: datetime

    def come_about(self) -> None:
        """Be there without being anybody's: told of with its pool or batch, not by itself."""
        self.record(Unpublished())

    def issue(self, pool: CouponPool, program_zone: str) -> None:
        """Be given to somebody."""
        ends_at = window(self, pool.terms.validity, program_zone).ends_at
        self.record(CouponIssued(self, pool, ends_at))

    def revoke(self, reason: str, now: datetime) -> None:
        """Be good for nothing any more. Again changes nothing. Raises `Conflict` once it was used."""
        if self.state is CouponState.REVOKED:
            return
        if self.state is CouponState.USED:
            raise Conflict("The coupon was used already.", code="coupon_used")
        self.state, self.updated_at = CouponState.REVOKED, now
        self.record(CouponRevoked(self, reason))

    def use(self, now: datetime) -> None:
        """Be used once. Whether it may be is judged before, with the purchase that it is used at."""
        self.uses, self.updated_at = self.uses + 1, now
        if self.most_uses is not None and self.uses >= self.most_uses:
            self.state = CouponState.USED
        self.record(Unpublished())

    def take_back_use(self, now: datetime) -> None:
        """Have a use not count any more; a coupon that was revoked meanwhile stays so."""
        self.uses, self.updated_at = self.uses - 1, now
        if self.state is CouponState.USED:
            self.state = CouponState.OPEN
        self.record(Unpublished())


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when a coupon is valid: not before the first instant, and before the second."""

    begins_at: datetime | None
    ends_at: datetime | None


def window(coupon: Coupon, validity: Validity, program_zone: str) -> Window:
    """When a coupon is valid, by its pool's days in its holder's zone, and by its own."""
    zone = ZoneInfo(coupon.time_zone or program_zone)
    ends = [end for end in (coupon.expires_at, validity.ends_at(zone)) if end is not None]
    return Window(validity.begins_at(zone), min(ends, default=None))
