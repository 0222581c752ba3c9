"""Who has asked, where only an address is known: contacts is asked until it has answered (DE-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.clock import MovableClock
from chassis.testing.client import ApiClient
from desk.requesters.asking import RequesterAsking
from rapport.desk.events.v1 import ticket_events_pb2 as events
from services.desk.tests.builders import (
    TICKETS,
    Desk,
    at_once,
    facts,
    good,
    lasting_app,
    open_ticket,
)
from services.desk.tests.conversing import act, conversation, current
from services.desk.tests.fakes import FakeRequesters
from services.desk.tests.knowing import ASSETS

ADA = "ada@example.com"


@pytest.fixture
def contacts() -> FakeRequesters:
    """What contacts knows: nothing, but for what a test says."""
    return FakeRequesters()


@pytest.fixture
def ask(timed: Desk, contacts: FakeRequesters) -> Callable[[], None]:
    """Asks about all who are due."""
    service = timed.service
    asking = RequesterAsking(service.database, service.operations, contacts, "desk", service.clock)

    def all_due() -> None:
        while asking.ask_due() == 0:
            pass

    return all_due


@pytest.fixture
def client(timed: Desk, clock: MovableClock) -> ApiClient:
    """An app whose token lasts."""
    return lasting_app(timed, clock)


def test_a_ticket_is_there_at_once_and_names_its_person_when_contacts_has_answered(
    timed: Desk,
    clock: MovableClock,
    client: ApiClient,
    contacts: FakeRequesters,
    ask: Callable[[], None],
) -> None:
    ticket = open_ticket(client, requester_address=ADA)
    ask()
    assert current(client, ticket)["person_id"] is None
    person = uuid4()
    contacts.tell(client.tenant_id, ADA, person)
    ask()
    # Whoever did not answer is left alone for a while.
    assert len(contacts.asked_about(ticket["id"])) == 1
    clock.move(timedelta(minutes=1))
    ask()
    assert current(client, ticket)["person_id"] == str(person)
    (told,) = facts(timed, client, events.TicketChanged)
    assert list(told.changed_fields) == ["person_id"]
    clock.move(timedelta(days=1))
    ask()
    assert len(contacts.asked_about(ticket["id"])) == 2


def test_what_a_customer_owns_is_what_their_ticket_is_about_if_it_is_the_only_thing(
    client: ApiClient, contacts: FakeRequesters, ask: Callable[[], None]
) -> None:
    person = uuid4()
    machine = {"product_sku": "EM-1", "name": "Machine", "person_id": str(person)}
    owned = good(client.post(ASSETS, machine))
    contacts.tell(client.tenant_id, ADA, person)
    ticket = open_ticket(client, requester_address=ADA)
    ask()
    shown = current(client, ticket)
    assert (shown["asset_id"], shown["product_sku"]) == (owned["id"], "EM-1")
    good(client.post(ASSETS, {**machine, "product_sku": "EM-2"}))
    which, named = (
        open_ticket(client, requester_address=ADA, product_sku=sku) for sku in ("", "EM-1")
    )
    ask()
    assert [current(client, one)["asset_id"] for one in (which, named)] == [None, owned["id"]]


def test_where_several_may_be_meant_an_agent_says_who_it_is(
    client: ApiClient, contacts: FakeRequesters, ask: Callable[[], None]
) -> None:
    contacts.tell(client.tenant_id, ADA, None)
    ticket = open_ticket(client, requester_address=ADA)
    ask()
    ask()
    assert current(client, ticket)["person_id"] is None
    assert len(contacts.asked_about(ticket["id"])) == 1


def test_an_answer_that_comes_late_changes_what_is_closed_and_not_what_somebody_has_said(
    client: ApiClient, contacts: FakeRequesters, ask: Callable[[], None]
) -> None:
    ada = uuid4()
    contacts.tell(client.tenant_id, ADA, ada)
    known, closed = (open_ticket(client, requester_address=ADA) for _ in range(2))
    person = str(uuid4())
    good(client.patch(f"{TICKETS}/{known['id']}", {"person_id": person}))
    good(act(client, closed, "resolve"))
    good(act(client, closed, "close"))
    ask()
    assert current(client, known)["person_id"] == person
    assert (current(client, closed)["person_id"], current(client, closed)["status"]) == (
        str(ada),
        "closed",
    )


def test_what_was_said_by_an_address_names_its_person_wherever_it_is_by_now(
    client: ApiClient, contacts: FakeRequesters, ask: Callable[[], None]
) -> None:
    ada = uuid4()
    ticket = open_ticket(client, requester_address=ADA, message={"text": "It leaks."})
    into = open_ticket(client, message={"text": "Bob here."})
    good(act(client, ticket, "merge", into_id=into["id"]))
    contacts.tell(client.tenant_id, ADA, ada)
    ask()
    assert current(client, ticket)["person_id"] == str(ada)
    named = [one["sender"]["person_id"] for one in conversation(client, into)]
    assert named == [str(ada), None]


def test_another_address_is_asked_about_anew(
    client: ApiClient, contacts: FakeRequesters, ask: Callable[[], None]
) -> None:
    person = uuid4()
    contacts.tell(client.tenant_id, "eve@example.com", person)
    ticket = open_ticket(client, requester_address=ADA)
    path = f"{TICKETS}/{ticket['id']}"
    outcomes = at_once(*[lambda: client.patch(path, {"requester_address": "eve@example.com"})] * 2)
    assert outcomes == [200, 200]
    ask()
    assert current(client, ticket)["person_id"] == str(person)
