"""Wires what members and customers get for their points and codes: coupons, rewards, redemptions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf.message import Message

from chassis.http.routes import Routes
from chassis.service import Service
from chassis.work.jobs import JobHandler
from chassis.work.timers import Timer
from loyalty.codes.guessing import WrongCodes
from loyalty.coupon_batches.api import coupon_batch_routes
from loyalty.coupon_batches.facts import COUPON_BATCH_FACTS
from loyalty.coupon_batches.jobs import coupon_jobs
from loyalty.coupon_pools.api import coupon_pools
from loyalty.coupon_pools.facts import COUPON_POOL_FACTS
from loyalty.coupon_uses.api import coupon_results, coupon_uses, coupons_at_purchases
from loyalty.coupon_uses.facts import COUPON_USE_FACTS
from loyalty.coupons.api import coupon_code_routes, coupons
from loyalty.coupons.facts import COUPON_FACTS
from loyalty.redemptions.api import redemption_routes
from loyalty.redemptions.facts import REDEMPTION_FACTS
from loyalty.redemptions.operations import REDEMPTION_HOLD, hold_is_over
from loyalty.rewards.api import rewards
from loyalty.rewards.facts import REWARD_FACTS
from loyalty.secrecy import Secrecy
from loyalty.settings import LoyaltySettings
from loyalty.transaction import LoyaltyTx

REWARDING_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    **COUPON_POOL_FACTS,
    **COUPON_BATCH_FACTS,
    **COUPON_FACTS,
    **COUPON_USE_FACTS,
    **REWARD_FACTS,
    **REDEMPTION_FACTS,
}
REWARDING_TIMERS: Mapping[str, Callable[[LoyaltyTx, Timer], object]] = {
    REDEMPTION_HOLD: hold_is_over
}


def rewarding_routes(
    service: Service[LoyaltyTx], settings: LoyaltySettings, secrecy: Secrecy
) -> Sequence[Routes]:
    """The routes of coupons, rewards and redemptions."""
    wrong_codes = WrongCodes(settings.wrong_codes_per_minute, time.monotonic)
    return (
        coupon_pools,
        coupon_batch_routes(secrecy.sealer),
        coupons_at_purchases(service.clock, wrong_codes),
        coupons,
        coupon_code_routes(secrecy.sealer),
        coupon_uses,
        coupon_results,
        rewards,
        redemption_routes(wrong_codes),
    )


def rewarding_jobs(service: Service[LoyaltyTx]) -> Mapping[str, JobHandler]:
    """The jobs of coupons."""
    return coupon_jobs(service.operations)
