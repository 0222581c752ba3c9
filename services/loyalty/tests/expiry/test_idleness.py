"""Points that inactivity ends: while they are pending, after a merge, and when the policy changes (LO-4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from loyalty.app import timer_runner
from loyalty.ledger.merging import merge_ledgers
from loyalty.ledger.recount import recount
from rapport.loyalty.events.v1 import points_events_pb2 as events
from services.loyalty.tests.builders import (
    PROGRAMS,
    Loyalty,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
)
from services.loyalty.tests.ledgering import Points

IDLE = {"kind": "inactivity", "months": 6, "notice_days": [30], "notice_template": ""}
YEARLY = {**IDLE, "kind": "after_months", "months": 12}


@pytest.fixture
def app(timed: Loyalty, clock: MovableClock) -> ApiClient:
    """An app by a clock that stands at noon in Taipei on 1 February 2031."""
    clock.move(datetime(2031, 2, 1, 4, tzinfo=UTC) - clock.now())
    return lasting_app(timed, clock)


@pytest.fixture
def points(timed: Loyalty, app: ApiClient) -> Points:
    """A program whose points expire when a member does nothing for six months."""
    return Points(timed, app, expiry=IDLE)


def go_by(points: Points, expiry: dict[str, Any]) -> None:
    """Have the program go by another policy."""
    path = f"{PROGRAMS}/{points.program['id']}"
    policies = {**good(points.app.get(path))["policies"], "expiry": expiry}
    good(points.app.patch(path, {"policies": policies}))


def wait(points: Points, clock: MovableClock, days: int) -> None:
    """Let days go by, and what is due be done."""
    clock.move(timedelta(days=days))
    fire(points.loyalty)


def test_points_that_count_late_last_from_then_whatever_the_member_does_before(
    points: Points, clock: MovableClock
) -> None:
    plain, busy = points.member(), points.member()
    for member in (plain, busy):
        points.earn(member, 100, pending_until=clock.now() + timedelta(days=200))
    points.earn(busy, 10)
    points.spend(busy, 10)
    wait(points, clock, 200)
    assert (points.free(plain), points.free(busy)) == (100, 100)
    wait(points, clock, 155)
    told = facts(points.loyalty, points.app, events.PointsExpiryAnnounced)
    assert [fact.points for fact in told] == [100, 100]
    wait(points, clock, 31)
    assert (points.free(plain), points.free(busy)) == (0, 0)
    assert points.read(recount)["is_right"]


def test_what_comes_back_to_who_was_merged_lasts_as_long_as_the_others_of_who_is_left(
    points: Points, clock: MovableClock
) -> None:
    gone, left = points.member(), points.member()
    points.earn(gone, 100)
    points.spend(gone, 40, "gift")
    points.run(merge_ledgers, gone, left)
    wait(points, clock, 150)
    points.spend(left, 10)
    wait(points, clock, 100)  # long after who is gone did anything
    assert points.restore(left, "gift", "broken").expired == 0
    assert points.free(left) == 90


def test_the_timer_of_who_is_left_fires_in_time_for_idleness_that_came_over(
    points: Points, clock: MovableClock
) -> None:
    gone, left = points.member(), points.member()
    points.earn(gone, 100)
    clock.move(timedelta(days=140))
    points.run(merge_ledgers, gone, left)
    wait(points, clock, 20)
    (told,) = facts(points.loyalty, points.app, events.PointsExpiryAnnounced)
    assert (told.member_id, told.points) == (str(left), 100)
    wait(points, clock, 25)
    (expired,) = facts(points.loyalty, points.app, events.PointsExpired)
    assert (expired.member_id, expired.points) == (str(left), 100)


def test_idleness_ends_nothing_once_the_program_says_otherwise(
    points: Points, clock: MovableClock
) -> None:
    member = points.member()
    points.earn(member, 100)
    go_by(points, YEARLY)
    wait(points, clock, 300)
    assert (points.free(member), points.has(member).next_expiry) == (100, None)
    points.earn(member, 5)
    points.spend(member, 50)  # what expires first goes first
    points.earn(member, 7)
    wait(points, clock, 400)
    # What was earned under the new policy has expired; what is from before has no time of its own.
    assert (points.free(member), points.has(member).expired) == (55, 7)
    go_by(points, IDLE)
    wait(points, clock, 400)
    assert points.free(member) == 55
    points.earn(member, 1)
    wait(points, clock, 190)
    assert points.free(member) == 0
    assert points.read(recount)["is_right"]


def test_a_change_of_the_policy_while_timers_fire_loses_nothing(
    points: Points, clock: MovableClock
) -> None:
    member = points.member()
    points.earn(member, 100)
    go_by(points, YEARLY)
    clock.move(timedelta(days=300))
    path = f"/v1/loyalty/members/{member}/points"

    def fired() -> Any:
        timer_runner(points.loyalty.service).run_due()
        return points.app.get(path)

    assert at_once(fired, fired) == [200, 200]
    assert points.free(member) == 100
