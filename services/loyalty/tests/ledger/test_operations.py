"""What moves points, and what keeps it right (LO-2)."""

from __future__ import annotations

import pytest

from chassis.domain import Conflict, NotFound
from chassis.testing.client import ApiClient
from services.loyalty.tests.builders import Loyalty
from services.loyalty.tests.ledgering import Points


@pytest.fixture
def points(loyalty: Loyalty, app: ApiClient) -> Points:
    """A program whose points do not expire, and whose members owe what they spent too early."""
    return Points(loyalty, app)


def test_points_are_earned_once_for_a_cause(points: Points) -> None:
    member = points.member()
    first = points.earn(member, 100, "order-1")
    again = points.earn(member, 100, "order-1")
    assert first.is_new
    assert not again.is_new
    assert (again.id, again.points) == (first.id, 100)
    assert points.has(member).available == 100
    assert points.has(member).issued == -100


def test_points_are_held_spent_and_set_free(points: Points) -> None:
    member = points.member()
    points.earn(member, 60)
    points.earn(member, 60)
    points.reserve(member, 100, "gift")
    assert (points.free(member), points.has(member).reserved) == (20, 100)
    with pytest.raises(Conflict, match="20 are available"):
        points.reserve(member, 21, "more")
    points.cancel(member, "gift", "no")
    assert points.free(member) == 120
    points.reserve(member, 70, "other")
    redeemed = points.redeem(member, "other", "collected")
    assert not points.redeem(member, "other", "collected").is_new
    assert redeemed.points == 70
    with pytest.raises(Conflict, match="ended already"):
        points.cancel(member, "other", "too-late")
    with pytest.raises(NotFound):
        points.redeem(member, "unheard", "of")
    has = points.has(member)
    assert (has.available, has.reserved, has.redeemed) == (50, 0, 70)


def test_what_was_spent_already_is_owed_and_made_up_for(points: Points) -> None:
    member = points.member()
    points.earn(member, 100, "order")
    points.spend(member, 80)
    taken = points.reverse(member, "order", "refund", 50)
    assert (taken.points, taken.short) == (50, 0)
    assert points.free(member) == -30
    assert points.reverse(member, "order", "rest", 70).points == 50
    assert points.free(member) == -80
    points.earn(member, 100)
    assert points.free(member) == 20
    assert points.reverse(member, "order", "nothing-left").points == 0
