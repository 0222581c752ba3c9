"""Money paid back for what a member earned who was merged since: no good points go for expired ones (LO-2)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.clock import MovableClock
from loyalty.ledger.domain import Posting
from loyalty.ledger.merging import merge_ledgers, unmerge_ledgers
from loyalty.ledger.recount import recount
from services.loyalty.tests.builders import Loyalty, fire, lasting_app
from services.loyalty.tests.ledgering import Points

YEARLY = {"kind": "after_months", "months": 12, "notice_days": [], "notice_template": ""}


@pytest.fixture
def points(timed: Loyalty, clock: MovableClock) -> Points:
    """A program whose points last for a year, by a clock that the test moves."""
    clock.move(datetime(2031, 2, 1, 4, tzinfo=UTC) - clock.now())
    return Points(timed, lasting_app(timed, clock), expiry=YEARLY)


@pytest.fixture
def expired(points: Points, clock: MovableClock) -> Callable[..., tuple[UUID, UUID]]:
    """Makes a member who spent 30 of 100 points, the others of which expired before a merge."""

    def make() -> tuple[UUID, UUID]:
        gone, left = points.member(), points.member()
        points.earn(gone, 100, "order")
        points.spend(gone, 30)
        clock.move(timedelta(days=400))
        fire(points.loyalty)
        points.run(merge_ledgers, gone, left)
        points.earn(left, 500)
        return gone, left

    return make


def is_right(points: Points) -> bool:
    """Whether the ledger adds up."""
    return bool(points.read(recount)["is_right"])


def test_what_had_expired_goes_first_and_only_what_was_spent_of_the_others(
    points: Points, expired: Callable[..., tuple[UUID, UUID]]
) -> None:
    gone, left = expired()
    assert points.reverse(left, "order", "first", 50).points == 50
    assert (points.free(left), points.has(gone).expired) == (500, 20)
    second = points.reverse(gone, "order", "second")
    assert (second.points, second.short) == (50, 0)
    assert (points.free(left), points.has(gone).expired) == (470, 0)
    assert (points.has(left).expired, points.has(left).reversed) == (0, 100)
    again = points.reverse(left, "order", "first", 50)
    assert (again.is_new, again.points) == (False, 50)
    assert points.reverse(left, "order", "third").points == 0
    assert is_right(points)


def test_it_is_found_along_two_merges(
    points: Points, expired: Callable[..., tuple[UUID, UUID]]
) -> None:
    gone, left = expired()
    last = points.member()
    points.run(merge_ledgers, left, last)
    points.reverse(last, "order", "refund", 70)
    assert (points.free(last), points.has(gone).expired) == (500, 0)
    points.run(unmerge_ledgers, left)
    assert points.free(left) == 500
    assert is_right(points)


def test_two_at_once_take_no_more_than_there_was(
    points: Points, expired: Callable[..., tuple[UUID, UUID]]
) -> None:
    gone, left = expired()

    def reverse(key: str) -> Posting:
        return points.reverse(left, "order", key, 60)

    with ThreadPoolExecutor(2) as pool:
        assert sum(one.points for one in pool.map(reverse, ("one", "other"))) == 100
    assert (points.free(left), points.has(gone).expired) == (470, 0)
    assert is_right(points)
