"""What whoever stands at a till is told of a coupon that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping

from loyalty.discounts.domain import Refusal

MESSAGES: Mapping[Refusal, str] = {
    Refusal.UNKNOWN: "There is no such coupon.",
    Refusal.REPEATED: "The coupon was shown twice.",
    Refusal.USED: "The coupon was used already.",
    Refusal.REVOKED: "The coupon was revoked.",
    Refusal.NOT_ACTIVE: "The coupon cannot be used now.",
    Refusal.NOT_YET_VALID: "The coupon is not valid yet.",
    Refusal.EXPIRED: "The coupon is not valid any more.",
    Refusal.PERSON_NEEDED: "The coupon needs to know who buys.",
    Refusal.PERSON_DIFFERS: "The coupon is somebody else's.",
    Refusal.NO_MEMBER: "The coupon gives points, and whoever buys is no member of its program.",
    Refusal.CHANNEL_DIFFERS: "The coupon does not count where this is sold.",
    Refusal.BRANCH_DIFFERS: "The coupon does not count in this branch.",
    Refusal.CURRENCY_DIFFERS: "The coupon is for another currency.",
    Refusal.NOTHING_APPLIES: "The coupon is for none of these products.",
    Refusal.ITEM_MISSING: "What the coupon gives for free is not in the basket.",
    Refusal.MINIMUM_MISSED: "What the coupon is for comes to less than it asks for.",
    Refusal.NOT_FIRST_PURCHASE: "The coupon is for a first purchase.",
    Refusal.EXHAUSTED: "Coupons of this kind were used as often as they may be.",
    Refusal.PERSON_EXHAUSTED: "The person has used coupons of this kind as often as they may.",
    Refusal.NOT_STACKABLE: "The coupon cannot be used together with another that is shown.",
}
