"""Points expire on time, once, and not without notice (LO-4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.domain import Conflict
from chassis.testing.client import ApiClient
from loyalty.app import timer_runner
from loyalty.ledger.merging import merge_ledgers, unmerge_ledgers
from rapport.loyalty.events.v1 import points_events_pb2 as events
from rapport.loyalty.requests.v1.send_message_pb2 import SendMessage
from services.loyalty.tests.builders import Loyalty, at_once, facts, fire, lasting_app
from services.loyalty.tests.ledgering import Points

YEARLY = {"kind": "after_months", "months": 12, "notice_days": [30, 7], "notice_template": "soon"}


@pytest.fixture
def app(timed: Loyalty, clock: MovableClock) -> ApiClient:
    """An app by a clock that stands at noon in Taipei on 1 February 2031."""
    clock.move(datetime(2031, 2, 1, 4, tzinfo=UTC) - clock.now())
    return lasting_app(timed, clock)


def told(points: Points, kind: Any) -> list[Any]:
    """The facts of one kind."""
    return facts(points.loyalty, points.app, kind)


def test_members_are_told_twice_and_then_points_expire_once(
    timed: Loyalty, clock: MovableClock, app: ApiClient
) -> None:
    points, person = Points(timed, app, expiry=YEARLY), uuid4()
    member = points.member(person)
    points.earn(member, 100)
    points.spend(member, 30)
    for days, expected in ((335, []), (1, [30]), (22, [30]), (1, [30, 7]), (6, [30, 7])):
        clock.move(timedelta(days=days))
        fire(timed)
        fire(timed)
        assert [fact.notice_days for fact in told(points, events.PointsExpiryAnnounced)] == expected
    first, second = told(points, events.PointsExpiryAnnounced)
    assert (first.person_id, first.points, first.last_on) == (str(person), 70, "2032-02-01")
    mails = [fact.request for fact in told(points, SendMessage)]
    assert [mail.template for mail in mails] == ["soon", "soon"]
    assert mails[0].request_id != mails[1].request_id
    assert dict(mails[1].variables) == {"points": 70, "last_on": "2032-02-01"}
    assert points.free(member) == 70
    clock.move(timedelta(days=1, hours=12))
    for _ in range(3):
        fire(timed)
    (expired,) = told(points, events.PointsExpired)
    assert (expired.points, expired.person_id) == (70, str(person))
    assert expired.movement.at.ToDatetime(UTC) == datetime(2032, 2, 1, 16, tzinfo=UTC)
    assert points.has(member).expired == 70
    assert second.expires_at == expired.movement.at


def test_what_has_expired_cannot_be_spent_though_no_timer_has_fired(
    timed: Loyalty, clock: MovableClock, app: ApiClient
) -> None:
    points = Points(timed, app, expiry=YEARLY)
    member = points.member()
    points.earn(member, 100)
    clock.move(timedelta(days=300))
    points.earn(member, 10)
    clock.move(timedelta(days=100))
    assert points.free(member) == 10
    with pytest.raises(Conflict, match="10 are available"):
        points.spend(member, 11)
    points.spend(member, 10)
    has = points.has(member)
    assert (has.expired, has.redeemed, has.available) == (100, 10, 0)


def test_pending_points_count_when_their_time_has_come(
    timed: Loyalty, clock: MovableClock, app: ApiClient
) -> None:
    points = Points(timed, app)
    member = points.member()
    points.earn(member, 100, pending_until=clock.now() + timedelta(days=14))
    with pytest.raises(Conflict):
        points.spend(member, 1)
    clock.move(timedelta(days=13))
    fire(timed)
    assert told(points, events.PointsReleased) == []
    clock.move(timedelta(days=1))
    fire(timed)
    fire(timed)
    assert [fact.points for fact in told(points, events.PointsReleased)] == [100]
    assert points.free(member) == 100


def test_who_does_nothing_loses_all_and_who_does_something_keeps_all(
    timed: Loyalty, clock: MovableClock, app: ApiClient
) -> None:
    points = Points(timed, app, expiry={"kind": "inactivity", "months": 6, "notice_days": [30]})
    busy, idle = points.member(), points.member()
    for member in (busy, idle):
        points.earn(member, 100)
    clock.move(timedelta(days=160))
    fire(timed)
    assert len(told(points, events.PointsExpiryAnnounced)) == 2
    points.spend(busy, 1)
    clock.move(timedelta(days=30))
    fire(timed)
    assert (points.free(busy), points.free(idle)) == (99, 0)
    points.earn(idle, 5)
    clock.move(timedelta(days=100))
    fire(timed)
    assert (points.free(busy), points.free(idle)) == (99, 5)
    clock.move(timedelta(days=80))
    fire(timed)
    fire(timed)
    assert (points.free(busy), points.has(busy).expired) == (0, 99)


def test_held_points_do_not_expire_but_do_when_they_are_set_free_too_late(
    timed: Loyalty, clock: MovableClock, app: ApiClient
) -> None:
    points = Points(timed, app, expiry=YEARLY)
    member = points.member()
    points.earn(member, 100)
    points.reserve(member, 60, "gift")
    points.reserve(member, 30, "other")
    clock.move(timedelta(days=400))
    fire(timed)
    assert (points.has(member).reserved, points.has(member).expired) == (90, 10)
    cancelled = points.cancel(member, "gift", "no")
    assert cancelled.expired == 60
    points.redeem(member, "other", "collected")
    assert points.restore(member, "collected", "broken").expired == 30
    assert (points.free(member), points.has(member).expired) == (0, 100)
    (fact,) = told(points, events.PointsReservationCancelled)
    assert (fact.points, fact.expired) == (0, 60)


def test_points_that_came_over_expire_when_they_would_have(
    timed: Loyalty, clock: MovableClock, app: ApiClient
) -> None:
    points = Points(timed, app, expiry=YEARLY)
    one, other = points.member(), points.member()
    points.earn(one, 100)
    clock.move(timedelta(days=100))
    points.run(merge_ledgers, one, other)
    clock.move(timedelta(days=266))
    fire(timed)
    assert (points.free(other), points.has(other).expired) == (0, 100)


def test_many_timers_at_once_let_points_expire_once(
    timed: Loyalty, clock: MovableClock, app: ApiClient
) -> None:
    points = Points(timed, app, expiry=YEARLY)
    member = points.member()
    points.earn(member, 100)
    clock.move(timedelta(days=400))
    path = f"/v1/loyalty/members/{member}/points"

    def fired() -> Any:
        timer_runner(timed.service).run_due()
        return app.get(path)

    assert at_once(fired, fired, fired) == [200] * 3
    assert [fact.points for fact in told(points, events.PointsExpired)] == [100]


def test_who_was_told_of_points_before_a_merge_is_not_told_of_them_again(
    timed: Loyalty, clock: MovableClock, app: ApiClient
) -> None:
    points = Points(timed, app, expiry=YEARLY)
    left, gone = points.member(), points.member()
    points.earn(gone, 100)
    clock.move(timedelta(days=336))
    fire(timed)
    points.run(merge_ledgers, gone, left)
    # What begins to count a day later has the member looked at before the next notice is due.
    points.earn(left, 5, pending_until=clock.now() + timedelta(days=1))
    clock.move(timedelta(days=2))
    fire(timed)
    assert points.free(left) == 105
    assert [fact.points for fact in told(points, events.PointsExpiryAnnounced)] == [100]
    clock.move(timedelta(days=21))
    fire(timed)
    announced = told(points, events.PointsExpiryAnnounced)
    assert [(fact.points, fact.notice_days) for fact in announced] == [(100, 30), (100, 7)]
    points.run(unmerge_ledgers, gone)
    clock.move(timedelta(days=1))
    points.earn(gone, 5, pending_until=clock.now() + timedelta(days=1))
    clock.move(timedelta(days=2))
    fire(timed)
    assert len(told(points, events.PointsExpiryAnnounced)) == 2, "nor once they are two again"
