"""Uses of coupons: which of those that are shown at a purchase may be used, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from chassis.domain import Aggregate, Fact, Money
from loyalty.coupon_pools.domain import CouponPool, PoolState
from loyalty.coupons.domain import Coupon, CouponState, window
from loyalty.discounts.domain import (
    Basket,
    BenefitKind,
    Discount,
    Offered,
    Refusal,
    discounts,
    go_together,
    misfit,
)


@dataclass(frozen=True, slots=True)
class OrderNamed:
    """Which order a purchase becomes: what it is called where it is sold, and in sales if it is kept there."""

    reference: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """What coupons are shown at, and who buys, if that is known."""

    basket: Basket
    person_id: UUID | None
    order: OrderNamed
    now: datetime

    def by(self, person_id: UUID | None) -> Purchase:
        """The same purchase by somebody else."""
        return replace(self, person_id=person_id)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A coupon that is shown, with its pool and the time zone of its program."""

    coupon: Coupon
    pool: CouponPool
    program_zone: str

    @property
    def offered(self) -> Offered:
        """What the purchase needs to know of it."""
        terms = self.pool.terms
        return Offered(self.pool.id, self.pool.benefit, terms.conditions, terms.stacking)


@dataclass(frozen=True, slots=True)
class History:
    """What was before: uses that count by pool, and by pool and person; who has bought already.

    `members` are pairs of program and person: whom points can be given to.
    """

    pool_uses: Mapping[UUID, int] = field(default_factory=dict)
    person_uses: Mapping[tuple[UUID, UUID], int] = field(default_factory=dict)
    buyers: AbstractSet[UUID] = frozenset()
    members: Mapping[tuple[UUID, UUID], UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one coupon that is shown: a discount, or why it cannot be used.

    `beside` is the place of the coupon that it does not go together with.
    """

    candidate: Candidate | None
    refusal: Refusal | None = None
    beside: int | None = None
    discount: Discount | None = None
    buyer: UUID | None = None


def judge(
    shown: Sequence[Candidate | None], purchase: Purchase, history: History
) -> Sequence[Verdict]:
    """Which of the coupons may be used at the purchase, and what each takes off.

    Of two that do not go together the one that was shown first counts. None stands for a code that
    nobody knows here.
    """
    verdicts: list[Verdict] = []
    taken: list[tuple[int, Candidate]] = []
    used: Counter[object] = Counter()
    for place, candidate in enumerate(shown):
        if candidate is None:
            verdicts.append(Verdict(None, Refusal.UNKNOWN))
            continue
        buyer = purchase.person_id or candidate.coupon.person_id
        refusal, beside = _refusal(candidate, purchase, history, used), None
        if refusal is None:
            refusal, beside = _clash(candidate, taken)
        if refusal is None:
            taken.append((place, candidate))
            used.update([candidate.pool.id, (candidate.pool.id, buyer)])
        verdicts.append(Verdict(candidate, refusal, beside, None, buyer))
    off = discounts(purchase.basket, [candidate.offered for _, candidate in taken])
    for (place, candidate), discount in zip(taken, off, strict=True):
        buyer = verdicts[place].buyer
        verdicts[place] = Verdict(candidate, None, None, discount, buyer)
    return verdicts


def _clash(
    candidate: Candidate, taken: Sequence[tuple[int, Candidate]]
) -> tuple[Refusal | None, int | None]:
    for place, other in taken:
        if other.coupon.id == candidate.coupon.id:
            return Refusal.REPEATED, place
    if go_together(candidate.offered, [other.offered for _, other in taken]):
        return None, None
    blamed = [place for place, o in taken if not go_together(candidate.offered, [o.offered])]
    return Refusal.NOT_STACKABLE, blamed[0] if blamed else taken[0][0]


def _refusal(
    candidate: Candidate, purchase: Purchase, history: History, used: Counter[object]
) -> Refusal | None:
    return (
        _stale(candidate, purchase.now)
        or _wrong_person(candidate, purchase.person_id, history)
        or _exhausted(candidate, purchase, history, used)
        or misfit(candidate.offered, purchase.basket)
    )


def _stale(candidate: Candidate, now: datetime) -> Refusal | None:
    coupon, pool = candidate.coupon, candidate.pool
    if coupon.state is CouponState.REVOKED:
        return Refusal.REVOKED
    if coupon.state is CouponState.USED:
        return Refusal.USED
    if pool.state is PoolState.ENDED:
        return Refusal.EXPIRED
    if pool.state is not PoolState.ACTIVE:
        return Refusal.NOT_ACTIVE
    valid = window(coupon, pool.terms.validity, candidate.program_zone)
    if valid.begins_at is not None and now < valid.begins_at:
        return Refusal.NOT_YET_VALID
    if valid.ends_at is not None and now >= valid.ends_at:
        return Refusal.EXPIRED
    return None


def _wrong_person(candidate: Candidate, person_id: UUID | None, history: History) -> Refusal | None:
    coupon, pool = candidate.coupon, candidate.pool
    buyer = person_id or coupon.person_id
    if pool.terms.limits.personal:
        if person_id is None:
            return Refusal.PERSON_NEEDED
        if person_id != coupon.person_id:
            return Refusal.PERSON_DIFFERS
    if pool.benefit.kind is BenefitKind.POINTS:
        if buyer is None:
            return Refusal.PERSON_NEEDED
        if (pool.program_id, buyer) not in history.members:
            return Refusal.NO_MEMBER
    if not pool.terms.conditions.first_purchase_only:
        return None
    if buyer is None:
        return Refusal.PERSON_NEEDED
    return Refusal.NOT_FIRST_PURCHASE if buyer in history.buyers else None


def _exhausted(
    candidate: Candidate, purchase: Purchase, history: History, used: Counter[object]
) -> Refusal | None:
    pool_id, limits = candidate.pool.id, candidate.pool.terms.limits
    if limits.total_uses is not None:
        before = history.pool_uses.get(pool_id, 0) + used[pool_id]
        if before >= limits.total_uses:
            return Refusal.EXHAUSTED
    if limits.uses_per_person is None:
        return None
    buyer = purchase.person_id or candidate.coupon.person_id
    if buyer is None:
        return Refusal.PERSON_NEEDED
    own = history.person_uses.get((pool_id, buyer), 0) + used[pool_id, buyer]
    return Refusal.PERSON_EXHAUSTED if own >= limits.uses_per_person else None


@dataclass(frozen=True, slots=True)
class CouponRedeemed(Fact):
    """A coupon was used at a purchase."""

    use: CouponUse


@dataclass(frozen=True, slots=True)
class CouponUseUndone(Fact):
    """A use does not count any more."""

    use: CouponUse


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """What was taken off one line of the basket."""

    line_id: str
    discount: Decimal


@dataclass(kw_only=True)
class CouponUse(Aggregate):
    """A coupon used at an order; `campaign` is the pool's at that time.

    `member_id` is whom it gave points to. `rolled_back_for` says why it does not count any more.
    """

    coupon_id: UUID
    pool_id: UUID
    campaign: str
    person_id: UUID | None
    order: OrderNamed
    channel: str
    branch: str
    discount: Money
    basket_total: Decimal
    lines: Sequence[LineDiscount]
    points: int
    member_id: UUID | None
    first_purchase: bool
    redeemed_at: datetime
    rolled_back_at: datetime | None = None
    rolled_back_for: str = ""

    def redeem(self) -> None:
        """Say that the coupon was used."""
        self.record(CouponRedeemed(self))

    def roll_back(self, cause: str, now: datetime) -> None:
        """Count no more. Again changes nothing."""
        if self.rolled_back_at is None:
            self.rolled_back_at, self.rolled_back_for = now, cause
            self.record(CouponUseUndone(self))
