"""Giving members their gifts, each once for its cause, and taking gifts back."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from loyalty.coupon_pools.queries import find_pool
from loyalty.coupons.domain import IssueCause
from loyalty.coupons.operations import issue_coupon, revoke_coupon
from loyalty.coupons.storage import issued_for
from loyalty.gifts.domain import Gift, Given
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import earn, reverse
from loyalty.members.queries import MemberRef
from loyalty.recognitions.operations import award, withdraw_of_cause
from loyalty.transaction import LoyaltyTx

log = logging.getLogger("loyalty.gifts")


def require_givable(tx: LoyaltyTx, program_id: UUID, gift: Gift, pointer: str) -> None:
    """Check that the pool of a gift is there. Raises `Invalid` for none, or another program's."""
    if gift.coupon_pool_id is None:
        return
    try:
        of = find_pool(tx, gift.coupon_pool_id).program_id
    except NotFound:
        of = None
    if of != program_id:
        message = "The program has no such pool of coupons."
        raise Invalid.at(f"{pointer}/coupon_pool_id", "coupon_pool_unknown", message)


def give(tx: LoyaltyTx, member: MemberRef, gift: Gift, cause: Cause) -> Given:
    """Give a member what a gift holds; a second time for the same cause gives nothing more.

    A pool that gives no coupons now, since it is paused, keeps nothing else from being given.
    """
    if gift.points:
        waits = timedelta(days=gift.pending_days)
        until = tx.clock.now() + waits if waits else None
        earn(tx, member.id, gift.points, cause, pending_until=until)
    recognition_id = None
    if gift.recognition is not None:
        recognition_id = award(tx, member, gift.recognition, cause.kind, cause.key).id
    return Given(gift.points, _coupon(tx, member, gift, cause), recognition_id)


def take_back(tx: LoyaltyTx, member_id: UUID, gift: Gift, cause: Cause) -> None:
    """Take back what a member was given for a cause, but a coupon that was used.

    Of points that were spent the program decides.
    """
    if gift.points:
        back = Cause(f"{cause.kind}_reversal", cause.key, cause.reference)
        reverse(tx, member_id, cause, None, back)
    if gift.recognition is not None:
        withdraw_of_cause(tx, cause.kind, cause.key)
    pool_id = gift.coupon_pool_id
    coupon_id = None if pool_id is None else issued_for(tx, pool_id, _issue_cause(cause))
    if coupon_id is not None:
        try:
            revoke_coupon(tx, coupon_id, cause.kind)
        except Conflict as used:
            log.info("coupon stays: %s", used.code, extra={"coupon": str(coupon_id)})


def _coupon(tx: LoyaltyTx, member: MemberRef, gift: Gift, cause: Cause) -> UUID | None:
    if gift.coupon_pool_id is None or member.person_id is None:
        return None
    try:
        return issue_coupon(tx, gift.coupon_pool_id, member.person_id, _issue_cause(cause)).id
    except (Conflict, NotFound) as refusal:
        pool = str(gift.coupon_pool_id)
        log.warning("no coupon given: %s", refusal.code, extra={"pool": pool})
        return None


def _issue_cause(cause: Cause) -> IssueCause:
    return IssueCause(cause.kind, cause.key)
