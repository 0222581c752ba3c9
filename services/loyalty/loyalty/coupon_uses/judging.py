"""Looks up what is needed to judge coupons at a purchase, for a look ahead and for their use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.codes.domain import digest_of, normalized
from loyalty.coupon_uses.domain import Candidate, History, Purchase, Verdict, judge
from loyalty.coupon_uses.storage import buyers_among, person_tallies, pool_tallies
from loyalty.coupons.domain import CODE_PURPOSE, Coupon
from loyalty.coupons.queries import coupons_by_digest, pools_of
from loyalty.discounts.domain import BenefitKind
from loyalty.members.queries import active_members


def digests_of(tenant_id: UUID, codes: Sequence[str]) -> Sequence[bytes | None]:
    """What the coupons of these codes are found by; None for what can be no code."""
    plain = [normalized(code) for code in codes]
    return [digest_of(CODE_PURPOSE, tenant_id, code) if code else None for code in plain]


def look_ahead(
    reading: Reading, tenant_id: UUID, codes: Sequence[str], purchase: Purchase
) -> Sequence[Verdict]:
    """What would become of coupons at a purchase; nothing changes, and nothing is promised."""
    digests = digests_of(tenant_id, codes)
    found = coupons_by_digest(reading, [one for one in digests if one is not None])
    shown = candidates(reading, [None if one is None else found.get(one) for one in digests])
    return judge(shown, purchase, history(reading, shown, purchase, lock=False))


def candidates(
    reading: Reading | UnitOfWork, coupons: Sequence[Coupon | None]
) -> Sequence[Candidate | None]:
    """Coupons with their pools."""
    pools = pools_of(reading, {one.pool_id for one in coupons if one is not None})
    return [None if one is None else Candidate(one, *pools[one.pool_id]) for one in coupons]


def history(
    reading: Reading | UnitOfWork,
    shown: Sequence[Candidate | None],
    purchase: Purchase,
    *,
    lock: bool,
) -> History:
    """What was before, as far as one of these coupons asks for it."""
    known = [one for one in shown if one is not None]
    buyers = {
        buyer for one in known if (buyer := purchase.person_id or one.coupon.person_id) is not None
    }
    # Whoever uses coupons counts all of them afterwards, and locks tallies before points move.
    counted = {one.pool.id for one in known if lock or one.pool.terms.limits.total_uses is not None}
    rationed = {one.pool.id for one in known if one.pool.terms.limits.uses_per_person is not None}
    return History(
        pool_uses=pool_tallies(reading, counted, lock=lock),
        person_uses=person_tallies(reading, rationed, buyers),
        buyers=buyers_among(reading, buyers, purchase.order),
        members=_members(reading, known, buyers) if lock or _gives_points(known) else {},
    )


def _gives_points(known: Sequence[Candidate]) -> bool:
    return any(one.pool.benefit.kind is BenefitKind.POINTS for one in known)


def _members(
    reading: Reading | UnitOfWork, known: Sequence[Candidate], buyers: set[UUID]
) -> Mapping[tuple[UUID, UUID], UUID]:
    """As whom people buy who are members of the coupons' programs."""
    programs = {one.pool.program_id for one in known}
    return {
        (member.program_id, buyer): member.id
        for buyer in buyers
        for member in active_members(reading, buyer)
        if member.program_id in programs
    }
