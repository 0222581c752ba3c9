"""Takes points back of what is undone: money that is paid back, an order that is called off, a referral.

Right in whatever order it is told, and however often.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from uuid import UUID

from loyalty.earning.domain import Earning, Outcome, after_refunds
from loyalty.earning.holding import cause_of
from loyalty.earning.storage import (
    earnings_of_order,
    earnings_of_referral,
    is_cancelled,
    is_reversed,
    lock,
    note_taken_back,
    refunds_of_order,
)
from loyalty.happenings.domain import HappeningKind
from loyalty.ledger.domain import Cause
from loyalty.ledger.operations import reverse
from loyalty.transaction import LoyaltyTx


def settle_order(tx: LoyaltyTx, order_id: UUID) -> None:
    """Take back what is due of all that was given for an order, by all that is known of it now.

    The caller holds the order's lock. Running it once more changes nothing.
    """
    given = earnings_of_order(tx, order_id)
    if not given:
        return
    refunded = refunds_of_order(tx, order_id)
    cancelled = is_cancelled(tx, order_id)
    due: list[tuple[Earning, Earning]] = []
    by_rule = sorted(given, key=lambda one: (one.member_id, one.rule_id, one.kind))
    for _, alike in groupby(by_rule, key=lambda one: (one.member_id, one.rule_id, one.kind)):
        before = list(alike)
        after = {one.id: one for one in after_refunds(before, refunded)}
        due += [(one, _off(after[one.id], cancelled=cancelled)) for one in before]
    for one, then in due:
        if then != one:
            note_taken_back(tx, then)
        if then.taken_back > one.taken_back and one.outcome is Outcome.EARNED:
            _take_back(tx, then, then.taken_back - one.taken_back)


def settle_referral(tx: LoyaltyTx, referral_id: UUID) -> None:
    """Take back all that was given for a referral, if that was reversed.

    Whoever earns by it holds the same lock: of both at once the second sees the other.
    """
    lock(tx, f"referral {referral_id}")
    if not is_reversed(tx, referral_id):
        return
    for one in earnings_of_referral(tx, referral_id):
        more = one.points - one.taken_back
        then = replace(one, taken_back=one.points)
        if more:
            note_taken_back(tx, then)
        if more and one.outcome is Outcome.EARNED:
            _take_back(tx, then, more)


def _off(earning: Earning, *, cancelled: bool) -> Earning:
    """With all of its points taken back if it was for placing an order that was called off."""
    if cancelled and earning.kind == HappeningKind.ORDER_PLACED:
        return replace(earning, taken_back=earning.points)
    return earning


def _take_back(tx: LoyaltyTx, earning: Earning, points: int) -> None:
    cause = cause_of(earning.rule_id, earning.kind, earning.key, earning.reference)
    # How much is back in all names the step: the same one is never made twice.
    step = Cause("refund", f"{earning.id}:{earning.taken_back}", earning.reference)
    reverse(tx, earning.member_id, cause, points, step)
