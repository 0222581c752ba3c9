"""People become members by what befalls them, with the facts on a real bus (LO-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.interaction_events_pb2 import InteractionRecorded
from rapport.sales.events.v1 import order_events_pb2 as orders
from services.loyalty.tests.builders import (
    MEMBERS,
    PROGRAMS,
    create_program,
    delivered,
    good,
    header,
    order_line,
    stamp,
    twd,
)


def say(bus: Bus, app: ApiClient, fact: Message, times: int = 1) -> None:
    """Let another service tell something, several times perhaps, and wait until it is settled."""
    assert app.tenant_id is not None
    for _ in range(times):
        bus.say(fact, app.tenant_id, uuid4())
    eventually(bus.is_settled)


def memberships(app: ApiClient, person: UUID) -> list[dict[str, Any]]:
    """What a person is a member of."""
    items: list[dict[str, Any]] = app.get(f"{MEMBERS}?person_id={person}").json["items"]
    return items


def placed(person: UUID, at: datetime) -> orders.OrderPlaced:
    """What sales tells when somebody has ordered."""
    order = header(person, uuid4(), at, "100")
    return orders.OrderPlaced(
        order_id=order.order_id,
        person_id=str(person),
        order=order,
        lines=[order_line("100")],
        net=twd("100"),
        total=twd("100"),
        placed_at=stamp(at),
    )


def signed_up(person: UUID, kind: str, at: datetime) -> InteractionRecorded:
    """What contacts tells of an interaction."""
    return InteractionRecorded(
        interaction_id=str(uuid4()),
        person_id=str(person),
        kind=kind,
        channel="web",
        occurred_at=stamp(at),
    )


def test_a_first_delivery_makes_a_member_once_however_often_it_is_told(
    bus: Bus, app: ApiClient
) -> None:
    person, at = uuid4(), datetime(2031, 3, 4, 5, tzinfo=UTC)
    create_program(app, enrolment={"first_purchase": "delivered"})
    say(bus, app, placed(person, at))
    assert memberships(app, person) == []
    say(bus, app, delivered(person, "100"), times=3)
    (member,) = memberships(app, person)
    assert member["source"] == "first_purchase"
    say(bus, app, delivered(person, "200"))
    assert memberships(app, person) == [member]


def test_a_purchase_counts_when_it_is_placed_where_the_program_says_so(
    bus: Bus, app: ApiClient
) -> None:
    person = uuid4()
    club = create_program(app, enrolment={"first_purchase": "placed"})
    create_program(app, key="circle")
    say(bus, app, placed(person, datetime.now(UTC)))
    assert [one["program_id"] for one in memberships(app, person)] == [club["id"]]


def test_what_happened_before_a_program_was_opened_makes_nobody_a_member(
    bus: Bus, app: ApiClient
) -> None:
    person = uuid4()
    create_program(app, enrolment={"first_purchase": "delivered"})
    before = datetime.now(UTC) - timedelta(days=1)
    say(bus, app, delivered(person, "100", at=before))
    assert memberships(app, person) == []
    # Ordered before, and delivered since: that counts.
    say(bus, app, delivered(person, "100", placed_at=before))
    assert len(memberships(app, person)) == 1


def test_a_closed_program_takes_nobody_by_a_purchase(bus: Bus, app: ApiClient) -> None:
    program, person = create_program(app, enrolment={"first_purchase": "delivered"}), uuid4()
    good(app.post(f"{PROGRAMS}/{program['id']}/close", {}))
    say(bus, app, delivered(person, "100"))
    assert memberships(app, person) == []


def test_an_event_that_the_program_names_makes_a_member_and_another_does_not(
    bus: Bus, app: ApiClient
) -> None:
    person = uuid4()
    create_program(app, enrolment={"by_api": False, "interaction_kinds": ["sign_up"]})
    say(bus, app, signed_up(person, "visit", datetime.now(UTC)))
    assert memberships(app, person) == []
    say(bus, app, signed_up(person, "sign_up", datetime.now(UTC)))
    assert [one["source"] for one in memberships(app, person)] == ["event"]


def test_who_has_left_is_not_brought_back_by_a_purchase(bus: Bus, app: ApiClient) -> None:
    person = uuid4()
    create_program(app, enrolment={"first_purchase": "delivered"})
    say(bus, app, delivered(person, "100"))
    (member,) = memberships(app, person)
    good(app.post(f"{MEMBERS}/{member['id']}/leave", {}))
    say(bus, app, delivered(person, "100"))
    assert [one["status"] for one in memberships(app, person)] == ["left"]
