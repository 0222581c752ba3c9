"""Two tickets become one, and one becomes two: what goes along, and what is refused (DE-12)."""

from __future__ import annotations

from uuid import uuid4

from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import ticket_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.conversing import act, conversation, current, hear, reply


def test_a_merged_ticket_is_part_of_the_other_in_the_order_of_time(
    desk: Desk, app: ApiClient
) -> None:
    one = open_ticket(app, message={"text": "It leaks."}, person_id=str(uuid4()))
    other = open_ticket(app, message={"text": "It still leaks."}, person_id=str(uuid4()))
    good(reply(app, one))
    good(reply(app, other))
    good(hear(app, one, text="Hello?"))
    merged = good(act(app, one, "merge", into_id=other["id"]))
    assert merged["id"] == other["id"]
    said = conversation(app, other)
    texts = [message["text"] for message in said]
    assert texts == ["It leaks.", "It still leaks.", "We are on it.", "We are on it.", "Hello?"]
    assert {message["origin_ticket_id"] for message in said} == {one["id"], other["id"]}
    # Who waited there waits here.
    assert merged["waiting_since"] == said[-1]["said_at"]
    gone = current(app, one)
    assert (gone["status"], gone["merged_into_id"]) == ("closed", other["id"])
    assert conversation(app, one) == []
    (told,) = facts(desk, app, events.TicketMerged)
    assert (told.ticket_id, told.into_id) == (one["id"], other["id"])


def test_who_asked_by_a_merged_ticket_follows_the_other(app: ApiClient) -> None:
    person = str(uuid4())
    one, other = open_ticket(app, person_id=person), open_ticket(app, person_id=str(uuid4()))
    good(app.post(f"{TICKETS}/{one['id']}/followers", {"address": "eve@example.com"}))
    good(act(app, one, "merge", into_id=other["id"]))
    following = good(app.get(f"{TICKETS}/{other['id']}/followers"))["items"]
    found = [(who["person_id"], who["address"]) for who in following]
    assert found == [(person, ""), (None, "eve@example.com")]


def test_who_asked_by_both_does_not_follow_besides(app: ApiClient) -> None:
    person = str(uuid4())
    one, other = open_ticket(app, person_id=person), open_ticket(app, person_id=person)
    good(act(app, one, "merge", into_id=other["id"]))
    assert good(app.get(f"{TICKETS}/{other['id']}/followers"))["items"] == []


def test_nobody_follows_where_nobody_asked_and_none_follows_twice(app: ApiClient) -> None:
    one, other = open_ticket(app), open_ticket(app)
    eve = {"address": "eve@example.com"}
    for ticket in (one, other):
        good(app.post(f"{TICKETS}/{ticket['id']}/followers", eve))
    good(act(app, one, "merge", into_id=other["id"]))
    following = good(app.get(f"{TICKETS}/{other['id']}/followers"))["items"]
    assert [(who["person_id"], who["address"]) for who in following] == [(None, eve["address"])]


def test_what_was_resolved_is_reopened_when_an_open_ticket_goes_into_it(
    desk: Desk, app: ApiClient
) -> None:
    one, other, settled = open_ticket(app), open_ticket(app), open_ticket(app)
    for ticket in (other, settled):
        good(act(app, ticket, "resolve"))
    # What needs nobody does not open the other one.
    assert good(act(app, settled, "merge", into_id=other["id"]))["status"] == "resolved"
    merged = good(act(app, one, "merge", into_id=other["id"]))
    assert (merged["status"], merged["reopened"], merged["resolved_at"]) == ("open", 1, None)
    (told,) = facts(desk, app, events.TicketReopened)
    assert (told.ticket_id, told.cause) == (other["id"], "merge")


def test_what_is_said_to_a_merged_ticket_is_heard_by_the_other_once(app: ApiClient) -> None:
    one, two, three = (open_ticket(app) for _ in range(3))
    first = good(hear(app, one, client_message_id="1"))
    good(act(app, one, "merge", into_id=two["id"]))
    good(act(app, two, "merge", into_id=three["id"]))
    again = good(hear(app, one, client_message_id="1"))
    assert (again["id"], again["ticket_id"]) == (first["id"], three["id"])
    assert good(hear(app, one, client_message_id="2"))["ticket_id"] == three["id"]
    assert len(conversation(app, three)) == 2


def test_a_ticket_goes_neither_into_itself_nor_into_a_closed_one(app: ApiClient) -> None:
    one, other = open_ticket(app), open_ticket(app)
    itself = act(app, one, "merge", into_id=one["id"])
    assert refused(itself) == (409, "ticket_merged_into_itself")
    good(act(app, other, "resolve"))
    good(act(app, other, "close"))
    assert refused(act(app, one, "merge", into_id=other["id"])) == (409, "ticket_closed")
    assert refused(act(app, other, "merge", into_id=one["id"])) == (409, "ticket_closed")
    unknown = act(app, one, "merge", into_id=str(uuid4()))
    assert (unknown.status_code, places(unknown)) == (422, [("/into_id", "ticket_unknown")])


def test_a_problem_with_incidents_stays(app: ApiClient) -> None:
    problem, other = open_ticket(app, type="problem"), open_ticket(app, type="problem")
    open_ticket(app, problem_id=problem["id"])
    refusal = act(app, problem, "merge", into_id=other["id"])
    assert refused(refusal) == (409, "ticket_has_incidents")


def test_of_two_merges_the_other_way_round_at_once_one_holds(app: ApiClient) -> None:
    one, other = open_ticket(app), open_ticket(app)
    outcomes = at_once(
        lambda: act(app, one, "merge", into_id=other["id"]),
        lambda: act(app, other, "merge", into_id=one["id"]),
    )
    assert outcomes == [200, 409]
    assert sorted(current(app, each)["status"] for each in (one, other)) == ["closed", "new"]


def test_messages_that_are_split_off_begin_a_ticket_of_their_own(
    desk: Desk, app: ApiClient
) -> None:
    ticket = open_ticket(app, message={"text": "It leaks."}, person_id=str(uuid4()))
    other = good(hear(app, ticket, text="And where is my invoice?"))
    body = {"subject": "Invoice", "message_ids": [other["id"]]}
    new = good(app.post(f"{TICKETS}/{ticket['id']}/split", body))
    assert (new["person_id"], new["subject"]) == (ticket["person_id"], "Invoice")
    assert new["number"] != ticket["number"]
    assert [one["text"] for one in conversation(app, new)] == ["And where is my invoice?"]
    assert [one["text"] for one in conversation(app, ticket)] == ["It leaks."]
    (link,) = good(app.get(f"{TICKETS}/{new['id']}/links"))["items"]
    assert (link["kind"], link["other_id"], link["outgoing"]) == ("split_from", ticket["id"], True)
    (told,) = facts(desk, app, events.TicketSplit)
    assert (told.new_ticket_id, list(told.message_ids)) == (new["id"], [other["id"]])


def test_what_is_not_said_in_a_ticket_is_not_split_off(app: ApiClient) -> None:
    ticket, stranger = open_ticket(app), open_ticket(app)
    mine, foreign = good(hear(app, ticket)), good(hear(app, stranger))
    body = {"subject": "A", "message_ids": [mine["id"], foreign["id"]]}
    wrong = app.post(f"{TICKETS}/{ticket['id']}/split", body)
    assert (wrong.status_code, places(wrong)) == (422, [("/message_ids/1", "message_unknown")])
    assert len(conversation(app, ticket)) == 1


def test_the_same_message_is_split_off_once_by_two_at_once(app: ApiClient) -> None:
    ticket = open_ticket(app)
    said = good(hear(app, ticket))
    body = {"subject": "A", "message_ids": [said["id"]]}
    path = f"{TICKETS}/{ticket['id']}/split"
    assert at_once(*[lambda: app.post(path, body)] * 2) == [201, 422]
