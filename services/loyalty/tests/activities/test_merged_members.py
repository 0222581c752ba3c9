"""Places at events hold though two members turn out to be one person (LO-10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonErased, PersonMerged
from rapport.loyalty.events.v1 import registration_events_pb2 as events
from services.loyalty.tests.builders import (
    MEMBERS,
    Loyalty,
    create_program,
    enrol,
    facts,
    good,
    refused,
)

ACTIVITIES = "/v1/loyalty/activities"


def soon(app: ApiClient, program: dict[str, Any]) -> str:
    """Where an event is that begins in an hour; whoever is let in has been there."""
    starts_at = datetime.now(UTC) + timedelta(minutes=59)
    body = {
        "program_id": program["id"],
        "title": {"en": "Tasting"},
        "kind": "tasting",
        "venue": "online",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
        "time_zone": "Asia/Taipei",
        "attended_by": "check_in",
        "gift": {"points": 30},
    }
    path = f"{ACTIVITIES}/{good(app.post(ACTIVITIES, body))['id']}"
    good(app.post(f"{path}/publish"))
    return path


def test_a_place_of_a_member_who_is_gone_is_that_of_who_is_left(
    loyalty: Loyalty, bus: Bus, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    program = create_program(app)
    kept, gone = enrol(app, program, uuid4()), enrol(app, program, uuid4())
    path = soon(app, program)
    good(app.post(f"{path}/registrations", {"member_id": gone["id"]}))
    people = {"person_id": kept["person_id"], "merged_person_id": gone["person_id"]}
    fact = PersonMerged(merge_id=str(uuid4()), **people)
    bus.say(fact, app.tenant_id, UUID(kept["person_id"]))
    eventually(lambda: good(app.get(f"{MEMBERS}/{gone['id']}"))["status"] == "merged")
    again = app.post(f"{path}/registrations", {"member_id": kept["id"]})
    assert refused(again) == (409, "already_registered")
    there = good(app.post(f"{path}/check-ins", {"member_id": kept["id"]}))
    assert (there["state"], there["points"], there["person_id"]) == (
        "attended",
        30,
        kept["person_id"],
    )
    (told,) = facts(loyalty, app, events.ActivityAttended)
    assert told.person_id == kept["person_id"]


def test_of_whoever_is_erased_the_place_stays_without_the_person(bus: Bus, app: ApiClient) -> None:
    assert app.tenant_id is not None
    program = create_program(app)
    member = enrol(app, program, uuid4())
    path = soon(app, program)
    made = good(app.post(f"{path}/registrations", {"member_id": member["id"]}))
    fact = PersonErased(person_id=member["person_id"])
    bus.say(fact, app.tenant_id, UUID(member["person_id"]))
    where = f"{path}/registrations/{made['id']}"
    eventually(lambda: good(app.get(where))["person_id"] is None)
    there = good(app.post(f"{path}/check-ins", {"ticket": made["ticket"]}))
    assert (there["state"], there["points"]) == ("attended", 0)
