"""Whether a friend's orders complete a referral, or undo it: told from all that befell the orders.

Facts come late and out of order, so nothing is counted up: whenever something befalls one of the
friend's orders, the referral is judged anew by all that is known of them by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from chassis.domain import Money
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.referral_terms.domain import CompletedBy, ReferralPolicy
from loyalty.referrals.domain import Reason


@dataclass(slots=True)
class OrderStory:
    """What befell one order of the friend. Amounts are with tax, in the order's currency."""

    order_id: UUID
    placed_at: datetime
    currency: str = ""
    delivered: Decimal = Decimal(0)
    deliveries: list[tuple[datetime, bool]] = field(default_factory=list)
    refunds: list[tuple[datetime, Decimal]] = field(default_factory=list)
    cancelled: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all of it was delivered."""
        return any(complete for _, complete in self.deliveries)

    def done_at(self, by: CompletedBy) -> datetime | None:
        """When so much was delivered as has to be; None while it was not."""
        counting = [
            at for at, complete in self.deliveries if complete or by is CompletedBy.FIRST_DELIVERY
        ]
        return min(counting, default=None)

    def kept(self, until: datetime | None = None) -> Decimal:
        """What was delivered, less what was paid back before `until`."""
        back = (amount for at, amount in self.refunds if until is None or at < until)
        return self.delivered - sum(back, Decimal(0))


def stories_of(happenings: Iterable[Happening]) -> Sequence[OrderStory]:
    """The orders that happenings are about, those placed first before the others."""
    stories: dict[UUID, OrderStory] = {}
    for one in happenings:
        if one.order_id is None:
            continue
        story = stories.setdefault(one.order_id, OrderStory(one.order_id, one.judged_at))
        story.placed_at = min(story.placed_at, one.judged_at)
        amount = Decimal(0) if one.value is None else one.value.amount
        if one.value is not None:
            story.currency = one.value.currency
        if one.kind is HappeningKind.ORDER_DELIVERED:
            story.delivered += amount
            story.deliveries.append((one.happened_at, bool(one.properties.get("complete"))))
        elif one.kind is HappeningKind.ORDER_REFUNDED:
            story.refunds.append((one.happened_at, amount))
        elif one.kind is HappeningKind.ORDER_CANCELLED:
            story.cancelled = True
    return sorted(stories.values(), key=lambda story: (story.placed_at, story.order_id))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is decided yet."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It does not count, and never will."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Done:
    """The friend's first order was delivered, and is worth enough."""

    order_id: UUID
    value: Money
    at: datetime


Verdict = Waiting | Refused | Done


def judge(
    policy: ReferralPolicy, claimed_at: datetime, expires_at: datetime, orders: Sequence[OrderStory]
) -> Verdict:
    """What comes of a referral that waits for the friend's first order.

    The first order is the one that was delivered first, as `completed_by` says. It has to be placed
    after the friend came and in time. One that is delivered altogether and too small ends it, and
    so does any order from before; one that is delivered in part may still grow.
    """
    live = [order for order in orders if not order.cancelled]
    if any(order.placed_at < claimed_at for order in live):
        return Refused(Reason.ORDERED_BEFORE)
    done = [(at, order) for order in live if (at := order.done_at(policy.completed_by)) is not None]
    if not done:
        return Waiting()
    at, first = min(done, key=lambda pair: (pair[0], pair[1].order_id))
    if first.placed_at >= expires_at:
        return Waiting()
    kept = first.kept()
    if is_enough(policy, kept):
        return Done(first.order_id, Money(kept, first.currency), at)
    if not first.is_whole:
        return Waiting()
    enough_once = is_enough(policy, first.delivered)
    return Refused(Reason.ORDER_REFUNDED if enough_once else Reason.ORDER_TOO_SMALL)


def is_undone(policy: ReferralPolicy, completed_at: datetime, order: OrderStory) -> bool:
    """Whether so much was paid back in time that the order would not have counted."""
    until = completed_at + timedelta(days=policy.reversal_days)
    return not is_enough(policy, order.kept(until))


def is_enough(policy: ReferralPolicy, kept: Decimal) -> bool:
    """Whether an order counts: it has to be worth something, and what the program asks for."""
    return kept > 0 and kept >= (policy.minimum_order or Decimal(0))
