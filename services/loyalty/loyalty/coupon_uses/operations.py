"""Has coupons used at orders, and takes uses back; each function is one transaction, or part of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from chassis.domain import Conflict, NotFound, Violation
from loyalty.coupon_uses.domain import (
    Candidate,
    CouponUse,
    History,
    LineDiscount,
    Purchase,
    Verdict,
    judge,
)
from loyalty.coupon_uses.judging import candidates, digests_of, history
from loyalty.coupon_uses.messages import MESSAGES
from loyalty.coupon_uses.storage import (
    count_uses,
    one_at_a_time,
    uses_of_cancelled,
    uses_of_order,
)
from loyalty.coupons.storage import holders_of, ids_by_digest
from loyalty.discounts.domain import Refusal
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn, reverse
from loyalty.limits import domain as limits
from loyalty.limits.domain import Act
from loyalty.limits.operations import check
from loyalty.people.erased import require_not_erased
from loyalty.people.named import current_or_none, current_person
from loyalty.transaction import LoyaltyTx


def redeem_coupons(tx: LoyaltyTx, codes: Sequence[str], purchase: Purchase) -> Sequence[CouponUse]:
    """Use coupons at an order: all of them, or none. For the same order and coupons, once.

    Who comes first has them: coupons are locked, and so are people and pools that are limited.
    Raises `Conflict` with a reason for each that cannot be used, where the order has others, and for
    somebody who was erased.
    """
    digests = digests_of(tx.tenant_id, codes)
    one_at_a_time(tx, "coupons of order", [purchase.order.reference])
    ids = ids_by_digest(tx, [one for one in digests if one is not None])
    places = [None if digest is None else ids.get(digest) for digest in digests]
    known = [use for use in uses_of_order(tx, purchase.order.reference) if not use.rolled_back_at]
    if known:
        return _again(known, places)
    purchase = purchase.by(current_or_none(tx, purchase.person_id))
    if purchase.person_id is not None:
        require_not_erased(tx, purchase.person_id)
    verdicts, before = _judged(tx, places, purchase)
    _require_all(verdicts)
    for limited in _limits(tx, verdicts, before, purchase):
        limited.require_free()
    uses = [_used(tx, verdict, purchase, before) for verdict in verdicts]
    count_uses(tx, [use.pool_id for use in uses], 1)
    return uses


def note_limits(tx: LoyaltyTx, codes: Sequence[str], purchase: Purchase) -> None:
    """Have somebody look at a use that goes beyond the limits of a program, and was refused for it.

    Apart from the use itself, since nothing stays of what was refused.
    """
    digests = digests_of(tx.tenant_id, codes)
    ids = ids_by_digest(tx, [one for one in digests if one is not None])
    places = [None if digest is None else ids.get(digest) for digest in digests]
    purchase = purchase.by(current_or_none(tx, purchase.person_id))
    _limits(tx, *_judged(tx, places, purchase), purchase)


def roll_back_order(
    tx: LoyaltyTx, reference: str, coupon_ids: Collection[UUID] = ()
) -> Sequence[CouponUse]:
    """Take back the uses at an order, or those of some coupons. Again changes nothing.

    Raises `NotFound` for an order at which none of them was used.
    """
    one_at_a_time(tx, "coupons of order", [reference])
    found = [
        use for use in uses_of_order(tx, reference) if not coupon_ids or use.coupon_id in coupon_ids
    ]
    if not found:
        raise NotFound("No such coupon was used at an order of this name.")
    _roll_back(tx, [use.id for use in found if use.rolled_back_at is None], "request")
    return tx.coupon_uses.get_many([use.id for use in found])


def roll_back_cancelled(tx: LoyaltyTx, order_id: UUID | None, number: str) -> None:
    """Take back what was used at an order that sales has cancelled, known by its id or number."""
    _roll_back(tx, uses_of_cancelled(tx, order_id, number), "order_cancelled")


def roll_back_use(tx: LoyaltyTx, use_id: UUID) -> CouponUse:
    """Take back one use. Again changes nothing. Raises `NotFound`."""
    use = tx.coupon_uses.get(use_id)
    _roll_back(tx, [use_id], "request")
    return use


def _again(known: Sequence[CouponUse], places: Sequence[UUID | None]) -> Sequence[CouponUse]:
    if {use.coupon_id for use in known} != set(places):
        message = "The order has other coupons already; roll them back first."
        raise Conflict(message, code="order_has_coupons")
    return known


def _judged(
    tx: LoyaltyTx, places: Sequence[UUID | None], purchase: Purchase
) -> tuple[Sequence[Verdict], History]:
    shown = _locked(tx, places, purchase)
    before = history(tx, shown, purchase, lock=True)
    return judge(shown, purchase, before), before


def _limits(
    tx: LoyaltyTx, verdicts: Sequence[Verdict], before: History, purchase: Purchase
) -> Sequence[limits.Verdict]:
    """What the limits of programs say to members who use coupons."""
    found = []
    for verdict in verdicts:
        if verdict.candidate is None or verdict.buyer is None or verdict.refusal is not None:
            continue
        coupon, program_id = verdict.candidate.coupon, verdict.candidate.pool.program_id
        member_id = before.members.get((program_id, verdict.buyer))
        if member_id is not None:
            key = f"{coupon.id}:{purchase.order.reference}"
            found.append(check(tx, member_id, Act.COUPON, key=key, coupon=str(coupon.id)))
    return found


def _locked(
    tx: LoyaltyTx, places: Sequence[UUID | None], purchase: Purchase
) -> Sequence[Candidate | None]:
    """The coupons, locked, after whoever buys: each kind of lock in one order, so that all take turns."""
    wanted = sorted({one for one in places if one is not None})
    people = {purchase.person_id} if purchase.person_id is not None else _holders(tx, wanted)
    one_at_a_time(tx, "coupons of person", [str(one) for one in people])
    got = {coupon.id: coupon for coupon in tx.coupons.get_many(wanted)}
    return candidates(tx, [None if one is None else got.get(one) for one in places])


def _holders(tx: LoyaltyTx, coupon_ids: Sequence[UUID]) -> Collection[UUID]:
    """Whose coupons are, before these are locked.

    Coupons change hands by merges and erasures alone, and none is followed once `current_person` was
    asked: so what is read then holds until the commit.
    """
    for holder in holders_of(tx, coupon_ids):
        current_person(tx, holder)
    return holders_of(tx, coupon_ids)


def _require_all(verdicts: Sequence[Verdict]) -> None:
    wrong = [
        Violation(f"/codes/{place}", verdict.refusal.value, MESSAGES[verdict.refusal])
        for place, verdict in enumerate(verdicts)
        if verdict.refusal is not None
    ]
    if not wrong:
        return
    code = "coupon_unknown" if wrong[0].code == Refusal.UNKNOWN else "coupon_refused"
    raise Conflict(wrong[0].message, code=code, violations=tuple(wrong))


def _used(tx: LoyaltyTx, verdict: Verdict, purchase: Purchase, before: History) -> CouponUse:
    candidate, discount, basket = verdict.candidate, verdict.discount, purchase.basket
    if candidate is None or discount is None:
        raise ValueError("only coupons that may be used are used")
    pool, points, use_id = candidate.pool, candidate.pool.benefit.points, tx.ids.new()
    member_id = None
    if points and verdict.buyer is not None:
        member_id = before.members[pool.program_id, verdict.buyer]
        earn(tx, member_id, points, Cause("earning", f"coupon:{use_id}", purchase.order.reference))
    candidate.coupon.use(purchase.now)
    use = CouponUse(
        id=use_id,
        coupon_id=candidate.coupon.id,
        pool_id=pool.id,
        campaign=pool.terms.campaign,
        person_id=verdict.buyer,
        order=purchase.order,
        channel=basket.channel,
        branch=basket.branch,
        discount=discount.total,
        basket_total=basket.total.amount,
        lines=tuple(
            LineDiscount(line.line_id, off)
            for line, off in zip(basket.lines, discount.lines, strict=True)
        ),
        points=points,
        member_id=member_id,
        first_purchase=verdict.buyer is not None and verdict.buyer not in before.buyers,
        redeemed_at=purchase.now,
    )
    use.redeem()
    tx.coupon_uses.add(use)
    return use


def _roll_back(tx: LoyaltyTx, use_ids: Sequence[UUID], cause: str) -> None:
    """Each use is taken back once: uses are locked, then their coupons, and then they are looked at.

    Tallies are next, and the ledger is last, members in order: as whoever uses coupons locks them.
    """
    now = tx.clock.now()
    uses = [use for use in tx.coupon_uses.get_many(list(use_ids)) if use.rolled_back_at is None]
    tx.coupons.get_many([use.coupon_id for use in uses])
    count_uses(tx, [use.pool_id for use in uses], -1)
    for use in sorted(uses, key=lambda one: str(one.member_id)):
        use.roll_back(cause, now)
        tx.coupons.get(use.coupon_id).take_back_use(now)
        if use.member_id is not None:
            earned = Cause("earning", f"coupon:{use.id}", use.order.reference)
            undone = Cause("reversal", f"coupon:{use.id}", use.order.reference)
            reverse(tx, use.member_id, earned, None, undone)
