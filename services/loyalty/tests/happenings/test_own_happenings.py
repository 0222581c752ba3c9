"""What loyalty tells of itself befalls people like all else, once however often it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from chassis.context import Caller
from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from loyalty.happenings.domain import Happening
from loyalty.happenings.storage import happening_of, happenings
from rapport.loyalty.events.v1.occasion_events_pb2 import OccasionReached
from rapport.loyalty.events.v1.referral_events_pb2 import ReferralCompleted, ReferralRewarded
from rapport.loyalty.events.v1.registration_events_pb2 import ActivityAttended
from services.loyalty.tests.builders import Loyalty, create_program, enrol, stamp, twd

AT = datetime(2031, 3, 4, 5, tzinfo=UTC)


def of_person(loyalty: Loyalty, app: ApiClient, person_id: UUID) -> list[Happening]:
    """What is noted of somebody, by kind."""

    def read(tx: Any) -> list[Happening]:
        asked = sa.select(happenings).where(happenings.c.person_id == person_id)
        found = tx.connection.execute(asked.order_by(happenings.c.kind)).mappings()
        return [happening_of(row) for row in found]

    return loyalty.service.operations.run(Caller(app.tenant_id, "test"), read)


def test_own_facts_are_noted_once_each(loyalty: Loyalty, bus: Bus, app: ApiClient) -> None:
    assert app.tenant_id is not None
    person_id, program_id = uuid4(), str(uuid4())
    about: dict[str, Any] = {"program_id": program_id, "person_id": str(person_id)}
    member: dict[str, Any] = {"member_id": str(uuid4()), **about}
    occasion: dict[str, Any] = {
        "celebration_id": str(uuid4()),
        "occasion_id": str(uuid4()),
        "key": "gift",
    }
    activity: dict[str, Any] = {
        "registration_id": str(uuid4()),
        "activity_id": str(uuid4()),
        "kind": "tasting",
    }
    order: dict[str, Any] = {
        "order_id": str(uuid4()),
        "order_value": twd("5"),
        "completed_at": stamp(AT),
    }
    reached = OccasionReached(**occasion, **member, date_kind="birthday", reached_at=stamp(AT))
    attended = ActivityAttended(**activity, **member, venue="online", attended_at=stamp(AT))
    # Completed alone may be held or refused; the friend of a rewarded one has recommended nobody.
    completed = ReferralCompleted(referral_id=str(uuid4()), **about, **order)
    rewarded = ReferralRewarded(referral_id=str(uuid4()), **member, side="referrer", points=5)
    brought = ReferralRewarded(referral_id=str(uuid4()), **member, side="friend", points=5)
    for _ in range(2):
        for fact in (reached, attended, completed, brought, rewarded):
            bus.say(fact, app.tenant_id, uuid4())
    eventually(lambda: len(of_person(loyalty, app, person_id)) == 3)
    eventually(bus.is_settled)
    found = {str(one.kind): one for one in of_person(loyalty, app, person_id)}
    assert set(found) == {"event_attended", "occasion_reached", "referral_completed"}
    assert found["occasion_reached"].properties["occasion"] == "gift"
    assert found["occasion_reached"].happened_at == AT
    assert found["event_attended"].properties["activity_kind"] == "tasting"
    assert found["event_attended"].key == activity["registration_id"]
    assert found["referral_completed"].key == rewarded.referral_id


def test_an_enrolment_befalls_whoever_is_enrolled(loyalty: Loyalty, app: ApiClient) -> None:
    person_id = uuid4()
    member = enrol(app, create_program(app), person_id)
    eventually(lambda: of_person(loyalty, app, person_id))
    (enrolled,) = of_person(loyalty, app, person_id)
    assert (enrolled.kind, enrolled.key) == ("enrolled", member["id"])
    assert enrolled.properties["source"] == "api"
