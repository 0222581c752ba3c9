"""What befalls people may complete a referral, or undo it: it is judged anew right after."""

from __future__ import annotations

from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.referrals.operations import review_soon
from loyalty.referrals.orders import referrals_about
from loyalty.transaction import LoyaltyTx

_KINDS = frozenset(
    {
        HappeningKind.ORDER_PLACED,
        HappeningKind.ORDER_DELIVERED,
        HappeningKind.ORDER_REFUNDED,
        HappeningKind.ORDER_CANCELLED,
        HappeningKind.ENROLLED,
    }
)


def hear(tx: LoyaltyTx, happening: Happening) -> None:
    """Have the referrals judged that it may change."""
    if happening.kind in _KINDS:
        for referral_id in referrals_about(tx, happening.person_id, happening.order_id):
            review_soon(tx, referral_id)
