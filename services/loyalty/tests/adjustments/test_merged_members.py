"""What one may move alone of a member counts by whichever id the member is named (LO-13)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged
from services.loyalty.tests.builders import Loyalty, good
from services.loyalty.tests.ledgering import Points

ADJUSTMENTS = "/v1/loyalty/adjustments"


@pytest.fixture
def points(loyalty: Loyalty, app: ApiClient) -> Points:
    """A program whose staff may move 100 points of a member a day alone."""
    return Points(loyalty, app, adjustments={"limit": 100, "wait_days": 14})


def merged(points: Points, bus: Bus) -> tuple[UUID, UUID]:
    """Two members who turned out to be one person: who is left, and who is gone."""
    kept, gone = uuid4(), uuid4()
    left, merged = points.member(kept), points.member(gone)
    fact = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(uuid4()))
    bus.say(fact, points.tenant_id, uuid4())
    eventually(bus.is_settled)
    return left, merged


def body(member: UUID, points: int) -> dict[str, object]:
    """Points for a member."""
    return {"member_id": str(member), "points": points, "reason": "a mishap"}


def test_the_id_of_who_is_gone_does_not_get_round_the_limit(points: Points, bus: Bus) -> None:
    left, gone = merged(points, bus)
    first = good(points.app.post(ADJUSTMENTS, body(gone, 60)))
    assert (first["state"], first["member_id"]) == ("made", str(left))
    for member in (left, gone):
        waiting = good(points.app.post(ADJUSTMENTS, body(member, 60)))
        assert (waiting["state"], waiting["member_id"]) == ("waiting", str(left))
    assert (points.free(left), points.free(gone)) == (60, 0)


def test_two_at_once_by_both_ids_do_not_stay_under_it_each(points: Points, bus: Bus) -> None:
    left, gone = merged(points, bus)
    with ThreadPoolExecutor(2) as pool:
        asked = pool.map(
            lambda one: good(points.app.post(ADJUSTMENTS, body(one, 60)))["state"], (left, gone)
        )
        assert sorted(asked) == ["made", "waiting"]
    assert points.free(left) == 60
