"""The unit of work of loyalty: what an operation can reach."""

from __future__ import annotations

from chassis.domain import IdFactory
from chassis.events.outbox import OutboxWriter
from chassis.storage.parts import Part
from chassis.storage.unit_of_work import Reading, UnitOfWork
from loyalty.activities.storage import ActivitiesRepository
from loyalty.adjustments.storage import AdjustmentsRepository
from loyalty.coupon_batches.storage import CouponBatchesRepository
from loyalty.coupon_pools.storage import CouponPoolsRepository
from loyalty.coupon_uses.storage import CouponUsesRepository
from loyalty.coupons.storage import CouponsRepository
from loyalty.earning_rules.storage import EarningRulesRepository
from loyalty.engagement.storage import EngagementSchemesRepository
from loyalty.ledger.storage import Ledger
from loyalty.limits.storage import VelocityReviewsRepository, VelocityRulesRepository
from loyalty.members.storage import MembersRepository
from loyalty.occasions.storage import CelebrationsRepository, OccasionsRepository
from loyalty.programs.storage import ProgramsRepository
from loyalty.recognitions.storage import RecognitionsRepository
from loyalty.redemptions.storage import RedemptionsRepository
from loyalty.referral_codes.storage import ReferralCodesRepository
from loyalty.referral_terms.storage import ReferralTermsRepository
from loyalty.referrals.storage import ReferralsRepository
from loyalty.registrations.storage import ContactRefreshesRepository, RegistrationsRepository
from loyalty.retention.storage import RetentionDefinitionsRepository
from loyalty.rewards.storage import RewardsRepository
from loyalty.secrecy import Secrecy
from loyalty.tier_standings.storage import TierStandingsRepository
from loyalty.tiers.storage import TierSchemesRepository
from loyalty.win_backs.storage import WinBacksRepository


class LoyaltyTx(UnitOfWork):
    """One transaction of loyalty. What rows refer to is declared, and so written, before them."""

    programs = Part(ProgramsRepository)
    members = Part(MembersRepository)
    tier_schemes = Part(TierSchemesRepository)
    tier_standings = Part(TierStandingsRepository)
    ledger = Part(Ledger)
    adjustments = Part(AdjustmentsRepository)
    earning_rules = Part(EarningRulesRepository)
    velocity_rules = Part(VelocityRulesRepository)
    velocity_reviews = Part(VelocityReviewsRepository)
    recognitions = Part(RecognitionsRepository)
    referral_terms = Part(ReferralTermsRepository)
    referral_codes = Part(ReferralCodesRepository)
    referrals = Part(ReferralsRepository)
    occasions = Part(OccasionsRepository)
    celebrations = Part(CelebrationsRepository)
    activities = Part(ActivitiesRepository)
    registrations = Part(RegistrationsRepository)
    contact_refreshes = Part(ContactRefreshesRepository)
    engagement_schemes = Part(EngagementSchemesRepository)
    retention_definitions = Part(RetentionDefinitionsRepository)
    win_backs = Part(WinBacksRepository)
    coupon_pools = Part(CouponPoolsRepository)
    coupon_batches = Part(CouponBatchesRepository)
    coupons = Part(CouponsRepository)
    coupon_uses = Part(CouponUsesRepository)
    rewards = Part(RewardsRepository)
    redemptions = Part(RedemptionsRepository)

    def __init__(
        self, work: Reading, ids: IdFactory, outbox: OutboxWriter, *, secrecy: Secrecy
    ) -> None:
        super().__init__(work, ids, outbox)
        self.secrecy = secrecy
