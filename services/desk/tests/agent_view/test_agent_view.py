"""A ticket with all that an agent wants to know beside it, in one call (DE-9)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from services.desk.tests.agent_view.contacts import FakeContacts, written
from services.desk.tests.builders import TICKETS, Desk, good, open_ticket
from services.desk.tests.conversing import act, conversation, hear, reply
from services.desk.tests.knowing import ASSETS, model, published, write
from services.desk.tests.promising import alike, make_level, pass_time, promise

ENTITLEMENTS = "/v1/desk/entitlements"


def view(client: ApiClient, ticket: dict[str, Any]) -> dict[str, Any]:
    """What an agent sees beside a ticket."""
    return good(client.get(f"{TICKETS}/{ticket['id']}/agent-view"))


def missing(found: dict[str, Any]) -> dict[str, str]:
    """The reasons by part."""
    return {one["part"]: one["reason"] for one in found["missing"]}


def contract(client: ApiClient, **more: Any) -> dict[str, Any]:
    """A service contract for as long as anybody looks."""
    said = {"name": "Care", "starts_on": "2020-01-01", "ends_on": "2190-12-31", **more}
    return good(client.post(ENTITLEMENTS, said))


def test_an_agent_sees_all_there_is_in_one_call(
    agent: ApiClient, contacts: FakeContacts, clock: MovableClock
) -> None:
    person = str(uuid4())
    model(agent)
    machine = good(
        agent.post(ASSETS, {"product_sku": "X-100", "serial_number": "1", "person_id": person})
    )
    care = contract(agent, person_id=person)
    make_level(agent)
    past = open_ticket(agent, person_id=person, subject="An older concern")
    clock.move(timedelta(hours=1))
    ticket = open_ticket(agent, person_id=person, product_sku="X-100")
    hear(agent, ticket, text="It leaks.")
    owed = good(promise(agent, ticket, clock.now() + timedelta(hours=2)))
    open_ticket(agent, person_id=str(uuid4()))

    found = view(agent, ticket)

    assert found["missing"] == []
    assert (found["ticket"]["id"], found["ticket"]["number"]) == (ticket["id"], ticket["number"])
    assert found["conversation"] == conversation(agent, ticket)
    assert found["conversation_count"] == len(found["conversation"])
    assert {one["target"] for one in found["clocks"]} >= {"first_response", "resolution"}
    assert [one["id"] for one in found["promises"]] == [owed["id"]]
    assert [one["id"] for one in found["assets"]] == [machine["id"]]
    assert [one["id"] for one in found["entitlements"]] == [care["id"]]
    assert [(one["id"], one["subject"]) for one in found["past_tickets"]] == [
        (past["id"], "An older concern")
    ]
    assert contacts.asked == [person]


def test_the_customer_is_shown_as_contacts_has_told(
    agent: ApiClient, contacts: FakeContacts
) -> None:
    told = contacts.shown
    customer = view(agent, open_ticket(agent, person_id=str(uuid4())))["customer"]
    person = customer["person"]
    assert (person["display_name"], person["lifecycle_stage"]) == ("王小明", "customer")
    assert person["last_seen_at"] == "2026-03-01T09:00:00Z"
    assert person["contact_points"] == [
        {"kind": "email", "value": "ming@rapport.dev", "status": "verified", "primary": False}
    ]
    assert customer["company"]["name"] == "大同商行"
    (deal,) = customer["sales"]["open_deals"]
    assert (deal["amount"], deal["expected_close_on"]) == (
        {"amount": "12.50", "currency": "TWD"},
        None,
    )
    assert customer["tickets"]["total_count"] == 2
    (member,) = customer["memberships"]
    assert (member["tier"]["key"], member["available_points"]) == ("gold", 2**40)
    assert [one["kind"] for one in customer["timeline"]] == ["visit"]
    assert customer["messages"] is None
    assert customer["missing"] == [{"part": "messages", "reason": "timeout"}]
    del told.view.missing[:]
    told.view.messages.append(written())
    again = view(agent, open_ticket(agent, person_id=str(uuid4())))["customer"]
    assert [one["channel"] for one in again["messages"]] == ["email"]


def test_contacts_is_asked_with_the_agents_token_and_a_deadline(
    agent: ApiClient, contacts: FakeContacts
) -> None:
    view(agent, open_ticket(agent, person_id=str(uuid4())))
    assert contacts.callers == [agent.token]
    # gRPC rounds up what is left when it sends it.
    assert all(0 < seconds < 5.5 for seconds in contacts.left), contacts.left


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, "unavailable"),
        (grpc.StatusCode.INTERNAL, "unavailable"),
        (grpc.StatusCode.PERMISSION_DENIED, "forbidden"),
        (grpc.StatusCode.NOT_FOUND, "forbidden"),
    ],
)
def test_when_contacts_does_not_tell_the_rest_is_there(
    agent: ApiClient, contacts: FakeContacts, status: grpc.StatusCode, reason: str
) -> None:
    contacts.fails = status
    found = view(agent, open_ticket(agent, person_id=str(uuid4())))
    assert (missing(found), found["customer"]) == ({"customer": reason}, None)
    assert found["ticket"]["status"] == "new"


def test_when_contacts_hangs_the_rest_comes_by_the_deadline(
    agent: ApiClient, contacts: FakeContacts
) -> None:
    contacts.hangs = threading.Event()
    found = view(agent, open_ticket(agent, person_id=str(uuid4())))
    assert missing(found) == {"customer": "timeout"}
    assert not contacts.hangs.is_set()


def test_what_makes_no_sense_counts_as_no_answer(agent: ApiClient, contacts: FakeContacts) -> None:
    contacts.shown.view.sales.open_deals[0].opportunity_id = "the big one"
    found = view(agent, open_ticket(agent, person_id=str(uuid4())))
    assert missing(found) == {"customer": "unavailable"}


def test_of_a_ticket_of_nobody_nobody_is_asked(agent: ApiClient, contacts: FakeContacts) -> None:
    found = view(agent, open_ticket(agent))
    assert (found["customer"], found["missing"], contacts.asked) == (None, [], [])
    assert (found["past_tickets"], found["assets"], found["entitlements"]) == ([], [], [])


def test_of_a_long_conversation_the_latest_page_comes(agent: ApiClient) -> None:
    ticket = open_ticket(agent)
    for number in range(23):
        assert hear(agent, ticket, text=f"Message {number}").status_code == 201
    found = view(agent, ticket)
    said = [one["text"] for one in found["conversation"]]
    assert said == [f"Message {number}" for number in range(3, 23)]
    assert found["conversation_count"] == 23


def test_past_tickets_are_the_latest_ten_without_those_merged(agent: ApiClient) -> None:
    person = str(uuid4())
    every = [open_ticket(agent, person_id=person) for _ in range(13)]
    merged = act(agent, every[10], "merge", into_id=every[11]["id"])
    assert merged.status_code in (200, 201), merged.text
    found = view(agent, every[12])["past_tickets"]
    assert [one["id"] for one in found] == [
        one["id"] for one in [every[11], *reversed(every[1:10])]
    ]


def test_an_article_that_fits_is_suggested(agent: ApiClient) -> None:
    fitting = published(agent, "leaking", title="When the machine leaks")
    write(agent, fitting["id"], "en", "When the machine leaks", "Tighten the valve.")
    found = view(agent, open_ticket(agent, subject="My machine leaks"))
    assert [one["article_id"] for one in found["suggested_articles"]] == [fitting["id"]]


def test_as_time_passes_clocks_run_and_promises_break(
    agent: ApiClient, viewing: Desk, clock: MovableClock
) -> None:
    make_level(agent, first_response=alike(60))
    ticket = open_ticket(agent)
    good(promise(agent, ticket, clock.now() + timedelta(minutes=30)))
    before = view(agent, ticket)
    pass_time(viewing, clock, timedelta(minutes=40))
    after = view(agent, ticket)
    left = [
        next(one["left_seconds"] for one in found["clocks"] if one["target"] == "first_response")
        for found in (before, after)
    ]
    assert left == [3600, 1200]
    assert before["promises"][0]["status"] != "broken"
    assert after["promises"][0]["status"] == "broken"


def test_what_the_agent_may_not_see_is_named(
    agent: ApiClient, viewing: Desk, contacts: FakeContacts
) -> None:
    assert agent.tenant_id is not None
    ticket = open_ticket(agent, person_id=str(uuid4()))
    narrow = viewing.app_client(agent.tenant_id, "desk.tickets.read")
    found = view(narrow, ticket)
    assert missing(found) == dict.fromkeys(("promises", "assets", "entitlements"), "forbidden")
    assert (found["promises"], found["assets"], found["entitlements"]) == (None, None, None)
    assert contacts.callers == [narrow.token]


def test_without_token_permission_or_reach_and_for_another_tenant_there_is_nothing(
    agent: ApiClient, viewing: Desk, contacts: FakeContacts
) -> None:
    assert agent.tenant_id is not None
    path = f"{TICKETS}/{open_ticket(agent, person_id=str(uuid4()))['id']}/agent-view"
    assert viewing.anonymous().get(path).status_code == 401
    assert viewing.app_client(agent.tenant_id, "desk.promises.read").get(path).status_code == 403
    assert viewing.user_client(agent.tenant_id, {"desk.*": "own"}).get(path).status_code == 404
    assert viewing.app_client(viewing.new_tenant()).get(path).status_code == 404
    assert contacts.asked == []


def test_a_view_while_the_ticket_is_answered_is_of_one_moment(agent: ApiClient) -> None:
    """The conversation and its count agree, whenever one looks."""
    ticket = open_ticket(agent)
    with ThreadPoolExecutor(2) as pool:
        answering = pool.submit(lambda: [reply(agent, ticket).status_code for _ in range(5)])
        seen = [view(agent, ticket) for _ in range(5)]
        assert answering.result() == [201] * 5
    assert all(len(one["conversation"]) == one["conversation_count"] for one in seen)
    counts = [one["conversation_count"] for one in seen]
    assert counts == sorted(counts)
    assert act(agent, ticket, "resolve").status_code == 200
    assert view(agent, ticket)["ticket"]["status"] == "resolved"
