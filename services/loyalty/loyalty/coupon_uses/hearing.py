"""What befalls people, as far as coupons are concerned."""

from __future__ import annotations

import logging
from uuid import UUID

from chassis.domain import Conflict
from loyalty.coupon_pools.domain import IssuedOn
from loyalty.coupon_pools.queries import pools_issued_on
from loyalty.coupons.domain import IssueCause
from loyalty.coupons.operations import issue_coupon
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.transaction import LoyaltyTx

log = logging.getLogger("loyalty.coupons")


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Issue what an enrolment is welcomed with."""
    if happening.kind is HappeningKind.ENROLLED:
        cause = IssueCause("enrolled", happening.key)
        for pool in pools_issued_on(tx, IssuedOn.ENROLLED):
            if str(pool.program_id) == happening.properties.get("program_id"):
                _issue(tx, pool.id, happening, cause)


def _issue(tx: LoyaltyTx, pool_id: UUID, happening: Happening, cause: IssueCause) -> None:
    try:
        issue_coupon(tx, pool_id, happening.person_id, cause)
    except Conflict as refusal:  # it was paused just now: nothing else is kept from happening
        log.warning("no coupon issued: %s", refusal.code, extra={"pool": str(pool_id)})
