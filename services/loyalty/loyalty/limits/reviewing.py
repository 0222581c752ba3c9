"""What those who look at reviews do; each function is one transaction."""

from __future__ import annotations

from uuid import UUID

from loyalty.earning.holding import refuse_held, release_held
from loyalty.limits.domain import Act, VelocityReview
from loyalty.referrals.operations import settle_held
from loyalty.transaction import LoyaltyTx


def clear_review(tx: LoyaltyTx, review_id: UUID, reason: str) -> VelocityReview:
    """Find an act in order: what was held goes on. Raises `NotFound`, `Invalid`, `Conflict`."""
    review = tx.velocity_reviews.get(review_id)
    review.clear(reason, tx.caller.actor, tx.clock.now())
    release_held(tx, review.id)
    if review.act is Act.REFERRAL:
        settle_held(tx, review.key, counts=True)
    return review


def confirm_review(tx: LoyaltyTx, review_id: UUID, reason: str) -> VelocityReview:
    """Find an act to be abuse: what was held is refused. Raises `NotFound`, `Invalid`, `Conflict`."""
    review = tx.velocity_reviews.get(review_id)
    review.confirm(reason, tx.caller.actor, tx.clock.now())
    refuse_held(tx, review.id)
    if review.act is Act.REFERRAL:
        settle_held(tx, review.key, counts=False)
    return review
