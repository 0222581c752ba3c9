"""Follows what undoes an earning besides orders: a referral that is reversed."""

from __future__ import annotations

from uuid import UUID

from chassis.events.reactions import Envelope, Reactions
from loyalty.earning.settling import settle_referral
from loyalty.transaction import LoyaltyTx
from rapport.loyalty.events.v1.referral_events_pb2 import ReferralReversed


def on_referral_reversed(tx: LoyaltyTx, fact: ReferralReversed, _envelope: Envelope) -> None:
    """Take back what rules gave for the recommendation; what is told of it later gives nothing."""
    settle_referral(tx, UUID(fact.referral_id))


def follow_referrals(reactions: Reactions) -> Reactions:
    """React to referrals that come undone; gives the same."""
    reactions.on(ReferralReversed, on_referral_reversed)
    return reactions
