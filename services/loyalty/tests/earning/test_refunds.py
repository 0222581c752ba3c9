"""Points go back with money: in proportion, exactly, and whatever is told first (LO-3)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import MovableClock
from loyalty.earning.domain import Earning, Outcome, Share, after_refunds
from loyalty.happenings.domain import Happening
from rapport.loyalty.events.v1 import points_events_pb2 as events
from services.loyalty.tests.builders import Loyalty, facts
from services.loyalty.tests.gaining import Gaining, fixed, per, times

NOW = datetime(2031, 3, 5, 4, tzinfo=UTC)


@pytest.fixture
def gaining(timed: Loyalty, clock: MovableClock) -> Gaining:
    """A program by a clock that the test moves."""
    return Gaining(timed, clock)


def earning(number: int, points: int, shares: Sequence[tuple[str, int, int]]) -> Earning:
    """Points for a delivery, for lines of so much and of such weight."""
    return Earning(
        id=UUID(int=number),
        member_id=UUID(int=1),
        rule_id=UUID(int=2),
        kind="order_delivered",
        key=str(number),
        reference="",
        happened_at=NOW + timedelta(hours=number),
        outcome=Outcome.EARNED,
        points=points,
        taken_back=0,
        shares=[Share(line, Decimal(amount), Fraction(weight)) for line, amount, weight in shares],
    )


_DELIVERIES = st.lists(
    st.tuples(
        st.integers(1, 1000),
        st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=3,
)


@given(_DELIVERIES, st.data())
def test_refunds_take_back_by_parts_what_they_take_back_at_once_and_all_takes_all(
    deliveries: list[tuple[int, list[tuple[int, int]]]], data: st.DataObject
) -> None:
    given_ = [
        earning(place, points, [(str(n), *both) for n, both in enumerate(lines)])
        for place, (points, lines) in enumerate(deliveries)
    ]
    whole: dict[str, Decimal] = {}
    for one in given_:
        for share in one.shares:
            whole[share.line_id] = whole.get(share.line_id, Decimal(0)) + share.amount
    so_far = dict.fromkeys(whole, Decimal(0))
    state: Sequence[Earning] = given_
    for _ in range(data.draw(st.integers(0, 4))):
        for line, amount in whole.items():
            so_far[line] += data.draw(st.integers(0, int(amount - so_far[line])))
        before = {one.id: one.taken_back for one in state}
        state = after_refunds(state, so_far)
        assert all(before[one.id] <= one.taken_back <= one.points for one in state)
        attributed = sum(share.refunded for one in state for share in one.shares)
        assert attributed == sum(so_far.values())
        assert after_refunds(state, so_far) == state
    at_once = after_refunds(given_, so_far)
    assert {one.id: one.taken_back for one in at_once} == {one.id: one.taken_back for one in state}
    ended = after_refunds(state, whole)
    assert all(one.taken_back == one.points for one in ended)


def test_what_is_refunded_beyond_what_was_delivered_waits_for_its_delivery() -> None:
    first = earning(1, 10, [("a", 100, 1)])
    (after,) = after_refunds([first], {"a": Decimal(150)})
    assert after.taken_back == 10
    later = after_refunds([after, earning(2, 10, [("a", 100, 1)])], {"a": Decimal(150)})
    assert [(one.key, one.taken_back) for one in later] == [("2", 5), ("1", 10)]


def test_a_refund_takes_back_in_proportion_and_the_last_one_the_rest(gaining: Gaining) -> None:
    gaining.rule(per("10"), name="Base")
    gaining.rule(fixed(5), categories=["tea"])
    gaining.rule(times("1.5"), name="Half more")
    person = gaining.person()
    order = gaining.buy(person, ("coffee", "95"), ("tea", "38"))
    assert gaining.free(person) == 13 + 5 + 9
    gaining.tell(gaining.refunded(order, ("tea", "19")))
    taken = {one["points"]: one["taken_back"] for one in gaining.earnings(person)}
    assert taken == {13: 1, 5: 2, 9: 2}
    gaining.tell(gaining.refunded(order, ("tea", "19")), gaining.refunded(order, ("coffee", "94")))
    assert gaining.free(person) > 0
    gaining.tell(gaining.refunded(order, ("coffee", "1")))
    assert all(one["taken_back"] == one["points"] for one in gaining.earnings(person))
    assert gaining.free(person) == 0


def test_whatever_is_told_first_it_ends_the_same(gaining: Gaining) -> None:
    gaining.rule(per("10"))
    gaining.rule(times("2"))
    for order_of_telling in list(permutations(range(4)))[::3]:  # each begins and ends with each
        person = gaining.person()
        first = gaining.bought(person, ("coffee", "100"), ("tea", "50"))
        same: dict[str, Any] = {"order_id": first.order_id}
        second = gaining.bought(person, ("coffee", "100"), **same)
        refunds = [
            gaining.refunded(first, ("coffee", "130")),
            gaining.refunded(first, ("tea", "50")),
        ]
        told: list[Happening] = [first, second, *refunds]
        gaining.tell(*[told[place] for place in order_of_telling])
        # Of 15 and 10 points, twice: the tea's 5 go, and the coffee's for 130 of 200.
        assert gaining.free(person) in (14, 16), order_of_telling
        gaining.tell(gaining.refunded(first, ("coffee", "70")))
        assert gaining.free(person) == 0, order_of_telling


def test_a_refund_that_is_told_three_times_takes_back_once(gaining: Gaining) -> None:
    gaining.rule(per("10"))
    person = gaining.person()
    order = gaining.buy(person, ("coffee", "100"))
    refund = gaining.refunded(order, ("coffee", "30"))
    gaining.tell(refund, refund, refund)
    assert gaining.free(person) == 7
    reversed_ = facts(gaining.loyalty, gaining.app, events.PointsReversed)
    assert [(one.points, one.movement.cause.reference) for one in reversed_] == [(3, "A-1")]


def test_deliveries_and_refunds_at_once_lose_nothing(gaining: Gaining) -> None:
    gaining.rule(per("1"))
    person = gaining.person()
    for _ in range(4):
        first = gaining.bought(person, ("coffee", "100"))
        same: dict[str, Any] = {"order_id": first.order_id}
        told = [
            first,
            gaining.bought(person, ("coffee", "100"), **same),
            *[gaining.refunded(first, ("coffee", "50")) for _ in range(4)],
        ]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(gaining.tell, told))
    assert all(one["taken_back"] == one["points"] == 100 for one in gaining.earnings(person))
    assert gaining.free(person) == 0


def test_what_is_taken_back_makes_room_below_caps_again(gaining: Gaining) -> None:
    gaining.rule(per("1"), caps=[{"measure": "points", "per": "day", "limit": 100}])
    person = gaining.person()
    order = gaining.buy(person, ("coffee", "100"))
    gaining.buy(person, ("coffee", "100"))
    assert gaining.why(person) == ["cap", "100"]
    gaining.tell(gaining.refunded(order, ("coffee", "60")))
    gaining.buy(person, ("coffee", "100"))
    assert gaining.earnings(person)[0]["points"] == 60
    assert gaining.free(person) == 100


def test_capped_points_go_back_in_proportion_too(gaining: Gaining) -> None:
    gaining.rule(per("1"), caps=[{"measure": "points", "per": "happening", "limit": 10}])
    person = gaining.person()
    order = gaining.buy(person, ("coffee", "100"))
    gaining.tell(gaining.refunded(order, ("coffee", "50")))
    assert gaining.free(person) == 5
    gaining.tell(gaining.refunded(order, ("coffee", "50")))
    assert gaining.free(person) == 0


def test_pending_points_go_back_before_they_ever_count(gaining: Gaining) -> None:
    gaining.rule(per("1"), pending_days=14)
    person = gaining.person()
    order = gaining.buy(person, ("coffee", "100"))
    gaining.later(days=3)
    gaining.tell(gaining.refunded(order, ("coffee", "40")))
    assert (gaining.has(person).pending, gaining.free(person)) == (60, 0)
    gaining.later(days=12)
    assert gaining.free(person) == 60
