"""Referral terms as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.domain import Invalid, Money
from chassis.http.body import Body
from chassis.http.money import MoneyIn, MoneyOut, money_out, worth_in
from chassis.money import rounded
from loyalty.gifts.documents import document_of
from loyalty.gifts.models import GiftIn, GiftOut, gift_in
from loyalty.referral_terms.domain import (
    MOST_WINDOW_DAYS,
    CapPeriod,
    CompletedBy,
    ReferralPolicy,
    ReferralTerms,
)

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class ReferralTermsIn(Body):
    """What a program gives for recommendations from now on, and which of them count.

    `minimum_order` is in the program's currency, with tax. A member is rewarded for at most
    `most_rewarded` friends in a `cap_period`. When more than `hold_above` of a member's friends
    complete theirs within 24 hours, the next wait for somebody to look at them. `sign_up_url` is
    where friends go on from a member's link; the code is added as `code_parameter`.
    """

    enabled: bool = True
    referrer_gift: GiftIn = GiftIn()
    friend_gift: GiftIn = GiftIn()
    completed_by: CompletedBy = CompletedBy.FIRST_DELIVERY
    window_days: Annotated[int, Field(ge=1, le=MOST_WINDOW_DAYS)] = 90
    minimum_order: MoneyIn | None = None
    most_rewarded: Count | None = None
    cap_period: CapPeriod = CapPeriod.MONTH
    hold_above: Count | None = None
    reversal_days: Annotated[int, Field(ge=0, le=MOST_WINDOW_DAYS)] = 30
    sign_up_url: Annotated[str, Field(max_length=500)] = ""
    code_parameter: Annotated[str, Field(max_length=40, pattern="^[a-z][a-z0-9_-]*$")] = "ref"


class ReferralTermsOut(BaseModel):
    """What a program gives for recommendations, and which of them count."""

    program_id: UUID
    version: int
    enabled: bool
    referrer_gift: GiftOut
    friend_gift: GiftOut
    completed_by: CompletedBy
    window_days: int
    minimum_order: MoneyOut | None
    most_rewarded: int | None
    cap_period: CapPeriod
    hold_above: int | None
    reversal_days: int
    sign_up_url: str
    code_parameter: str
    updated_at: datetime


def policy_in(body: ReferralTermsIn, currency: str) -> ReferralPolicy:
    """The policy that a body describes. Raises `Invalid` for money of another currency."""
    least = None
    if body.minimum_order is not None:
        least = worth_in(body.minimum_order, "/minimum_order")
        if least.currency != currency:
            message = f"The program reckons in {currency}."
            raise Invalid.at("/minimum_order/currency", "currency_other", message)
    names = ("enabled", "completed_by", "window_days", "most_rewarded", "cap_period")
    more = ("hold_above", "reversal_days", "sign_up_url", "code_parameter")
    return ReferralPolicy(
        **{name: getattr(body, name) for name in (*names, *more)},
        referrer_gift=gift_in(body.referrer_gift),
        friend_gift=gift_in(body.friend_gift),
        minimum_order=None if least is None else least.amount,
    )


def shown(terms: ReferralTerms, currency: str) -> dict[str, Any]:
    """Terms as the API shows them."""
    policy = terms.policy
    names = ("enabled", "completed_by", "window_days", "most_rewarded", "cap_period")
    more = ("hold_above", "reversal_days", "sign_up_url", "code_parameter")
    least = policy.minimum_order
    return {
        "program_id": terms.id,
        "version": terms.version,
        **{name: getattr(policy, name) for name in (*names, *more)},
        "referrer_gift": document_of(policy.referrer_gift),
        "friend_gift": document_of(policy.friend_gift),
        "minimum_order": None
        if least is None
        else money_out(Money(rounded(least, currency), currency)),
        "updated_at": terms.updated_at,
    }
