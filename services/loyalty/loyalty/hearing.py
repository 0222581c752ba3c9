"""Who hears of happenings, and in which order: each does its part within the same transaction."""

from __future__ import annotations

from collections.abc import Sequence

from loyalty.coupon_uses import hearing as coupons
from loyalty.earning import operations as earning
from loyalty.engagement import operations as engagement
from loyalty.happenings.reactions import Hear
from loyalty.members import hearing as members
from loyalty.occasions import hearing as occasions
from loyalty.occasions.operations import plan_person
from loyalty.profiles.operations import ProfileChanged
from loyalty.referrals import hearing as referrals
from loyalty.retention import operations as retention
from loyalty.tier_standings import hearing as tiers
from loyalty.tier_standings.operations import review_person
from loyalty.win_backs import rounds as win_backs

HEARERS: Sequence[Hear] = (
    members.hear,
    earning.hear,
    tiers.hear,
    coupons.hear,
    referrals.hear,
    occasions.hear,
    engagement.hear,
    retention.hear,
    win_backs.hear,
)
"""Members first, since a first purchase may make somebody one; then what members gain by it."""

PROFILE_HEARERS: Sequence[ProfileChanged] = (review_person, plan_person)
"""Who goes by a person's clock or days: each hears of the person when contacts has other ones."""
