"""The event feed: facts of all services, oldest first, for those who may read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing.bus import Bus
from chassis.testing.client import ApiClient
from chassis.testing.harness import ServiceHarness
from chassis.testing.waiting import eventually
from notifications.transaction import NotificationsTx
from rapport.contacts.events.v1 import company_events_pb2, person_events_pb2
from rapport.identity.events.v1 import user_events_pb2

FEED = "/v1/notifications/facts"
PERSON_CREATED = "rapport.contacts.events.v1.PersonCreated"
COMPANY_CREATED = "rapport.contacts.events.v1.CompanyCreated"
USER_INVITED = "rapport.identity.events.v1.UserInvited"

Notifications = ServiceHarness[NotificationsTx]


def say_person(bus: Bus, tenant_id: UUID, person_id: UUID | None = None) -> UUID:
    """Have contacts tell of a new person."""
    person_id = person_id or uuid4()
    fact = person_events_pb2.PersonCreated(person_id=str(person_id), source="import")
    bus.say(fact, tenant_id, person_id)
    return person_id


def say_company(bus: Bus, tenant_id: UUID) -> UUID:
    """Have contacts tell of a new company."""
    company_id = uuid4()
    bus.say(company_events_pb2.CompanyCreated(company_id=str(company_id)), tenant_id, company_id)
    return company_id


def read_all(client: ApiClient, query: str = "", token: str | None = None) -> tuple[list[Any], str]:
    """All events from a token on, and the token at the end."""
    items: list[Any] = []
    while True:
        going_on = f"&page_token={token}" if token else ""
        answer = client.get(f"{FEED}?{query}{going_on}")
        assert answer.status_code == 200, answer.text
        items += answer.json["items"]
        token = answer.json["next_page_token"]
        assert token
        if not answer.json["has_more"]:
            return items, token


def wait_for(client: ApiClient, count: int, query: str = "") -> list[Any]:
    """The events, when there are that many."""
    eventually(lambda: len(read_all(client, query)[0]) >= count)
    return read_all(client, query)[0]


def test_facts_come_as_cloud_events_in_the_order_in_which_they_were_stored(
    notifications: Notifications, bus: Bus
) -> None:
    tenant_id = notifications.new_tenant()
    people = [say_person(bus, tenant_id) for _ in range(3)]
    client = notifications.app_client(tenant_id)
    events = wait_for(client, 3)
    assert [event["position"] for event in events] == ["1", "2", "3"]
    assert {event["subject"] for event in events} == {str(person) for person in people}
    event = events[0]
    assert event["specversion"] == "1.0"
    assert event["type"] == PERSON_CREATED
    assert event["source"] == "rapport.contacts"
    assert event["datacontenttype"] == "application/json"
    assert event["aggregateversion"] == 1
    assert event["actor"] == "service:test"
    assert event["time"].endswith("Z")
    assert event["data"]["person_id"] == event["subject"]
    assert event["data"]["source"] == "import"
    assert event["data"]["external_ids"] == []


def test_a_token_leads_on_and_at_the_end_it_waits_for_what_comes(
    notifications: Notifications, bus: Bus
) -> None:
    tenant_id = notifications.new_tenant()
    client = notifications.app_client(tenant_id)
    for _ in range(3):
        say_person(bus, tenant_id)
    wait_for(client, 3)
    first = client.get(f"{FEED}?page_size=2").json
    assert (len(first["items"]), first["has_more"]) == (2, True)
    rest = client.get(f"{FEED}?page_size=2&page_token={first['next_page_token']}").json
    assert (len(rest["items"]), rest["has_more"]) == (1, False)
    token = rest["next_page_token"]
    nothing = client.get(f"{FEED}?page_token={token}").json
    assert (nothing["items"], nothing["has_more"]) == ([], False)
    person = say_person(bus, tenant_id)
    later = eventually(lambda: client.get(f"{FEED}?page_token={token}").json["items"])
    assert [event["subject"] for event in later] == [str(person)]


def test_only_facts_that_the_caller_may_read_over_all_records_are_told(
    notifications: Notifications, bus: Bus
) -> None:
    tenant_id = notifications.new_tenant()
    say_person(bus, tenant_id)
    say_company(bus, tenant_id)
    bus.say(user_events_pb2.UserInvited(user_id=str(uuid4())), tenant_id, uuid4())
    wait_for(notifications.app_client(tenant_id), 3)
    people_only = notifications.app_client(tenant_id, "contacts.people.read")
    assert {event["type"] for event in read_all(people_only)[0]} == {PERSON_CREATED}
    owner = notifications.user_client(
        tenant_id, {"contacts.people.read": "team", "contacts.companies.read": "all"}
    )
    assert {event["type"] for event in read_all(owner)[0]} == {COMPANY_CREATED}
    refused = owner.get(f"{FEED}?types={PERSON_CREATED}")
    assert refused.status_code == 403
    assert "contacts.people.read" in refused.json["detail"]
    nobody = notifications.user_client(tenant_id, {"contacts.people.read": "own"})
    assert nobody.get(FEED).status_code == 403


def test_types_are_chosen_by_name_and_by_beginning(notifications: Notifications, bus: Bus) -> None:
    tenant_id = notifications.new_tenant()
    client = notifications.app_client(tenant_id)
    say_person(bus, tenant_id)
    say_company(bus, tenant_id)
    bus.say(user_events_pb2.UserInvited(user_id=str(uuid4())), tenant_id, uuid4())
    wait_for(client, 3)
    for types, expected in (
        (PERSON_CREATED, {PERSON_CREATED}),
        ("rapport.contacts.*", {PERSON_CREATED, COMPANY_CREATED}),
        (f"rapport.identity.*,{COMPANY_CREATED}", {USER_INVITED, COMPANY_CREATED}),
    ):
        found = {event["type"] for event in read_all(client, f"types={types}")[0]}
        assert found == expected, types


@pytest.mark.parametrize("types", ["rapport.sales.events.v1.Nothing", "rapport.cont*acts", "*.x"])
def test_types_that_mean_nothing_are_refused_by_name(
    notifications: Notifications, types: str
) -> None:
    client = notifications.app_client(notifications.new_tenant())
    answer = client.get(f"{FEED}?types={types}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "types"


def test_another_tenants_facts_and_tokens_are_of_no_use(
    notifications: Notifications, bus: Bus
) -> None:
    tenant_id, other_id = notifications.new_tenant(), notifications.new_tenant()
    say_person(bus, tenant_id)
    wait_for(notifications.app_client(tenant_id), 1)
    other = notifications.app_client(other_id)
    assert read_all(other)[0] == []
    token = read_all(notifications.app_client(tenant_id))[1]
    answer = other.get(f"{FEED}?page_token={token}")
    assert (answer.status_code, answer.json["code"]) == (400, "page_token_invalid")


def test_the_types_that_may_be_read_are_listed_with_what_they_need(
    notifications: Notifications,
) -> None:
    client = notifications.app_client(notifications.new_tenant(), "identity.users.read")
    listed = client.get("/v1/notifications/fact-types").json["items"]
    assert {
        "type": USER_INVITED,
        "producer": "identity",
        "read_permission": "identity.users.read",
    } in listed
    assert {item["read_permission"] for item in listed} == {"identity.users.read"}
