"""Who follows tickets besides those who asked by them."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.waiting import eventually
from rapport.contacts.events.v1.person_events_pb2 import PersonMerged
from rapport.desk.events.v1 import ticket_events_pb2 as events
from services.desk.tests.builders import TICKETS, Desk, at_once, facts, good, open_ticket, refused
from services.desk.tests.conversing import act


def test_somebody_follows_a_ticket_once_however_often_it_is_said(
    desk: Desk, app: ApiClient
) -> None:
    ticket = open_ticket(app)
    path = f"{TICKETS}/{ticket['id']}/followers"
    who = {"person_id": str(uuid4())}
    assert at_once(*[lambda: app.post(path, who)] * 2) == [201, 201]
    (follower,) = good(app.get(path))["items"]
    assert follower["person_id"] == who["person_id"]
    (told,) = facts(desk, app, events.TicketChanged)
    assert list(told.changed_fields) == ["followers"]
    assert app.delete(f"{path}/{follower['id']}").status_code == 204
    assert app.delete(f"{path}/{follower['id']}").status_code == 404
    assert good(app.get(path))["items"] == []


def test_nobody_follows_nothing_and_nobody_a_closed_ticket(app: ApiClient) -> None:
    ticket = open_ticket(app)
    path = f"{TICKETS}/{ticket['id']}/followers"
    assert app.post(path, {}).status_code == 422
    assert app.post(path, {"address": "not an address"}).status_code == 422
    good(act(app, ticket, "resolve"))
    good(act(app, ticket, "close"))
    assert refused(app.post(path, {"person_id": str(uuid4())})) == (409, "ticket_closed")


def test_who_was_two_once_follows_no_more_when_they_are_taken_off(app: ApiClient, bus: Bus) -> None:
    kept, gone, other = uuid4(), uuid4(), uuid4()
    ticket = open_ticket(app)
    path = f"{TICKETS}/{ticket['id']}/followers"
    first, second, _, _ = [
        good(app.post(path, who))["id"]
        for who in (
            {"person_id": str(kept)},
            {"person_id": str(gone)},
            {"person_id": str(other)},
            {"address": "eve@example.com"},
        )
    ]
    fact = PersonMerged(person_id=str(kept), merged_person_id=str(gone), merge_id=str(uuid4()))
    assert app.tenant_id is not None
    bus.say(fact, app.tenant_id, kept)

    def people() -> list[str]:
        return [str(one["person_id"]) for one in good(app.get(path))["items"]]

    eventually(lambda: people().count(str(kept)) == 2)
    assert app.delete(f"{path}/{first}").status_code == 204
    assert people() == [str(other), "None"]
    assert app.delete(f"{path}/{second}").status_code == 404
