"""Points when contacts merges, parts and erases people: the ledger stays right, and forgets (LO-2, LO-13)."""

from __future__ import annotations

from uuid import UUID, uuid4

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from loyalty.ledger.recount import recount
from rapport.contacts.events.v1.person_events_pb2 import PersonErased
from rapport.loyalty.events.v1 import points_events_pb2 as events
from services.loyalty.tests.builders import Loyalty, facts, good
from services.loyalty.tests.ledgering import Points
from services.loyalty.tests.people.test_following import merged, tell, unmerged

ADJUSTMENTS = "/v1/loyalty/adjustments"


def test_points_follow_a_merge_and_come_back(loyalty: Loyalty, bus: Bus, app: ApiClient) -> None:
    points, kept, gone = Points(loyalty, app), uuid4(), uuid4()
    older, newer = points.member(kept), points.member(gone)
    points.earn(older, 100, "order-1")
    points.earn(newer, 60, "order-2")
    merge = merged(bus, app, kept, gone)
    assert (points.free(older), points.free(newer)) == (160, 0)
    assert not points.earn(older, 60, "order-2").is_new
    points.spend(older, 130, "feast")
    assert {fact.points for fact in facts(loyalty, app, events.PointsMoved)} == {60, -60}
    unmerged(bus, app, kept, gone, merge)
    assert (points.free(older), points.free(newer)) == (0, 30)
    assert points.read(recount)["is_right"]


def test_the_ledger_of_who_is_erased_still_balances_and_names_nobody(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    points, person = Points(loyalty, app, adjustments={"limit": 50}), uuid4()
    member = points.member(person)
    points.earn(member, 100)
    body = {"member_id": str(member), "points": 10, "reason": "Ada has waited for an hour"}
    made = good(app.post(ADJUSTMENTS, body))
    tell(bus, app, PersonErased(person_id=str(person)))
    assert good(app.get(f"{ADJUSTMENTS}/{made['id']}"))["reason"] == ""
    assert points.has(member).available == 110
    found = points.read(recount)
    assert found["is_right"], found["differences"]
    told = facts(loyalty, app, events.PointsEarned)
    assert [UUID(fact.member_id) for fact in told] == [member, member]
    assert points.earn(member, 5).is_new
    assert not facts(loyalty, app, events.PointsEarned)[-1].HasField("person_id")
