"""Setting what a program gives for recommendations."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from loyalty.gifts.giving import require_givable
from loyalty.programs.domain import Program
from loyalty.programs.queries import program
from loyalty.referral_terms.domain import ReferralPolicy, ReferralTerms
from loyalty.transaction import LoyaltyTx

TERMS_ONCE = "referral_terms_pkey"


def set_terms(
    tx: LoyaltyTx, program_id: UUID, policy_for: Callable[[Program], ReferralPolicy]
) -> ReferralTerms:
    """Have a program give this from now on; whoever came before was promised what held then.

    Raises `NotFound` without such a program, `Invalid`.
    """
    policy, now = policy_for(program(tx, program_id)), tx.clock.now()
    require_givable(tx, program_id, policy.referrer_gift, "/referrer_gift")
    require_givable(tx, program_id, policy.friend_gift, "/friend_gift")
    tx.try_again_on(TERMS_ONCE)
    known = tx.referral_terms.get_many([program_id])
    if known:
        known[0].set(policy, now)
        return known[0]
    terms = ReferralTerms(id=program_id, policy=policy, updated_at=now)
    terms.set(policy, now)
    tx.referral_terms.add(terms)
    return terms
