"""Whether a friend's orders complete a referral: by any history, in any order of telling (LO-8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.domain import Money
from loyalty.happenings.domain import Happening, HappeningKind
from loyalty.referral_terms.domain import CompletedBy, ReferralPolicy
from loyalty.referrals.domain import Reason
from loyalty.referrals.judging import (
    Done,
    Refused,
    Verdict,
    Waiting,
    is_enough,
    is_undone,
    judge,
    stories_of,
)

CLAIMED = datetime(2031, 3, 1, tzinfo=UTC)
POLICY = ReferralPolicy(window_days=90, minimum_order=Decimal(500), reversal_days=30)
FRIEND = UUID(int=7)
DELIVERED, REFUNDED = HappeningKind.ORDER_DELIVERED, HappeningKind.ORDER_REFUNDED


def happened(
    kind: HappeningKind,
    day: float,
    amount: int = 0,
    *,
    order: int = 1,
    placed: float | None = None,
    complete: bool = True,
) -> Happening:
    """What befell an order, so many days after the friend came."""
    at = CLAIMED + timedelta(days=day)
    return Happening(
        id=UUID(int=1),
        kind=kind,
        key="k",
        person_id=FRIEND,
        happened_at=at,
        judged_at=at if placed is None else CLAIMED + timedelta(days=placed),
        value=Money(Decimal(amount), "TWD"),
        order_id=UUID(int=order),
        properties={"complete": complete} if kind is DELIVERED else {},
    )


def verdict(*happenings: Happening, policy: ReferralPolicy = POLICY) -> Verdict:
    """What comes of it."""
    return judge(policy, CLAIMED, policy.expires_at(CLAIMED), stories_of(happenings))


def test_the_first_order_that_is_delivered_completes_it() -> None:
    done = verdict(
        happened(HappeningKind.ORDER_PLACED, 1, 600, order=1),
        happened(HappeningKind.ORDER_PLACED, 2, 900, order=2),
        happened(DELIVERED, 5, 900, order=2, placed=2),
    )
    assert done == Done(UUID(int=2), Money(Decimal(900), "TWD"), CLAIMED + timedelta(days=5))


@pytest.mark.parametrize(
    ("happenings", "expected"),
    [
        ([], Waiting()),
        ([happened(HappeningKind.ORDER_PLACED, 1, 600)], Waiting()),
        ([happened(DELIVERED, 3, 600, placed=-1)], Refused(Reason.ORDERED_BEFORE)),
        ([happened(DELIVERED, 3, 499)], Refused(Reason.ORDER_TOO_SMALL)),
        ([happened(DELIVERED, 3, 499, complete=False)], Waiting()),
        (
            [happened(DELIVERED, 3, 600), happened(REFUNDED, 4, 200, placed=3)],
            Refused(Reason.ORDER_REFUNDED),
        ),
        ([happened(DELIVERED, 91, 600)], Waiting()),
        ([happened(DELIVERED, 120, 600, placed=90)], Waiting()),
    ],
)
def test_what_does_not_complete_it(happenings: list[Happening], expected: Verdict) -> None:
    assert verdict(*happenings) == expected


def test_an_order_placed_in_time_counts_however_late_it_is_delivered() -> None:
    assert isinstance(verdict(happened(DELIVERED, 200, 600, placed=89.9)), Done)


def test_an_order_from_before_that_was_cancelled_is_no_order() -> None:
    before = happened(HappeningKind.ORDER_PLACED, -5, 600, order=9)
    cancelled = happened(HappeningKind.ORDER_CANCELLED, -4, 600, order=9, placed=-5)
    ordered = happened(DELIVERED, 3, 600)
    assert verdict(before, ordered) == Refused(Reason.ORDERED_BEFORE)
    assert isinstance(verdict(before, cancelled, ordered), Done)


def test_a_program_may_wait_for_the_whole_order() -> None:
    policy = ReferralPolicy(completed_by=CompletedBy.WHOLE_ORDER)
    part = happened(DELIVERED, 3, 600, complete=False)
    rest = happened(DELIVERED, 6, 100, placed=3)
    assert verdict(part, policy=policy) == Waiting()
    assert verdict(part, rest, policy=policy) == Done(
        UUID(int=1), Money(Decimal(700), "TWD"), CLAIMED + timedelta(days=6)
    )
    assert verdict(part) == Done(
        UUID(int=1), Money(Decimal(600), "TWD"), CLAIMED + timedelta(days=3)
    )


def test_what_is_paid_back_after_the_time_for_it_undoes_nothing() -> None:
    completed = CLAIMED + timedelta(days=3)
    delivered = happened(DELIVERED, 3, 600)
    for day, undone in ((32.9, True), (33, False)):
        (story,) = stories_of([delivered, happened(REFUNDED, day, 200, placed=3)])
        assert is_undone(POLICY, completed, story) is undone, day


_kinds = st.sampled_from([HappeningKind.ORDER_PLACED, DELIVERED, REFUNDED])
_happenings = st.builds(
    happened,
    _kinds,
    st.integers(0, 120),
    st.integers(0, 1_000),
    order=st.integers(1, 3),
    placed=st.integers(-2, 100),
    complete=st.booleans(),
)


@given(st.lists(_happenings, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_telling_changes_no_verdict(
    happenings: list[Happening], chance: object
) -> None:
    shuffled = list(happenings)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert verdict(*happenings) == verdict(*shuffled)


@given(st.lists(_happenings, max_size=12))
def test_what_completes_it_was_ordered_in_time_and_is_worth_enough(
    happenings: list[Happening],
) -> None:
    found = verdict(*happenings)
    if isinstance(found, Done):
        (story,) = (one for one in stories_of(happenings) if one.order_id == found.order_id)
        assert CLAIMED <= story.placed_at < POLICY.expires_at(CLAIMED)
        assert is_enough(POLICY, found.value.amount)
        assert found.value.amount <= story.delivered
