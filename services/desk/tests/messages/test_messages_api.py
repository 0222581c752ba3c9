"""Conversations over REST: what is said, what follows for the ticket, and what is heard once (DE-2)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from rapport.desk.events.v1 import message_events_pb2 as messages
from rapport.desk.events.v1 import ticket_events_pb2 as events
from rapport.desk.events.v1.automation_events_pb2 import TicketAlertRaised
from rapport.identity.events.v1.user_events_pb2 import UserDeactivated
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    fire,
    good,
    lasting_app,
    open_ticket,
    places,
    refused,
)
from services.desk.tests.conversing import act, conversation, current, hear, note, reply
from services.desk.tests.routing_builders import QUEUES, known_user, make_queue, tell_user


def test_a_conversation_is_listed_as_it_went(app: ApiClient) -> None:
    ticket = open_ticket(app, message={"text": "The machine leaks."})
    good(reply(app, ticket))
    good(note(app, ticket))
    good(hear(app, ticket))
    said = conversation(app, ticket)
    assert [one["kind"] for one in said] == ["customer", "reply", "note", "customer"]
    assert said[0]["text"] == "The machine leaks."
    assert good(app.get(f"{TICKETS}/{ticket['id']}/messages/{said[1]['id']}")) == said[1]
    mine = good(app.get(f"{TICKETS}/{ticket['id']}/messages?kind=note"))["items"]
    assert mine == [said[2]]


def test_facts_tell_who_said_what_to_whom_and_not_a_word_of_it(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app, message={"text": "The machine leaks."})
    good(hear(app, ticket))
    good(reply(app, ticket))
    good(reply(app, ticket, automatic=True))
    heard = facts(desk, app, messages.CustomerMessageReceived)
    assert [one.first for one in heard] == [True, False]
    answered = facts(desk, app, messages.PublicReplySent)
    assert [(one.first, one.automatic) for one in answered] == [(True, False), (False, True)]
    assert {one.ticket.number for one in (*heard, *answered)} == {ticket["number"]}


def test_an_answer_opens_a_new_ticket_and_leaves_it_as_it_says(app: ApiClient) -> None:
    ticket = open_ticket(app)
    good(reply(app, ticket))
    answered = current(app, ticket)
    assert (answered["status"], answered["waiting_since"]) == ("open", None)
    good(reply(app, ticket, status="waiting_for_customer"))
    assert current(app, ticket)["status"] == "waiting_for_customer"
    good(hear(app, ticket))
    heard = current(app, ticket)
    assert heard["status"] == "open"
    assert heard["waiting_since"] == heard["last_customer_message_at"]


def test_what_is_resolved_is_reopened_by_the_customer(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app)
    good(reply(app, ticket, status="resolved"))
    good(hear(app, ticket))
    heard = current(app, ticket)
    assert (heard["status"], heard["reopened"], heard["resolved_at"]) == ("open", 1, None)
    (told,) = facts(desk, app, events.TicketReopened)
    assert told.cause == "customer"


def test_a_closed_ticket_is_followed_up_by_one_that_hears_the_rest(
    desk: Desk, app: ApiClient
) -> None:
    ticket = open_ticket(app, person_id=str(uuid4()))
    good(act(app, ticket, "resolve"))
    good(act(app, ticket, "close"))
    assert refused(reply(app, ticket)) == (409, "ticket_closed")
    first = good(hear(app, ticket, client_message_id="1"))
    again = good(hear(app, ticket, client_message_id="1"))
    second = good(hear(app, ticket, client_message_id="2"))
    assert again["id"] == first["id"]
    assert first["ticket_id"] == second["ticket_id"] != ticket["id"]
    follow_up = good(app.get(f"{TICKETS}/{first['ticket_id']}"))
    assert follow_up["person_id"] == ticket["person_id"]
    assert current(app, ticket)["status"] == "closed"
    opened = facts(desk, app, events.TicketOpened)
    assert [one.follow_up_of for one in opened] == ["", ticket["id"]]
    assert len(conversation(app, follow_up)) == 2


def test_a_closed_ticket_is_followed_up_also_where_its_queue_is_gone(app: ApiClient) -> None:
    queue = make_queue(app, method="manual")
    ticket = open_ticket(app, queue_id=queue["id"])
    good(act(app, ticket, "resolve"))
    good(act(app, ticket, "close"))
    assert app.delete(f"{QUEUES}/{queue['id']}").status_code == 204
    follow_up = good(hear(app, ticket))["ticket_id"]
    assert good(app.get(f"{TICKETS}/{follow_up}"))["queue_id"] is None


def test_the_same_message_is_heard_once_however_often_and_at_whatever_time(app: ApiClient) -> None:
    ticket = open_ticket(app)
    twice = at_once(*[lambda: hear(app, ticket, client_message_id="m-1")] * 4)
    assert twice == [201] * 4
    good(hear(app, ticket, client_message_id="m-1", channel="chat"))
    assert [one["channel"] for one in conversation(app, ticket)] == ["api", "chat"]


def test_two_agents_who_answer_at_once_are_both_heard_and_one_is_first(
    desk: Desk, app: ApiClient
) -> None:
    ticket = open_ticket(app)
    assert at_once(*[lambda: reply(app, ticket)] * 2) == [201, 201]
    answers = facts(desk, app, messages.PublicReplySent)
    assert sorted(one.first for one in answers) == [False, True]
    assert len(conversation(app, ticket)) == 2


def test_a_note_mentions_users_and_nobody_else(desk: Desk, app: ApiClient) -> None:
    user, stranger = str(uuid4()), str(uuid4())
    assert app.tenant_id is not None
    grants = {"desk.tickets.*": "all"}
    agent = desk.user_client(app.tenant_id, grants, user_id=UUID(user))
    ticket = open_ticket(app)
    wrong = note(agent, ticket, mentions=[user, stranger])
    assert (wrong.status_code, places(wrong)) == (422, [("/mentions/1", "user_unknown")])
    noted = good(note(agent, ticket, mentions=[user, user]))
    assert (noted["mentions"], noted["author_id"]) == ([user], user)
    (told,) = facts(desk, app, messages.InternalNoteAdded)
    assert list(told.mentioned_user_ids) == [user]


def test_who_is_mentioned_is_told_once_and_neither_the_author_nor_who_has_left(
    desk: Desk, app: ApiClient
) -> None:
    assert app.tenant_id is not None
    mine, other, gone = (known_user(desk, app) for _ in range(3))
    tell_user(desk, app, UserDeactivated(user_id=str(gone)), 2)
    agent = desk.user_client(app.tenant_id, {"desk.tickets.*": "all"}, user_id=mine)
    ticket = open_ticket(app)
    mentions = [str(one) for one in (mine, other, gone)]
    said = [lambda: note(agent, ticket, mentions=mentions, client_message_id="n-1")] * 3
    assert at_once(*said) == [201] * 3
    [noted] = conversation(app, ticket)
    [told] = facts(desk, app, TicketAlertRaised)
    assert (told.user_id, told.ticket_id) == (str(other), ticket["id"])
    assert (told.source, told.source_id) == ("mention", noted["id"])
    good(note(app, ticket, mentions=[str(mine)]))
    assert [one.user_id for one in facts(desk, app, TicketAlertRaised)] == [str(other), str(mine)]
    assert note(agent, ticket, text=" ", mentions=[str(other)]).status_code == 422
    assert len(facts(desk, app, TicketAlertRaised)) == 2


def test_a_telephone_call_says_who_called_and_for_how_long(app: ApiClient) -> None:
    ticket = open_ticket(app)
    call = {"direction": "outbound", "duration_seconds": 90}
    noted = good(note(app, ticket, channel="phone", text="", call=call))
    assert (noted["call"], noted["channel"]) == (call, "phone")
    assert note(app, ticket, call={"direction": "", "duration_seconds": 1}).status_code == 422


@pytest.mark.parametrize("body", [{"text": ""}, {"text": "  "}])
def test_a_message_says_something(app: ApiClient, body: dict[str, str]) -> None:
    ticket = open_ticket(app)
    for say in (reply, hear, note):
        refusal = say(app, ticket, **body)
        assert (refusal.status_code, places(refusal)) == (422, [("/text", "text_missing")])
    assert conversation(app, ticket) == []


def test_another_tenants_conversation_is_not_there(desk: Desk, app: ApiClient) -> None:
    ticket = open_ticket(app)
    said = good(reply(app, ticket))
    stranger = desk.app_client(desk.new_tenant())
    assert stranger.get(f"{TICKETS}/{ticket['id']}/messages").status_code == 404
    assert stranger.get(f"{TICKETS}/{ticket['id']}/messages/{said['id']}").status_code == 404
    assert reply(stranger, ticket).status_code == 404


def test_what_is_resolved_closes_after_a_week_of_silence(timed: Desk, clock: MovableClock) -> None:
    app = lasting_app(timed, clock)
    ticket, other = open_ticket(app), open_ticket(app)
    for one in (ticket, other):
        good(act(app, one, "resolve"))
    clock.move(timedelta(days=6, hours=23))
    fire(timed)
    good(hear(app, other))
    assert current(app, ticket)["status"] == "resolved"
    clock.move(timedelta(hours=1))
    fire(timed)
    closed = current(app, ticket)
    assert closed["status"] == "closed"
    assert current(app, other)["status"] == "open"
    (told,) = facts(timed, app, events.TicketClosed)
    assert (told.ticket_id, told.cause) == (ticket["id"], "timer")
